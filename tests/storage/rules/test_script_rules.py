"""Scripts: what is wrong with one, where answers lead, what counts when an earlier one changes."""

import pytest

from storage.rules import scripts
from storage.rules.scripts import Branch, Comparison, Field, FieldKind, Outline, Stand, Step

OUTCOME = "0197"
HAPPY = Field(key="f1", label="Content?", kind=FieldKind.YES_NO, needed=True)
SCORE = Field(key="f2", label="Score", kind=FieldKind.NUMBER)
WHY = Field(key="f3", label="What went wrong?", kind=FieldKind.LONG_TEXT, needed=True)
WANTS = Field(key="f4", label="Wants", kind=FieldKind.CHOICES, options=("call", "letter", "visit"))


def outline(**changes: Step) -> Outline:
    """Greeting → (content) thanks, or (not content) complaint → thanks."""
    steps = {
        "greeting": Step(
            key="s1", title="Greeting", say="Good morning {name}", fields=(HAPPY, SCORE), next="s3",
            branches=(Branch(field="f1", test=Comparison.IS, value="no", to="s2"),),
        ),
        "complaint": Step(key="s2", title="Complaint", fields=(WHY, WANTS), next="s3"),
        "thanks": Step(key="s3", title="Thanks", say="Thank you.", outcome=OUTCOME),
    }  # fmt: skip
    return Outline(tuple((steps | changes).values()))


def told(wrong: Outline) -> list[str]:
    return [str(problem) for problem in scripts.check(wrong, {OUTCOME})]


def keys(steps: tuple[Step, ...]) -> list[str]:
    return [step.key for step in steps]


def test_a_script_that_can_be_used_has_no_problem() -> None:
    assert told(outline()) == []
    assert told(Outline()) == ["A script needs a step."]


