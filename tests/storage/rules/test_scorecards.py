"""Scoring: marks, weights, what does not apply, what fails a call, rounding, spreads, weeks."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.rules import scorecards as rules
from storage.rules.scorecards import Item, ItemKind, Outline, Result, Section

HELLO = Item(key="i1", label="Greeted", weight=2)
NEED = Item(key="i2", label="Found the need", kind=ItemKind.SCALE, lowest=1, highest=5)
LAW = Item(key="i3", label="Told of the recording", weight=0, critical=True, skippable=False)
CARE = Item(key="i4", label="Tone", kind=ItemKind.SCALE, lowest=0, highest=10, critical=True)
OUTLINE = Outline(
    (
        Section(key="s1", title="Opening", weight=1, items=(HELLO, NEED, LAW)),
        Section(key="s2", title="Talk", weight=3, items=(CARE,)),
    )
)


def by_hand(answers: dict[str, str]) -> Fraction | None:
    """The same sum, written out for this scorecard alone."""
    first = []
    if answers["i1"] != "na":
        first.append((2, Fraction(answers["i1"] == "yes")))
    if answers["i2"] != "na":
        first.append((1, Fraction(int(answers["i2"]) - 1, 4)))
    parts = []
    if first:
        weight = sum(w for w, _ in first)
        parts.append((1, sum((w * v for w, v in first), Fraction()) / weight))
    if answers["i4"] != "na":
        parts.append((3, Fraction(int(answers["i4"]), 10)))
    weight = sum(w for w, _ in parts)
    return sum((w * v for w, v in parts), Fraction()) / weight if weight else None


def test_every_combination_of_marks_comes_to_what_a_sum_by_hand_does() -> None:
    items = [item for _, item in OUTLINE.items()]
    tried = 0
    for marks in product(*(rules.choices(item) for item in items)):
        answers = dict(zip((item.key for item in items), marks, strict=True))
        found, exact = rules.score(OUTLINE, answers), by_hand(answers)
        fails = answers["i3"] == "no" or answers["i4"] == "0"
        assert bool(found.failed) is fails
        if exact is None:
            assert found.earned is None
        else:
            assert found.earned is not None
            assert abs(Fraction(found.earned) - exact * 100) <= Fraction(1, 20)
        assert found.percent == (Decimal("0.0") if fails else found.earned)
        assert not found.missing
        tried += 1
    assert tried == 3 * 6 * 2 * 12


def test_what_does_not_apply_takes_its_weight_out() -> None:
    all_well = {"i1": "yes", "i2": "na", "i3": "yes", "i4": "10"}
    assert rules.score(OUTLINE, all_well).percent == Decimal("100.0")
    no_opening = {"i1": "na", "i2": "na", "i3": "yes", "i4": "5"}
    found = rules.score(OUTLINE, no_opening)
    assert (found.percent, found.sections["s1"]) == (Decimal("50.0"), None)
    nothing = {"i1": "na", "i2": "na", "i3": "yes", "i4": "na"}
    assert rules.score(OUTLINE, nothing).percent is None


def test_a_critical_no_fails_the_call_whatever_else_was_good() -> None:
    found = rules.score(OUTLINE, {"i1": "yes", "i2": "5", "i3": "no", "i4": "10"})
    assert (found.percent, found.earned) == (Decimal("0.0"), Decimal("100.0"))
    assert found.failed == (LAW,)
    low = rules.score(OUTLINE, {"i4": "0"})
    assert low.failed == (CARE,)
    assert rules.score(OUTLINE, {"i4": "1"}).failed == ()
    assert not rules.fails(CARE, "na")
    assert not rules.fails(CARE, "")


def test_a_failed_call_has_a_score_of_nought_even_where_nothing_counts() -> None:
    assert rules.score(OUTLINE, {"i3": "no"}).percent == Decimal("0.0")


def test_what_is_not_rated_yet_is_named_and_left_out() -> None:
    found = rules.score(OUTLINE, {"i1": "no"})
    assert found.missing == (NEED, LAW, CARE)
    assert found.percent == Decimal("0.0")
    assert rules.score(OUTLINE, {}).percent is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(Fraction(1, 3), "33.3", id="a third"),
        pytest.param(Fraction(2, 3), "66.7", id="two thirds"),
        pytest.param(Fraction(1, 16), "6.3", id="6.25 is a half and goes up"),
        pytest.param(Fraction(5, 16), "31.3", id="31.25 as well, though 2 is even"),
        pytest.param(Fraction(9995, 10000), "100.0", id="99.95 is a hundred"),
        pytest.param(Fraction(0), "0.0", id="nothing"),
    ],
)
def test_a_score_is_rounded_once_to_a_tenth_and_a_half_goes_up(value, shown) -> None:
    assert str(rules.percent(value)) == shown


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 10)), min_size=1, max_size=6))
def test_no_weights_bring_a_score_out_of_its_bounds(rated: list[tuple[int, int]]) -> None:
    items = tuple(
        Item(key=f"i{n}", kind=ItemKind.SCALE, lowest=0, highest=10, weight=weight)
        for n, (weight, _) in enumerate(rated)
    )
    outline = Outline((Section(key="s1", items=items),))
    answers = {f"i{n}": str(mark) for n, (_, mark) in enumerate(rated)}
    found = rules.score(outline, answers).percent
    counting = [mark * 10 for weight, mark in rated if weight]
    assert (found is None) is not counting
    if found is not None:
        assert min(counting) <= found <= max(counting)


def test_marks_are_those_of_the_item() -> None:
    assert rules.choices(NEED) == ("5", "4", "3", "2", "1", "na")
    assert rules.choices(LAW) == ("yes", "no")
    assert rules.read_mark(NEED, " 3 ") == ("3", None)
    assert rules.read_mark(NEED, "") == ("", None)
    for item, text, said in (
        (NEED, "6", "has no such mark"),
        (NEED, "yes", "has no such mark"),
        (HELLO, "1", "has no such mark"),
        (LAW, "na", "always applies"),
    ):
        mark, problem = rules.read_mark(item, text)
        assert mark == ""
        assert said in str(problem)


def test_a_scorecard_is_kept_as_json_and_comes_back_the_same() -> None:
    assert rules.from_data(rules.to_data(OUTLINE)) == OUTLINE
    assert rules.from_data({}) == Outline()


def said(*sections: Section) -> list[str]:
    return [str(problem) for problem in rules.check(Outline(sections))]


def test_each_thing_that_is_wrong_is_a_sentence() -> None:
    assert rules.check(OUTLINE) == []
    assert (
        said()
        == said(Section(key="s1", title="A"))
        == ["A scorecard needs a section with an item."]
    )
    bad = Item(key="i9", label="Pace", kind=ItemKind.SCALE, lowest=5, highest=5)
    long = Item(key="i8", label="Depth", kind=ItemKind.SCALE, lowest=0, highest=11)
    sections = (
        Section(key="s1", title="A", items=(HELLO, HELLO, bad, long, Item(key="i5"))),
        Section(key="s2", title="A"),
        Section(key="s3", title="", items=(NEED,)),
    )
    assert said(*sections) == [
        "Two sections are called “A”.",
        "Section 3 needs a title.",
        "In “A” two items are called “Greeted”.",
        "In “A” the scale of “Pace” must end above where it begins.",
        "In “A” the scale of “Depth” has more than 11 steps.",
        "In “A” an item has no words.",
        "“A” rates nothing.",
    ]
    light = Section(key="s1", title="A", weight=0, items=(HELLO,))
    assert said(light) == ["Nothing counts: give a section and an item in it a weight above 0."]


def test_reviewers_of_one_call_are_held_against_each_other() -> None:
    same = {"i3": "yes", "i4": "10"}
    found = rules.spread(
        OUTLINE,
        {
            "ann": {"i1": "yes", "i2": "5"} | same,
            "bob": {"i1": "no", "i2": "3"} | same,
            "cyd": {"i1": "yes", "i2": "na"} | same,
        },
    )
    assert [one.points for one in found.items] == [
        Decimal("100.0"), Decimal("50.0"), Decimal("0.0"), Decimal("0.0"),
    ]  # fmt: skip
    assert [one.agreed for one in found.items] == [False, False, True, True]
    assert (found.lowest, found.highest, found.points) == (
        Decimal("79.2"), Decimal("100.0"), Decimal("20.8"),
    )  # fmt: skip
    assert (found.mean, found.deviation) == (Decimal("93.1"), Decimal("9.8"))
    assert found.agreed == 2


def test_a_calibration_that_nobody_rated_has_no_figures() -> None:
    found = rules.spread(OUTLINE, {"ann": {}})
    assert (found.mean, found.points, found.deviation, found.agreed) == (None, None, None, 0)
    assert rules.spread(OUTLINE, {}).items[0].agreed is False


def test_scores_are_told_by_weeks_of_the_companys_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    results = [
        Result(at=datetime(2026, 11, 15, 22, 59, tzinfo=UTC), percent=Decimal(50)),
        Result(at=datetime(2026, 11, 15, 23, 0, tzinfo=UTC), percent=Decimal(0), failed=True),
        Result(at=datetime(2026, 11, 20, tzinfo=UTC), percent=Decimal("90.1")),
    ]
    told = rules.weeks(results, since=date(2026, 11, 12), until=date(2026, 11, 23), zone=berlin)
    assert [(week.monday.day, week.count, week.mean, week.failed) for week in told] == [
        (9, 1, Decimal("50.0"), 0),
        (16, 2, Decimal("45.1"), 1),
        (23, 0, None, 0),
    ]
    assert rules.mean([]) is None
