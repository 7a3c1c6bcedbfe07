"""A way through a script: which steps the answers lead to, what counts, where the agent stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.rules.scripts.answers import fits
from storage.rules.scripts.outlines import END, Field, Outline, Step

Answers = Mapping[str, str]  # by field; what is not in it, or empty, is not answered


@dataclass(frozen=True, slots=True)
class Walk:
    """The steps that answers lead through, each once."""

    steps: tuple[Step, ...]
    back_to: str = ""  # the last one leads back to this step of the walk; else it ends the script


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an agent is: at a step, and whether the script was ended there."""

    at: str
    ended: bool = False


def walk(outline: Outline, answers: Answers) -> Walk:
    """Return the way that the answers lead, until it ends or comes back to where it was."""
    steps: list[Step] = []
    step = outline.steps[0] if outline.steps else None
    while step is not None:
        if step in steps:
            return Walk(tuple(steps), step.key)
        steps.append(step)
        step = outline.step(after(outline, step, answers))
    return Walk(tuple(steps))


def after(outline: Outline, step: Step, answers: Answers) -> str:
    """Return the key of the step that follows; END where none does."""
    for branch in step.branches:
        field = outline.field(branch.field)
        if field is not None and fits(branch, field, answers.get(branch.field, "")):
            return branch.to
    return step.next


def place(outline: Outline, answers: Answers, at: str) -> tuple[Step, ...]:
    """Return the steps that are before the agent: the walk up to where they are."""
    steps = walk(outline, answers).steps
    keys = [step.key for step in steps]
    return steps[: keys.index(at) + 1] if at in keys else steps[:1]


def counted(outline: Outline, answers: Answers, at: str) -> frozenset[str]:
    """Return the fields whose answers count: those of the steps up to where the agent is.

    The others were given on a way that an earlier answer has since closed: they are kept, and
    count again where the way leads there again.
    """
    return frozenset(field.key for step in place(outline, answers, at) for field in step.fields)


def missing(step: Step, answers: Answers) -> tuple[Field, ...]:
    """Return the needed fields of a step that are not answered."""
    return tuple(field for field in step.fields if field.needed and not answers.get(field.key))


def advance(outline: Outline, answers: Answers, at: str) -> Stand:
    """Return where the agent is after the step `at`."""
    step = outline.step(at)
    following = after(outline, step, answers) if step else END
    return Stand(at, ended=True) if following == END else Stand(following)


def settle(outline: Outline, answers: Answers, stand: Stand, changed: str) -> Stand:
    """Return where the agent is after the answer to the field `changed` became another.

    Where the way no longer leads to where they were, they are at the step that asks for it.
    """
    way = walk(outline, answers)
    keys = [step.key for step in way.steps]
    if stand.at not in keys:
        asking = outline.asking(changed)
        return Stand(asking.key if asking and asking.key in keys else keys[0])
    if not stand.ended:
        return stand
    step = outline.step(stand.at)
    ends = step is not None and after(outline, step, answers) == END
    return Stand(stand.at, ended=ends and not missing(step, answers) if step else False)
