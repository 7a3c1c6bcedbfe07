"""For how long a recording is kept: the table of rules, refusals, and which of several wins."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from storage.rules.retention import (
    Consent,
    Facts,
    Ground,
    Policy,
    Refusal,
    Terms,
    Wins,
    end_of,
    least_days,
)

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TAG, OUTCOME = UUID(int=7), UUID(int=8)
ALL = Policy(id=UUID(int=1), name="all", days=90)
SALES = Policy(id=UUID(int=2), name="sales", days=30, queue="sales")
TAGGED = Policy(id=UUID(int=3), name="tagged", days=None, tag_id=TAG)
ORDERED = Policy(id=UUID(int=4), name="ordered", days=365, outcome_id=OUTCOME)
UNSAID = Policy(id=UUID(int=5), name="unsaid", days=7, consent=Consent.UNKNOWN)
SAID = Facts(at=AT, consent=Consent.ANNOUNCED)


@pytest.mark.parametrize(
    ("policies", "facts", "longest", "shortest"),
    [
        pytest.param((), SAID, None, None, id="no rule: for ever"),
        pytest.param((SALES,), SAID, None, None, id="a rule for others"),
        pytest.param((ALL,), SAID, 90, 90, id="one for all"),
        pytest.param((ALL, SALES), replace(SAID, queue="sales"), 90, 30, id="by queue"),
        pytest.param((ALL, TAGGED), replace(SAID, tags={TAG}), None, 90, id="for ever by tag"),
        pytest.param((ALL, ORDERED), replace(SAID, outcomes={OUTCOME}), 365, 90, id="by outcome"),
        pytest.param((ALL, UNSAID), Facts(at=AT), 90, 7, id="by consent"),
        pytest.param((ALL, UNSAID), SAID, 90, 90, id="not by another consent"),
        pytest.param(
            (replace(SALES, tag_id=TAG),), replace(SAID, queue="sales"), None, None,
            id="all that a rule names must hold",
        ),
    ],
)  # fmt: skip
def test_the_longest_or_the_shortest_that_fits_wins(policies, facts, longest, shortest) -> None:
    for wins, days in ((Wins.LONGEST, longest), (Wins.SHORTEST, shortest)):
        end = end_of(Terms(policies=policies, wins=wins), facts)
        if days is None:
            assert end is None
        else:
            assert end is not None
            assert (end.at, end.ground) == (AT + timedelta(days=days), Ground.POLICY)
            assert end.policy in policies


def test_one_that_was_refused_goes_at_once_whatever_the_rules_say() -> None:
    facts = Facts(at=AT, consent=Consent.REFUSED, tags={TAG})
    end = end_of(Terms(policies=(TAGGED,)), facts)
    assert end is not None
    assert (end.at, end.ground, end.policy) == (AT, Ground.REFUSED, None)
    kept = Terms(policies=(TAGGED,), refusal=Refusal.RESTRICT)
    assert end_of(kept, facts) is None


def test_of_rules_with_the_same_days_the_older_is_named() -> None:
    twin = replace(ALL, id=UUID(int=9), name="twin")
    for wins in Wins:
        end = end_of(Terms(policies=(twin, ALL), wins=wins), SAID)
        assert end is not None
        assert end.policy == ALL


def test_the_least_of_all_days_says_which_recordings_need_no_look() -> None:
    assert least_days(Terms()) == 0
    restricted = Terms(refusal=Refusal.RESTRICT)
    assert least_days(restricted) is None
    assert least_days(replace(restricted, policies=(TAGGED,))) is None
    assert least_days(replace(restricted, policies=(TAGGED, ALL, SALES))) == 30
