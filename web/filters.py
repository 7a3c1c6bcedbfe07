"""How values are written on a page: times in the company's zone, durations, phone numbers."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_time

from pbx_bridge.ami.troubles import SENTENCES
from pbx_bridge.matching import msgid
from pbx_bridge.phone import plain_number
from web import i18n

CAUSES = (  # of gaps, beside what a link says of itself; written by journey/books/recovery.py
    msgid("Ringbook was not running, or did not lead."),
    msgid("The link is down."),
    msgid("The link broke for a moment."),
)
NOTHING = "\N{EN DASH}"
_zone: ContextVar[str] = ContextVar("zone", default="UTC")


def use_zone(name: str) -> None:
    """Make the company's time zone that of this request."""
    _zone.set(name)


def zone() -> ZoneInfo:
    """Return the time zone of this request."""
    return ZoneInfo(_zone.get())


def local_time(at: datetime | None) -> str:
    """Day and time of day in the company's zone, or a dash."""
    if at is None:
        return NOTHING
    local = at.astimezone(zone())
    day = format_date(local, "medium", locale=i18n.formats())
    return f"{day}, {format_time(local, 'HH:mm', locale=i18n.formats())}"


def clock(at: datetime | None) -> str:
    """Time of day with seconds in the company's zone, or a dash."""
    if at is None:
        return NOTHING
    return format_time(at.astimezone(zone()), "HH:mm:ss", locale=i18n.formats())


def local_date(day: date | datetime | None) -> str:
    """The day, or a dash."""
    if day is None:
        return NOTHING
    if isinstance(day, datetime):
        day = day.astimezone(zone()).date()
    return format_date(day, "medium", locale=i18n.formats())


def written(kind: str, answer: str) -> str:
    """An answer of a script as people write it: a number, a day, several choices in a row."""
    if kind == "number" and answer:
        return i18n.number(float(answer))
    if kind == "date" and answer:
        return local_date(date.fromisoformat(answer))
    return ", ".join(answer.split("\n")) if kind == "choices" else answer


def duration(seconds: float | None) -> str:
    """Seconds as 1:05 or 1:02:03, or a dash."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@lru_cache(maxsize=4096)
def phone(number: str | None) -> str:
    """A number in E.164 as people write it internationally; anything else as it is."""
    if not number or not number.startswith("+"):
        return number or ""
    try:
        parsed = plain_number(number) or phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def number(value: object, digits: int | None = None) -> object:
    """A number as the language writes it (1,234.5; 1.234,5); anything else as it is."""
    return i18n.number(value, digits) if isinstance(value, int | float) else value


@cache
def _link_sentences() -> list[tuple[str, re.Pattern[str]]]:
    made = []
    for text in (*SENTENCES, *CAUSES):
        parts = re.split(r"\{(\w+)\}", text)
        fixed = [re.escape(part) for part in parts[::2]]
        names = [f"(?P<{name}>.*)" for name in parts[1::2]] + [""]
        made.append((text, re.compile("".join(map("".join, zip(fixed, names, strict=True))))))
    return made


def retold(sentence: str | None) -> str:
    """Why a link was down, kept as it was said, in the language of this request."""
    for text, pattern in _link_sentences():
        if found := pattern.fullmatch(sentence or ""):
            return i18n.gettext(text).format(**found.groupdict())
    return sentence or ""


FILTERS: dict[str, Callable[..., Any]] = {
    "local_time": local_time,
    "local_date": local_date,
    "clock": clock,
    "duration": duration,
    "phone": phone,
    "number": number,
    "written": written,
    "retold": retold,
}
