"""Browsers by the name people use."""

import pytest

from web.office.browsers import spoken

LIKE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 on Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {LIKE} Chrome/141.0.0.0 Safari/537.36", "Chrome 141 on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {LIKE} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0", "Edge 141 on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.5 Safari/605.1.15",
            "Safari 18 on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari 18 on iPhone",
        ),
        (f"Mozilla/5.0 (Linux; Android 15) {LIKE} Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome 141 on Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("<b>\u202eevil", "<b>\u202eevil"),
        ("", "unknown"),
    ],
)  # fmt: skip
def test_a_browser_is_called_as_people_do(user_agent: str, said: str) -> None:
    assert spoken(user_agent) == said
