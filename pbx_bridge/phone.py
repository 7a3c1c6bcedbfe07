"""One spelling for every phone number: E.164, whatever people, PBXs and trunks write."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat

Kind = Literal["public", "internal", "withheld", "odd"]

LONGEST = 250  # characters; nothing longer is a number
_SHORTEST_FOREIGN = 10  # digits: shorter ones are not taken for a foreign number without its plus

# +E.164 of countries where nothing can stand between the country code and the number. Only the
# length is checked: a range that is too new for our tables must still match what was stored.
_PLAIN = re.compile(
    r"\+(?:1[2-9]\d{2}[2-9]\d{6}|7[3489]\d{9}|(?:3[0-46]|4[013-9])[1-9]\d{6,11})", re.ASCII
)
_WITHHELD = frozenset(
    {
        *("anonymous", "anonymus", "anonym", "unknown", "withheld", "unavailable", "hidden"),
        *("private", "privat", "privé", "privado", "restricted", "blocked", "none", "null"),
        *("unbekannt", "unterdrückt", "inconnu", "sconosciuto", "скрыт", "неизвестно"),
        "266696687",  # ANONYMOUS, typed on a keypad
        "7378742833",  # RESTRICTED
        "2562533",  # BLOCKED
        "8566696",  # UNKNOWN
        "86282452253",  # UNAVAILABLE
    }
)
_INVISIBLE = {"Cc", "Cf"}  # control and format characters, as bidirectional marks
_ADDRESS = re.compile(r"<([^<>]*)>\s*$")
_SIP = re.compile(r"sips?:([^@?]*)", re.IGNORECASE)
_SERVICE = re.compile(r"[*#\d]+", re.ASCII)


def normalise(written: str, region: str, *, internal_digits: int = 5) -> str | None:
    """Return the number in E.164, or None where it is withheld, internal or no number at all.

    `region` (ISO 3166, "DE") reads what is written without a country code; numbers of up to
    `internal_digits` digits are ours. Extensions are dropped.
    """
    if _PLAIN.fullmatch(written):
        return written
    return _normalise(written, region, internal_digits)


def plain_number(e164: str) -> PhoneNumber | None:
    """Return a number whose country code can be told at a glance, taken apart; else None.

    A fifth of the time that a whole parse takes: a pop waits for it.
    """
    if not _PLAIN.fullmatch(e164):
        return None
    code = 1 if e164[1] in "17" else 2
    return PhoneNumber(country_code=int(e164[1 : 1 + code]), national_number=int(e164[1 + code :]))


def kind(written: str, region: str, *, internal_digits: int = 5) -> Kind:
    """Say what a number is: public, internal, withheld, or odd (none that we can read)."""
    if _PLAIN.fullmatch(written):
        return "public"
    text = _bare(written)
    if _is_withheld(text):
        return "withheld"
    if _is_internal(text, internal_digits):
        return "internal"
    public = normalise(written, region, internal_digits=internal_digits)
    return "odd" if public is None else "public"


def digits_of(written: str) -> str:
    """Return the ASCII digits of a text in their order, whatever script they were written in."""
    return "".join(str(unicodedata.decimal(sign)) for sign in written if sign.isdecimal())


def beginnings(typed: str, region: str) -> tuple[str, ...]:
    """Return how numbers in E.164 may begin when someone has typed this much of one."""
    digits = digits_of(_bare(typed))
    code, prefix = _plan(region)
    if not digits:
        return ()
    if typed.lstrip().startswith("+"):
        return (f"+{digits}",)
    if digits.startswith("00"):
        return (f"+{digits[2:]}",)
    if prefix and digits.startswith(prefix):
        return (f"+{code}{digits.removeprefix(prefix)}", f"+{digits}")
    return (f"+{code}{digits}", f"+{digits}")


@lru_cache(maxsize=16384)
def _normalise(written: str, region: str, internal_digits: int) -> str | None:
    text = _bare(written)
    if not text or _is_withheld(text) or _is_internal(text, internal_digits):
        return None
    readings = _readings(text, region)
    parsed = [number for reading in readings if (number := _parse(reading, region))]
    valid = next(filter(phonenumbers.is_valid_number, parsed), None)
    if valid is not None:
        return _spell(valid)
    newer = _spell(parsed[0]) if parsed and text.startswith(("+", "tel:+", "00")) else ""
    return newer if _PLAIN.fullmatch(newer) else None


def _readings(text: str, region: str) -> tuple[str, ...]:
    """Return how the text may be meant, likeliest first."""
    digits = digits_of(text)
    if text.startswith(("+", "tel:")) or not digits:
        return (text,)
    abroad = "+" + text.lstrip("( ")
    if digits.startswith("00"):
        return (text, "+" + text.lstrip("( ").removeprefix("00"))
    code, prefix = _plan(region)
    if prefix and prefix != code and digits.startswith(code):
        return (abroad, text)  # where people dial 030, no number begins with 49 but from a trunk
    return (text, abroad) if len(digits) >= _SHORTEST_FOREIGN else (text,)


@lru_cache(maxsize=300)
def _plan(region: str) -> tuple[str, str]:
    """Return the country code of a region, and what is dialled there before an area code."""
    metadata = PhoneMetadata.metadata_for_region(region)
    return (str(metadata.country_code), metadata.national_prefix or "") if metadata else ("", "")


def _parse(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _spell(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@lru_cache(maxsize=16384)
def _bare(written: str) -> str:
    """Take off what surrounds a number: names, brackets, SIP addresses, invisible signs."""
    if len(written) > LONGEST:
        return ""
    text = unicodedata.normalize("NFKC", written)
    text = "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in text
        if unicodedata.category(sign) not in _INVISIBLE
    ).strip()
    if address := _ADDRESS.search(text):
        text = address[1].strip()
    if sip := _SIP.match(text):
        user = unquote(sip[1].partition(";phone-context")[0].partition(";")[0])
        text = user.partition(":")[0]
    return "tel:" + text[4:] if text[:4].lower() == "tel:" else text


def _is_withheld(text: str) -> bool:
    words = re.sub(r"[^\w]+", " ", text.casefold()).split()
    return not words or all(word in _WITHHELD or word in {"number", "nummer"} for word in words)


def _is_internal(text: str, internal_digits: int) -> bool:
    short = re.sub(r"[\s().-]", "", text.removeprefix("tel:"))
    return len(short) <= internal_digits and _SERVICE.fullmatch(short) is not None
