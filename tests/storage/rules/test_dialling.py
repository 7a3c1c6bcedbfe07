"""Which numbers may be dialled: a table of numbers, and what stands in the way of each."""

from dataclasses import replace

import pytest

from storage.rules.dialling import (
    DEFAULTS,
    Barrier,
    DialCaps,
    Dialled,
    DialRule,
    NumberKind,
    Usage,
    barrier,
    classify,
)

OPEN = DialRule(kinds=frozenset(NumberKind))
LONDON = Dialled(exten="+442071234567", kind=NumberKind.NATIONAL)


@pytest.mark.parametrize(
    ("written", "region", "kind", "exten"),
    [
        ("101", "GB", NumberKind.INTERNAL, "101"),
        ("4000", "DE", NumberKind.INTERNAL, "4000"),
        ("112", "DE", NumberKind.EMERGENCY, "112"),
        ("110", "DE", NumberKind.EMERGENCY, "110"),
        ("999", "GB", NumberKind.EMERGENCY, "999"),
        ("9 9 9", "GB", NumberKind.EMERGENCY, "999"),
        ("911", "US", NumberKind.EMERGENCY, "911"),
        ("020 7123 4567", "GB", NumberKind.NATIONAL, "+442071234567"),
        ("+44 (20) 7123-4567", "GB", NumberKind.NATIONAL, "+442071234567"),
        ("030 1234567", "DE", NumberKind.NATIONAL, "+49301234567"),
        ("+49 30 1234567", "GB", NumberKind.INTERNATIONAL, "+49301234567"),
        ("0049 30 1234567", "GB", NumberKind.INTERNATIONAL, "+49301234567"),
        ("+1 876 555 1234", "US", NumberKind.INTERNATIONAL, "+18765551234"),  # Jamaica: also +1
        ("+7 701 234 56 78", "RU", NumberKind.INTERNATIONAL, "+77012345678"),  # Kazakhstan: also +7
        ("+881 612 345678", "GB", NumberKind.INTERNATIONAL, "+881612345678"),  # by satellite
        ("0900 1 234567", "DE", NumberKind.PREMIUM, "+499001234567"),
        ("0906 123 4567", "GB", NumberKind.PREMIUM, "+449061234567"),
        ("+1 900 555 1234", "US", NumberKind.PREMIUM, "+19005551234"),
        ("+44 906 123 4567", "DE", NumberKind.PREMIUM, "+449061234567"),  # also abroad
        ("0845 123 4567", "GB", NumberKind.PREMIUM, "+448451234567"),
        ("070 1234 5678", "GB", NumberKind.PREMIUM, "+447012345678"),  # a personal number
        ("118118", "GB", NumberKind.PREMIUM, "118118"),
        ("11833", "DE", NumberKind.PREMIUM, "11833"),
        ("116117", "DE", NumberKind.UNREAD, ""),
        ("*21*0301234567#", "DE", NumberKind.SERVICE, "*21*0301234567#"),
        ("#31#", "DE", NumberKind.SERVICE, "#31#"),
    ],
)
def test_a_number_is_of_one_kind(written: str, region: str, kind: NumberKind, exten: str) -> None:
    dialled = classify(written, region)
    if not exten:
        assert dialled is None or dialled.kind is kind
        return
    assert dialled == Dialled(exten=exten, kind=kind)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "anonymous",
        "Zoë",
        "+",
        "1\r\nAction: Logoff",
        "0" * 300,
        "+44 20",
        "12;34567890123456",
    ],
)
def test_what_is_no_number_cannot_be_dialled(written: str) -> None:
    dialled = classify(written, "GB")
    assert barrier(dialled, DEFAULTS["agent"], DialCaps(), Usage(), hour=12) is not None


def test_an_extension_that_we_know_is_ours_whatever_the_country_thinks_of_it() -> None:
    assert classify("11833", "DE", extensions={"11833"}) == Dialled(
        exten="11833", kind=NumberKind.INTERNAL
    )


def test_what_reaches_the_pbx_has_the_shape_of_an_extension() -> None:
    for written in ("020 7123 4567", "112", "101", "*21#", "+49 30 1234567"):
        dialled = classify(written, "GB")
        assert dialled is not None
        assert set(dialled.exten) <= set("0123456789+*#")


@pytest.mark.parametrize("role", list(DEFAULTS))
@pytest.mark.parametrize("kind", [k for k in NumberKind if k is not NumberKind.EMERGENCY])
def test_by_default_only_internal_and_national_numbers_are_open(role: str, kind) -> None:
    stands = barrier(Dialled(exten="1", kind=kind), DEFAULTS[role], DialCaps(), Usage(), hour=12)
    is_open = kind in {NumberKind.INTERNAL, NumberKind.NATIONAL}
    assert stands is (None if is_open else Barrier.CLOSED)


def test_nothing_stands_in_the_way_of_an_emergency() -> None:
    nothing = DialRule(kinds=frozenset(), per_minute=0, at_once=0)
    busy = Usage(mine=99, mine_now=99, all=99, all_now=99)
    none = DialCaps(per_minute=0, at_once=0)
    emergency = Dialled(exten="112", kind=NumberKind.EMERGENCY)
    assert barrier(emergency, nothing, none, busy, hour=12) is None


@pytest.mark.parametrize(
    ("usage", "why"),
    [
        (Usage(mine=9, mine_now=1, all=59, all_now=29), None),
        (Usage(mine=10), Barrier.RATE),
        (Usage(mine_now=2), Barrier.AT_ONCE),
        (Usage(all=60), Barrier.RATE_OF_ALL),
        (Usage(all_now=30), Barrier.AT_ONCE_OF_ALL),
    ],
)
def test_each_cap_stops_the_call_that_would_pass_it(usage: Usage, why: Barrier | None) -> None:
    assert barrier(LONDON, OPEN, DialCaps(), usage, hour=12) is why


def test_a_cap_of_nothing_stops_everything() -> None:
    nothing = replace(OPEN, at_once=0)
    assert barrier(LONDON, nothing, DialCaps(), Usage(), hour=12) is Barrier.AT_ONCE


@pytest.mark.parametrize(
    ("begins", "ends", "open_hours"),
    [
        (0, 24, set(range(24))),
        (8, 18, set(range(8, 18))),
        (22, 6, {22, 23, *range(6)}),
        (0, 0, set()),
    ],
)
def test_at_night_only_emergencies_and_internal_calls_are_placed(
    begins: int, ends: int, open_hours: set[int]
) -> None:
    caps = DialCaps(from_hour=begins, to_hour=ends)
    for hour in range(24):
        why = None if hour in open_hours else Barrier.NIGHT
        assert barrier(LONDON, OPEN, caps, Usage(), hour=hour) is why
        for kind in (NumberKind.EMERGENCY, NumberKind.INTERNAL):
            assert barrier(Dialled(exten="1", kind=kind), OPEN, caps, Usage(), hour=hour) is None