def with_branch(**branch: object) -> Outline:
    plain = outline().steps[0]
    return outline(
        greeting=Step(
            key="s1", title="Greeting", fields=plain.fields, next="s2",
            branches=(Branch(**branch),),  # type: ignore[arg-type]
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        pytest.param(
            outline(lost=Step(key="s9", title="Lost", say="?", next="s3")),
            "Nothing leads to “Lost”.", id="unreachable",
        ),
        pytest.param(
            outline(complaint=Step(key="s2", title="Card", fields=(WHY,), card=True, next="s3")),
            "“Card” asks for card data: its questions can be yes or no or a choice, for answers "
            "are kept.", id="a card's number could be written down",
        ),
        pytest.param(
            outline(thanks=Step(key="s3", title="Thanks", say="x", next="s1")),
            "From “Greeting” no way leads to an end of the script.", id="a loop without way out",
        ),
        pytest.param(
            outline(complaint=Step(key="s2", title="Complaint", say="x", next="s8")),
            "“Complaint” leads to a step that is not there.", id="missing target",
        ),
        pytest.param(
            outline(complaint=Step(key="s2", title="Complaint", next="s3")),
            "“Complaint” says nothing and asks nothing.", id="empty",
        ),
        pytest.param(
            outline(thanks=Step(key="s3", title="", say="x")),
            "Step 3 needs a title.", id="no title",
        ),
        pytest.param(
            outline(thanks=Step(key="s3", title="Greeting", say="x")),
            "Two steps are called “Greeting”.", id="the same title",
        ),
        pytest.param(
            outline(thanks=Step(key="s3", title="Thanks", say="Dear {nmae}")),
            "In “Thanks” nothing is known to put in for {nmae}.", id="unknown name",
        ),
        pytest.param(
            outline(thanks=Step(key="s3", title="Thanks", say="x", outcome="else")),
            "“Thanks” suggests an outcome that cannot be chosen.", id="closed outcome",
        ),
        pytest.param(
            outline(complaint=Step(key="s2", title="C", say="x", next="s3", outcome=OUTCOME)),
            "“C” suggests an outcome, but the script never ends there.", id="outcome on the way",
        ),
        pytest.param(
            outline(thanks=Step(key="s3", title="Thanks", fields=(Field(key="f9"),))),
            "In “Thanks” a question has no words.", id="no label",
        ),
        pytest.param(
            outline(thanks=Step(key="s3", title="Thanks", fields=(
                Field(key="f9", label="Which", kind=FieldKind.CHOICE, options=("one",)),))),
            "In “Thanks” the question “Which” needs two choices at least.", id="one choice",
        ),
        pytest.param(
            outline(thanks=Step(key="s3", title="Thanks", fields=(
                Field(key="f9", label="W", kind=FieldKind.CHOICE, options=("a", "b", "a")),))),
            "In “Thanks” the question “W” offers “a” twice.", id="a choice twice",
        ),
        pytest.param(
            with_branch(field="f8", to="s2"),
            "A branch of “Greeting” looks at no question of this script.", id="no field",
        ),
        pytest.param(
            with_branch(field="f4", value="call", to="s3"),
            "A branch of “Greeting” looks at “Wants”, which is only asked later.", id="later",
        ),
        pytest.param(
            with_branch(field="f1", value="perhaps", to="s3"),
            "A branch of “Greeting” waits for an answer that “Content?” never has.", id="no answer",
        ),
        pytest.param(
            with_branch(field="f1", test=Comparison.AT_LEAST, value="no", to="s3"),
            "A branch of “Greeting” cannot compare “Content?” so.", id="no comparison",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_script_is_a_sentence(wrong: Outline, sentence: str) -> None:
    assert sentence in told(wrong)


def test_a_loop_with_a_way_out_is_none_of_the_problems() -> None:
    again = Step(key="s2", title="Complaint", fields=(WHY,), next="s1")
    assert told(outline(complaint=again)) == []
    way = scripts.walk(outline(complaint=again), {"f1": "no"})
    assert (keys(way.steps), way.back_to) == (["s1", "s2"], "s1")


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (FieldKind.TEXT, "  two\nlines ", "two lines"),
        (FieldKind.LONG_TEXT, "two\r\nlines\0", "two\nlines"),
        (FieldKind.NUMBER, " 1.234,5", None),
        (FieldKind.NUMBER, "12,50", "12.5"),
        (FieldKind.NUMBER, "-0", "0"),
        (FieldKind.NUMBER, "1e400", None),
        (FieldKind.NUMBER, "NaN", None),
        (FieldKind.NUMBER, "many", None),
        (FieldKind.DATE, "2026-02-29", None),
        (FieldKind.DATE, "2026-02-28", "2026-02-28"),
        (FieldKind.YES_NO, "yes", "yes"),
        (FieldKind.YES_NO, "ja", None),
        (FieldKind.CHOICE, "b", "b"),
        (FieldKind.CHOICE, "b\na", None),
        (FieldKind.CHOICES, "b\na\n", "a\nb"),
        (FieldKind.CHOICES, "c", None),
        (FieldKind.CHOICE, " ", ""),
    ],
)
def test_an_answer_is_kept_in_one_spelling_or_refused(
    kind: FieldKind, written: str, kept: str | None
) -> None:
    field = Field(key="f", label="F", kind=kind, options=("a", "b"))
    answer, problem = scripts.read_answer(field, written)
    assert (answer if problem is None else None) == kept


@pytest.mark.parametrize(
    ("kind", "test", "value", "answer", "taken"),
    [
        (FieldKind.YES_NO, Comparison.IS, "no", "no", True),
        (FieldKind.YES_NO, Comparison.IS, "no", "", False),
        (FieldKind.YES_NO, Comparison.IS_NOT, "no", "", False),
        (FieldKind.YES_NO, Comparison.IS_NOT, "no", "yes", True),
        (FieldKind.NUMBER, Comparison.IS, "7,0", "7", True),
        (FieldKind.NUMBER, Comparison.AT_LEAST, "9", "10", True),
        (FieldKind.NUMBER, Comparison.AT_MOST, "9", "10", False),
        (FieldKind.NUMBER, Comparison.AT_LEAST, "high", "10", False),
        (FieldKind.DATE, Comparison.AT_MOST, "2026-11-28", "2026-11-28", True),
        (FieldKind.CHOICES, Comparison.IS, "b", "a\nb", True),
        (FieldKind.CHOICES, Comparison.IS_NOT, "b", "a\nb", False),
        (FieldKind.TEXT, Comparison.ANSWERED, "", "x", True),
        (FieldKind.TEXT, Comparison.ANSWERED, "", "", False),
        (FieldKind.TEXT, Comparison.NOT_ANSWERED, "", "", True),
        (FieldKind.TEXT, Comparison.AT_LEAST, "a", "b", False),
    ],
)
def test_a_branch_is_taken_where_the_answer_is_such(
    kind: FieldKind, test: Comparison, value: str, answer: str, taken: bool
) -> None:
    field = Field(key="f", label="F", kind=kind, options=("a", "b"))
    assert scripts.fits(Branch(field="f", test=test, value=value), field, answer) is taken


def test_answers_lead_through_the_script() -> None:
    assert keys(scripts.walk(outline(), {}).steps) == ["s1", "s3"]
    assert keys(scripts.walk(outline(), {"f1": "no"}).steps) == ["s1", "s2", "s3"]
    assert scripts.advance(outline(), {"f1": "no"}, "s1") == Stand("s2")
    assert scripts.advance(outline(), {}, "s3") == Stand("s3", ended=True)
    assert [field.key for field in scripts.missing(outline().steps[0], {"f2": "3"})] == ["f1"]


def test_an_earlier_answer_that_changes_drops_what_was_given_on_the_other_way() -> None:
    before = {"f1": "no", "f3": "late", "f4": "call"}
    assert scripts.counted(outline(), before, "s3") == {"f1", "f2", "f3", "f4"}
    after = before | {"f1": "yes"}
    stand = scripts.settle(outline(), after, Stand("s2"), "f1")
    assert stand == Stand("s1")
    assert scripts.counted(outline(), after, stand.at) == {"f1", "f2"}
    back = scripts.settle(outline(), before, stand, "f1")
    moved = scripts.advance(outline(), before, back.at)
    assert scripts.counted(outline(), before, moved.at) == {"f1", "f2", "f3", "f4"}


def test_who_was_at_the_end_stays_there_while_the_way_still_ends_there() -> None:
    ended = Stand("s3", ended=True)
    assert scripts.settle(outline(), {"f1": "yes", "f2": "4"}, ended, "f2") == ended
    last = Step(
        key="s3", title="Thanks", fields=(Field(key="f5", label="More?", kind=FieldKind.YES_NO),),
        branches=(Branch(field="f5", value="yes", to="s1"),),
    )  # fmt: skip
    assert scripts.settle(outline(thanks=last), {"f5": "yes"}, ended, "f5") == Stand("s3")


def test_a_callers_name_is_filled_in_once_and_is_never_read_as_a_name_to_fill_in() -> None:
    said = scripts.spoken("{name} of {company}", {"name": "{agent} <b>", "agent": "Ann"})
    assert said == "{agent} <b> of …"


def test_an_outline_comes_back_as_it_was_written() -> None:
    assert scripts.from_data(scripts.to_data(outline())) == outline()


def test_answers_are_counted_for_each_question() -> None:
    rows = [("f1", "yes", 3), ("f1", "no", 1), ("f2", "9", 1), ("f2", "10", 2)]
    rows += [("f3", "late", 1), ("f4", "call\nvisit", 1), ("f4", "call", 1)]
    happy, score, why, wants = scripts.count(outline(), rows)
    assert (happy.answered, happy.answers) == (4, (("yes", 3), ("no", 1)))
    assert (score.lowest, score.highest, score.average) == ("9", "10", "9.67")
    assert (why.answered, why.answers) == (1, ())
    assert wants.answers == (("call", 2), ("letter", 0), ("visit", 1))


def test_dates_are_counted_from_the_first_to_the_last() -> None:
    day = Field(key="d", label="Day", kind=FieldKind.DATE)
    [line] = scripts.count(
        Outline((Step(key="s", fields=(day,)),)), [("d", "2026-01-02", 1), ("d", "2025-12-31", 1)]
    )
    assert (line.lowest, line.highest, line.average) == ("2025-12-31", "2026-01-02", "")
