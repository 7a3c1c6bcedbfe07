"""A row is accepted, doubtful, there already or refused, and says why."""

from uuid import UUID

import pytest

from pbx_bridge.matching import Reason
from storage.rules.drafts import Draft, Phone
from storage.rules.imports import Known, Seen, Verdict, judge

ERIKA = Known(UUID(int=1), "erika", "Erika", "e@x.de")
ONE, TWO, THREE = "+49301", "+49302", "+49303"


def a_draft(name: str, *numbers: str, line: int = 2, email: str = "") -> Draft:
    phones = tuple(Phone(number, number, "") for number in numbers)
    return Draft(line=line, name=name, phones=phones, email=email)


@pytest.fixture
def seen() -> Seen:
    """Erika is a customer with one number."""
    return Seen(by_number={ONE: [ERIKA]}, by_name={"erika": [ERIKA]})


@pytest.mark.parametrize(
    ("draft", "verdict", "why"),
    [
        (a_draft("Max", TWO), Verdict.ACCEPTED, "New."),
        (a_draft("ERIKA", ONE), Verdict.PRESENT, "Erika is there already."),
        (a_draft("Erika", email="E@x.de"), Verdict.PRESENT, "Erika is there already."),
        (
            a_draft("Erika", ONE, TWO),
            Verdict.PRESENT,
            "Erika is there already and gets the number +49302.",
        ),
        (a_draft("Max", TWO, ONE), Verdict.DOUBTFUL, "Erika has the number +49301."),
        (a_draft("Erika", TWO), Verdict.DOUBTFUL, "There is a customer named Erika."),
        (a_draft("Erika"), Verdict.DOUBTFUL, "There is a customer named Erika."),
    ],
)
def test_a_row_is_judged_by_number_and_name(
    seen: Seen, draft: Draft, verdict: Verdict, why: str
) -> None:
    judged = judge(draft, seen)
    assert (judged.verdict, str(judged.why)) == (verdict, why)
    assert judged.customer == (ERIKA.id if verdict is Verdict.PRESENT else None)


def test_a_row_that_cannot_be_read_is_refused_with_its_problem(seen: Seen) -> None:
    problem = Reason(text="no number")
    judged = judge(Draft(line=2, name="Erika", problem=problem), seen)
    assert (judged.verdict, judged.why) == (Verdict.REFUSED, problem)


@pytest.mark.parametrize(
    ("draft", "verdict", "why"),
    [
        (a_draft("Max", TWO, line=3), Verdict.PRESENT, "Line 2 is the same customer."),
        (
            a_draft("Max", TWO, THREE, line=3),
            Verdict.DOUBTFUL,
            "Line 2 is the same customer without the number +49303.",
        ),
        (
            a_draft("Moritz", TWO, line=3),
            Verdict.DOUBTFUL,
            "Line 2 (Max) has the number +49302 too.",
        ),
        (a_draft("Max", THREE, line=3), Verdict.DOUBTFUL, "Line 2 has the name Max too."),
        (a_draft("Moritz", THREE, line=3), Verdict.ACCEPTED, "New."),
    ],
)
def test_earlier_lines_count_as_known(seen: Seen, draft: Draft, verdict: Verdict, why: str) -> None:
    judge(a_draft("Max", TWO), seen)
    judged = judge(draft, seen)
    assert (judged.verdict, str(judged.why), judged.customer) == (verdict, why, None)


def test_a_refused_row_is_not_known_to_the_next(seen: Seen) -> None:
    judge(Draft(line=2, name="Max", problem=Reason(text="x")), seen)
    assert judge(a_draft("Max", line=3), seen).verdict is Verdict.ACCEPTED
