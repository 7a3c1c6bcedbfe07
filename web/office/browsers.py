"""What a browser calls itself, as a person would say it: Firefox 140 on Linux."""

import re

from web.i18n import _

PROGRAMS = (  # the first that is named counts: most name the older ones too
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"OPR/(\d+)")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS|Chromium)/(\d+)")),
    ("Safari", re.compile(r"Version/(\d+)[\d.]* (?:Mobile/\S+ )?Safari/")),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def spoken(user_agent: str) -> str:
    """Return the browser and its system; what names neither is given as it is."""
    found = ((name, program.search(user_agent)) for name, program in PROGRAMS)
    browser = next((f"{name} {match[1]}" for name, match in found if match), "")
    system = next((name for word, name in SYSTEMS if word in user_agent), "")
    if browser and system:
        return _("{browser} on {system}").format(browser=browser, system=system)
    return browser or system or user_agent or _("unknown")
