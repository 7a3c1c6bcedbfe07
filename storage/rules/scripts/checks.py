"""Whether a script can be used: each thing that is wrong with it, as a sentence."""

from collections.abc import Collection, Iterator

from pbx_bridge.matching import Reason, msgid
from storage.rules.scripts.answers import placeholders_in, read_answer, tests_of
from storage.rules.scripts.outlines import END, Branch, Comparison, Field, FieldKind, Outline, Step

PLACEHOLDERS = ("name", "address", "company", "agent", "queue")
MOST_STEPS = 100
_CHOOSING = {FieldKind.CHOICE, FieldKind.CHOICES}
_SAFE = {*_CHOOSING, FieldKind.YES_NO}  # nobody can write a card's number there
_FEWEST = 2
NO_STEP = msgid("A script needs a step.")
NO_TITLE = msgid("Step {number} needs a title.")
SAME_TITLE = msgid("Two steps are called “{step}”.")
EMPTY = msgid("“{step}” says nothing and asks nothing.")
NO_LABEL = msgid("In “{step}” a question has no words.")
FEW_OPTIONS = msgid("In “{step}” the question “{field}” needs two choices at least.")
SAME_OPTION = msgid("In “{step}” the question “{field}” offers “{value}” twice.")
UNKNOWN_NAME = msgid("In “{step}” nothing is known to put in for {{{value}}}.")
CARD_WRITTEN = msgid(
    "“{step}” asks for card data: its questions can be yes or no or a choice, for answers are kept."
)
NO_TARGET = msgid("“{step}” leads to a step that is not there.")
NO_FIELD = msgid("A branch of “{step}” looks at no question of this script.")
NOT_ASKED_YET = msgid("A branch of “{step}” looks at “{field}”, which is only asked later.")
NO_SUCH_ANSWER = msgid("A branch of “{step}” waits for an answer that “{field}” never has.")
NO_SUCH_TEST = msgid("A branch of “{step}” cannot compare “{field}” so.")
NOT_REACHED = msgid("Nothing leads to “{step}”.")
NO_WAY_OUT = msgid("From “{step}” no way leads to an end of the script.")
NO_OUTCOME = msgid("“{step}” suggests an outcome that cannot be chosen.")
NEVER_ENDS_HERE = msgid("“{step}” suggests an outcome, but the script never ends there.")


def check(outline: Outline, outcomes: Collection[str]) -> list[Reason]:
    """Return what is wrong, step by step; `outcomes` are the ids that can be chosen."""
    if not outline.steps:
        return [Reason(text=NO_STEP)]
    found = [problem for step in outline.steps for problem in _step(outline, step, outcomes)]
    found += _titles(outline)
    reached = _from(outline, outline.steps[0].key)
    found += [_say(NOT_REACHED, step) for step in outline.steps if step.key not in reached]
    found += [
        _say(NO_WAY_OUT, step)
        for step in outline.steps
        if step.key in reached and END not in _from(outline, step.key)
    ]
    return found


def _say(text: str, step: Step, **params: str) -> Reason:
    return Reason(text=text, params={"step": step.title, **params})


def _titles(outline: Outline) -> Iterator[Reason]:
    seen: set[str] = set()
    for number, step in enumerate(outline.steps, 1):
        if not step.title:
            yield Reason(text=NO_TITLE, params={"number": str(number)})
        elif step.title in seen:
            yield _say(SAME_TITLE, step)
        seen.add(step.title)


def _step(outline: Outline, step: Step, outcomes: Collection[str]) -> Iterator[Reason]:
    if not step.say and not step.fields:
        yield _say(EMPTY, step)
    for name in placeholders_in(step.say):
        if name not in PLACEHOLDERS:
            yield _say(UNKNOWN_NAME, step, value=name)
    for field in step.fields:
        yield from _field(step, field)
    if step.card and any(field.kind not in _SAFE for field in step.fields):
        yield _say(CARD_WRITTEN, step)
    for branch in step.branches:
        yield from _branch(outline, step, branch)
    if any(to != END and outline.step(to) is None for to in _leads(step)):
        yield _say(NO_TARGET, step)
    if step.outcome and step.outcome not in outcomes:
        yield _say(NO_OUTCOME, step)
    if step.outcome and END not in _leads(step):
        yield _say(NEVER_ENDS_HERE, step)


def _field(step: Step, field: Field) -> Iterator[Reason]:
    if not field.label:
        yield _say(NO_LABEL, step)
    if field.kind not in _CHOOSING:
        return
    if len(set(field.options)) < _FEWEST:
        yield _say(FEW_OPTIONS, step, field=field.label)
    twice = {option for option in field.options if field.options.count(option) > 1}
    for option in sorted(twice):
        yield _say(SAME_OPTION, step, field=field.label, value=option)


def _branch(outline: Outline, step: Step, branch: Branch) -> Iterator[Reason]:
    field, asking = outline.field(branch.field), outline.asking(branch.field)
    if field is None or asking is None:
        yield _say(NO_FIELD, step)
        return
    if step.key not in _from(outline, asking.key) | {asking.key}:
        yield _say(NOT_ASKED_YET, step, field=field.label)
    if branch.test not in tests_of(field.kind):
        yield _say(NO_SUCH_TEST, step, field=field.label)
    elif branch.test not in {Comparison.ANSWERED, Comparison.NOT_ANSWERED}:
        value, problem = read_answer(field, branch.value)
        if problem is not None or not value or "\n" in value:
            yield _say(NO_SUCH_ANSWER, step, field=field.label)


def _leads(step: Step) -> list[str]:
    return [*(branch.to for branch in step.branches), step.next]


def _from(outline: Outline, key: str) -> set[str]:
    """The steps that can follow this one, itself, and END where the script can end from it."""
    reached: set[str] = set()
    waiting = [key]
    while waiting:
        at = waiting.pop()
        if at in reached:
            continue
        reached.add(at)
        step = outline.step(at) if at != END else None
        waiting += _leads(step) if step else []
    return reached
