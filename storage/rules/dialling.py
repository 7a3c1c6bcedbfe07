"""Which numbers may be dialled, by whom and how many at once; pure.

Premium and foreign numbers are closed until somebody opens them. Emergency numbers are always open:
no rule and no cap stands in their way.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, shortnumberinfo

from pbx_bridge import phone
from storage.rules.permissions import RoleName

WINDOW_SECONDS = 60  # that a rate is counted over
_SERVICE = re.compile(r"[*#][\d*#]{0,19}", re.ASCII)
_SHORT = re.compile(r"\d{1,8}", re.ASCII)
_SHORTEST_PAID = 5  # digits: shorter ones that are no emergency are taken for ours
_DEAR = frozenset(
    {
        *(PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST),
        *(PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.PAGER),
    }
)
_CHEAP = frozenset(
    {shortnumberinfo.ShortNumberCost.TOLL_FREE, shortnumberinfo.ShortNumberCost.STANDARD_RATE}
)


class NumberKind(StrEnum):
    """What it means to dial a number."""

    EMERGENCY = "emergency"
    INTERNAL = "internal"
    NATIONAL = "national"
    INTERNATIONAL = "international"
    PREMIUM = "premium"  # also shared cost, personal numbers, pagers: dearer than they look
    SERVICE = "service"  # *21*…: makes the PBX do something, as forwarding a phone
    UNREAD = "unread"  # looks like a number, of a range that we do not know


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """A number that somebody wants to dial; `exten` is what the PBX is given."""

    exten: str
    kind: NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DialRule:
    """What one role may dial; a cap of 0 stops every call but emergencies."""

    kinds: frozenset[NumberKind] = frozenset({NumberKind.INTERNAL, NumberKind.NATIONAL})
    per_minute: int = 10
    at_once: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DialCaps:
    """What all of the company may place together, and when: hours of the company's own clock.

    From `from_hour` until `to_hour`, over midnight where that is the smaller one; at other hours
    only emergencies and internal calls.
    """

    per_minute: int = 60
    at_once: int = 30
    from_hour: int = 0
    to_hour: int = 24

    def is_night(self, hour: int) -> bool:
        """Whether calls to others are closed at this hour (0 to 23)."""
        if self.from_hour <= self.to_hour:
            return not self.from_hour <= hour < self.to_hour
        return self.to_hour <= hour < self.from_hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was placed in the last minute, and what is going on, by one user and by all."""

    mine: int = 0
    mine_now: int = 0
    all: int = 0
    all_now: int = 0


class Barrier(StrEnum):
    """Why a number is not dialled."""

    NO_NUMBER = "no_number"
    CLOSED = "closed"  # this kind of number, for this role
    NIGHT = "night"  # outside the hours in which calls are placed
    RATE = "rate"
    AT_ONCE = "at_once"
    RATE_OF_ALL = "rate_of_all"
    AT_ONCE_OF_ALL = "at_once_of_all"


DEFAULTS = {
    RoleName.AGENT: DialRule(),
    RoleName.SUPERVISOR: DialRule(),
    RoleName.ADMINISTRATOR: DialRule(),
}


def classify(
    written: str, region: str, *, internal_digits: int = 5, extensions: Collection[str] = ()
) -> Dialled | None:
    """Say what a number is; None where it is none that can be dialled.

    `region` (ISO 3166, "DE") is where the PBX stands, `extensions` are phones that we know there.
    """
    bare = re.sub(r"[\s().\-/\u00a0]", "", written.strip())
    kind = _kind_of_short(bare, region, internal_digits, extensions)
    if kind is not None:
        return Dialled(exten=bare, kind=kind)
    e164 = phone.normalise(written, region, internal_digits=internal_digits)
    if e164 is not None:
        return Dialled(exten=e164, kind=_kind_of(phonenumbers.parse(e164), region))
    return _unread(written, region)


def barrier(
    dialled: Dialled | None, rule: DialRule, caps: DialCaps, usage: Usage, *, hour: int
) -> Barrier | None:
    """Say what stands in the way of a call at this hour; None where nothing does."""
    if dialled is None:
        return Barrier.NO_NUMBER
    if dialled.kind is NumberKind.EMERGENCY:
        return None
    if dialled.kind not in rule.kinds:
        return Barrier.CLOSED
    stops = (
        (Barrier.NIGHT, dialled.kind is not NumberKind.INTERNAL and caps.is_night(hour)),
        (Barrier.AT_ONCE, usage.mine_now >= rule.at_once),
        (Barrier.RATE, usage.mine >= rule.per_minute),
        (Barrier.AT_ONCE_OF_ALL, usage.all_now >= caps.at_once),
        (Barrier.RATE_OF_ALL, usage.all >= caps.per_minute),
    )
    return next((why for why, stops_it in stops if stops_it), None)


def _kind_of_short(
    bare: str, region: str, internal_digits: int, extensions: Collection[str]
) -> NumberKind | None:
    """What is dialled as it stands; None for a number with an area or a country."""
    if _SERVICE.fullmatch(bare):
        return NumberKind.SERVICE
    if not _SHORT.fullmatch(bare):
        return None
    if shortnumberinfo.is_emergency_number(bare, region):
        return NumberKind.EMERGENCY
    if bare in extensions:
        return NumberKind.INTERNAL
    if _is_paid_short(bare, region):
        return NumberKind.PREMIUM
    return NumberKind.INTERNAL if len(bare) <= internal_digits else None


def _is_paid_short(bare: str, region: str) -> bool:
    """Directory enquiries and the like: 118118, 11833; they cost as premium numbers do."""
    if len(bare) < _SHORTEST_PAID:
        return False
    number = _parse(bare, region)
    if number is None or not shortnumberinfo.is_valid_short_number_for_region(number, region):
        return False
    return shortnumberinfo.expected_cost_for_region(number, region) not in _CHEAP


def _kind_of(number: PhoneNumber, region: str) -> NumberKind:
    if phonenumbers.number_type(number) in _DEAR:
        return NumberKind.PREMIUM
    home = phonenumbers.region_code_for_number(number)
    if home == region:
        return NumberKind.NATIONAL
    is_ours = number.country_code == phonenumbers.country_code_for_region(region)
    # Of our own country, and of no range that is known: it may well be a new premium one.
    return NumberKind.UNREAD if is_ours and home is None else NumberKind.INTERNATIONAL


def _unread(written: str, region: str) -> Dialled | None:
    number = _parse(written, region)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Dialled(exten=e164, kind=NumberKind.UNREAD)


def _parse(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None
