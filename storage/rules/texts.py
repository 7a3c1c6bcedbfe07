"""What may be stored of a text that someone typed or a file held."""

import unicodedata

_KEPT = "\n\t"


def clean(text: str, *, limit: int | None = None) -> str:
    """Return the text without control characters (a database refuses NUL), trimmed and cut."""
    kept = "".join(
        sign for sign in text.replace("\r\n", "\n") if sign in _KEPT or not _is_control(sign)
    )
    return kept.strip()[:limit]


def one_line(text: str, *, limit: int | None = None) -> str:
    """Return the text cleaned, on one line with single spaces."""
    return clean(" ".join(text.split()), limit=limit)


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs"}
