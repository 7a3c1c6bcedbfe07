"""Who is calling: known, likely, unknown; never a closed customer, never a colleague."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.matching import Candidate, Level, match

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def a_candidate(number: int, **changes: object) -> Candidate:
    fields = {"customer": UUID(int=number), "name": f"Customer {number}", "kind": "person"}
    return Candidate(**(fields | changes))


def test_a_number_of_one_person_is_known() -> None:
    erika = a_candidate(1, name="Erika")
    found = match("public", [erika])
    assert found.level is Level.KNOWN
    assert found.customer == erika.customer
    assert found.candidates == (erika,)
    assert str(found.why) == "The number is Erika's alone."


def test_a_number_that_several_share_is_likely_and_nobody_s() -> None:
    found = match("public", [a_candidate(1), a_candidate(2)])
    assert found.level is Level.LIKELY
    assert found.customer is None
    assert len(found.candidates) == 2
    assert str(found.why) == "2 customers share this number."


def test_a_company_s_line_offers_the_company_and_its_people() -> None:
    company = a_candidate(1, kind="company", name="Acme")
    clerk = a_candidate(2, owns=False, company=company.customer)
    found = match("public", [clerk, company])
    assert found.level is Level.LIKELY
    assert found.customer is None
    assert found.candidates == (company, clerk)
    assert str(found.why) == "The line of Acme: anyone there may be calling."


def test_a_company_s_line_is_likely_even_where_we_know_none_of_its_people() -> None:
    found = match("public", [a_candidate(1, kind="company")])
    assert (found.level, found.customer) == (Level.LIKELY, None)


@pytest.mark.parametrize("kind", ["person", "company"])
def test_the_one_a_colleague_chose_is_known_and_the_others_stay_at_hand(kind: str) -> None:
    other, chosen = a_candidate(1), a_candidate(2, chosen=True, kind=kind)
    found = match("public", [other, chosen])
    assert (found.level, found.customer) == (Level.KNOWN, chosen.customer)
    assert found.candidates == (chosen, other)
    assert "A colleague said" in str(found.why)


def test_two_choices_are_none() -> None:
    found = match("public", [a_candidate(1, chosen=True), a_candidate(2, chosen=True)])
    assert (found.level, found.customer) == (Level.LIKELY, None)


def test_a_closed_customer_is_not_matched_and_no_longer_makes_a_number_shared() -> None:
    live = a_candidate(1)
    closed = a_candidate(2, closed=True, chosen=True)
    found = match("public", [closed, live])
    assert (found.level, found.customer) == (Level.KNOWN, live.customer)
    assert found.candidates == (live,)


def test_a_number_of_closed_customers_only_is_unknown() -> None:
    found = match("public", [a_candidate(1, closed=True)])
    assert (found.level, found.customer, found.candidates) == (Level.UNKNOWN, None, ())
    assert "no longer served" in str(found.why)


def test_the_people_of_a_closed_company_do_not_have_its_line() -> None:
    company = a_candidate(1, kind="company", closed=True)
    clerk = a_candidate(2, owns=False, company=company.customer)
    assert match("public", [company, clerk]).level is Level.UNKNOWN


def test_a_number_of_nobody_is_unknown() -> None:
    found = match("public", [])
    assert (found.level, found.customer) == (Level.UNKNOWN, None)
    assert str(found.why) == "No customer has this number."


@pytest.mark.parametrize(
    ("kind", "level"),
    [("withheld", Level.WITHHELD), ("internal", Level.INTERNAL), ("odd", Level.UNKNOWN)],
)
def test_a_withheld_internal_or_odd_number_never_matches(kind: str, level: Level) -> None:
    found = match(kind, [a_candidate(1)])
    assert (found.level, found.customer, found.candidates) == (level, None, ())


def test_the_one_spoken_to_last_comes_first_whatever_order_they_were_found_in() -> None:
    candidates = [
        a_candidate(1, name="Zoe", last_contact=NOW),
        a_candidate(2, name="Anna", last_contact=NOW - timedelta(days=1)),
        a_candidate(3, name="Berta", kind="company"),
        a_candidate(4, name="anton"),
        a_candidate(5, name="Aaron", owns=False),
    ]
    expected = tuple(candidates)
    for order in permutations(candidates):
        assert match("public", order).candidates == expected


def test_a_person_who_owns_the_number_of_their_company_stands_once() -> None:
    company = a_candidate(1, kind="company", last_contact=NOW)
    as_clerk = a_candidate(2, owns=False, company=company.customer)
    as_owner = a_candidate(2)
    for order in permutations([company, as_clerk, as_owner]):
        assert match("public", order).candidates == (company, as_owner)


@given(
    st.lists(
        st.builds(
            a_candidate,
            st.integers(1, 4),
            closed=st.booleans(),
            chosen=st.booleans(),
            owns=st.booleans(),
            kind=st.sampled_from(["person", "company"]),
        )
    )
)
def test_a_customer_is_set_exactly_when_known_and_is_a_live_candidate(
    candidates: list[Candidate],
) -> None:
    found = match("public", candidates)
    assert (found.customer is not None) == (found.level is Level.KNOWN)
    if found.customer is not None:
        assert found.candidates[0].customer == found.customer
    assert not any(candidate.closed for candidate in found.candidates)
