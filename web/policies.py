"""What a page may load and reach, as its Content-Security-Policy says."""

from web.config import Settings


def of_page(settings: Settings, *also: str) -> str:
    """Return the policy of a page; `also` are further addresses that its scripts may connect to."""
    reached = " ".join(("'self'", settings.live_url, *also))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; connect-src {reached}"
    )
