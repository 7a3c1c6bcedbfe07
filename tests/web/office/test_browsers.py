"""Browsers by the name people use."""

import pytest

from web.office.browsers import spoken

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
ANDROID = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) "
APPLE = "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 {}Safari/605.1"
CHROME = "Chrome/141.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (FIREFOX, "Firefox 140 on Linux"),
        (WINDOWS + CHROME, "Chrome 141 on Windows"),
        (WINDOWS + CHROME + " Edg/140.0.0.0", "Edge 140 on Windows"),
        (WINDOWS + CHROME + " OPR/120.0.0.0", "Opera 120 on Windows"),
        (APPLE.format("Macintosh; Intel Mac OS X 10_15_7", ""), "Safari 18 on macOS"),
        (
            APPLE.format("iPhone; CPU iPhone OS 18_5 like Mac OS X", "Mobile/1 "),
            "Safari 18 on iPhone",
        ),
        (ANDROID + CHROME, "Chrome 141 on Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("<b>\u202eevil", "<b>\u202eevil"),
        ("", "unknown"),
    ],
)
def test_a_browser_is_called_as_people_do(user_agent: str, said: str) -> None:
    assert spoken(user_agent) == said
