"""What becomes of a row of a customer file: accepted, doubtful, there already, or refused."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from pbx_bridge.matching import Reason, msgid
from storage.rules.drafts import Draft


class Verdict(StrEnum):
    """What becomes of a row."""

    ACCEPTED = "accepted"
    DOUBTFUL = "doubtful"  # someone like this may be there already: a person decides
    PRESENT = "present"  # this very customer is there: at most a number is added
    REFUSED = "refused"


class Known(NamedTuple):
    """A customer whom we have, or whom an earlier line describes (then `id` is None)."""

    id: UUID | None
    folded: str
    name: str
    email: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A row with its verdict and the sentence that says why."""

    draft: Draft
    verdict: Verdict
    why: Reason
    customer: UUID | None = None  # where the row is present


@dataclass(slots=True)
class Seen:
    """Whom the numbers and names are known to belong to: from the base and from earlier lines."""

    by_number: dict[str, list[Known]] = field(default_factory=dict)
    by_name: dict[str, list[Known]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)  # numbers and names looked up in the base


NEW = msgid("New.")
SAME_NUMBER = msgid("{name} has the number {number}.")
SAME_NUMBER_ABOVE = msgid("Line {line} ({name}) has the number {number} too.")
SAME_NAME = msgid("There is a customer named {name}.")
SAME_NAME_ABOVE = msgid("Line {line} has the name {name} too.")
PRESENT = msgid("{name} is there already.")
PRESENT_ABOVE = msgid("Line {line} is the same customer.")
MORE_NUMBERS_ABOVE = msgid("Line {line} is the same customer without the number {number}.")
MORE_NUMBERS = msgid("{name} is there already and gets the number {number}.")


def judge(one: Draft, seen: Seen) -> Judged:
    """Say what becomes of a row, given whom we know; earlier lines count as known."""
    if one.problem is not None:
        return Judged(draft=one, verdict=Verdict.REFUSED, why=one.problem)
    judged = _same_number(one, seen) or _same_name(one, seen)
    if judged is None:
        judged = Judged(draft=one, verdict=Verdict.ACCEPTED, why=Reason(text=NEW))
    if judged.verdict is not Verdict.PRESENT:
        _remember(one, seen)
    return judged


def _same_number(one: Draft, seen: Seen) -> Judged | None:
    sharers = [
        (number, known) for number in one.phones for known in seen.by_number.get(number.e164, ())
    ]
    same = next((known for _number, known in sharers if known.folded == one.folded), None)
    if same is not None:
        return _present(one, same, seen)
    if not sharers:
        return None
    number, known = sharers[0]
    text = SAME_NUMBER_ABOVE if known.id is None else SAME_NUMBER
    params = {"name": known.name, "number": number.e164, "line": str(known.line)}
    why = Reason(text=text, params=params)
    return Judged(draft=one, verdict=Verdict.DOUBTFUL, why=why)


def _same_name(one: Draft, seen: Seen) -> Judged | None:
    namesakes = seen.by_name.get(one.folded, ())
    by_address = (known for known in namesakes if one.email and known.email == one.email.casefold())
    if not one.phones and (same := next(by_address, None)):
        return _present(one, same, seen)
    if not namesakes:
        return None
    known = namesakes[0]
    text = SAME_NAME_ABOVE if known.id is None else SAME_NAME
    why = Reason(text=text, params={"name": known.name, "line": str(known.line)})
    return Judged(draft=one, verdict=Verdict.DOUBTFUL, why=why)


def _present(one: Draft, same: Known, seen: Seen) -> Judged:
    fresh = [
        number.e164
        for number in one.phones
        if not any(
            (known.id, known.line) == (same.id, same.line)
            for known in seen.by_number.get(number.e164, ())
        )
    ]
    params = {"name": same.name, "number": ", ".join(fresh), "line": str(same.line)}
    if same.id is not None:
        why = Reason(text=MORE_NUMBERS if fresh else PRESENT, params=params)
        return Judged(draft=one, verdict=Verdict.PRESENT, why=why, customer=same.id)
    if fresh:
        return Judged(
            draft=one, verdict=Verdict.DOUBTFUL, why=Reason(text=MORE_NUMBERS_ABOVE, params=params)
        )
    return Judged(draft=one, verdict=Verdict.PRESENT, why=Reason(text=PRESENT_ABOVE, params=params))


def _remember(one: Draft, seen: Seen) -> None:
    known = Known(None, one.folded, one.name, one.email.casefold(), one.line)
    for number in one.phones:
        seen.by_number.setdefault(number.e164, []).append(known)
    seen.by_name.setdefault(one.folded, []).append(known)
