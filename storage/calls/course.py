"""Narrowing a list of calls by how they went: how long, passed on, on hold, dialled, noted."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists

from pbx_bridge.call import SegmentKind
from pbx_bridge.matching import Level
from pbx_bridge.phone import digits_of
from storage.calls.tables import CallRecord, SegmentRecord, WrapUp

PASSED_ON = ("transferred", "lost_in_transfer")  # how the tracker says that a talk ended
LOST = "lost_in_transfer"


class Transferred(StrEnum):
    """Whether a talk was passed on to somebody else."""

    YES = "yes"
    NO = "no"
    LOST = "lost"  # and nobody spoke with the other side any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a list is narrowed to; times in seconds, their ends included."""

    talk_from: float | None = None
    talk_to: float | None = None  # of those in which somebody talked
    wait_from: float | None = None
    wait_to: float | None = None
    transferred: Transferred | None = None
    held: bool | None = None  # whether somebody waited on hold
    dialled: str = ""  # a part of the number that was dialled
    note: str = ""  # all of these words, in one wrap-up
    pbx_id: UUID | None = None
    match: Level | None = None


ANY_COURSE = Course()


def conditions(course: Course) -> Iterator[ColumnElement[bool]]:
    """Yield what a call has to meet."""
    yield from _times(course)
    if course.transferred is not None:
        yield _transferred(course.transferred)
    if course.held is not None:
        held = _has(SegmentRecord.kind == SegmentKind.HOLD)
        yield held if course.held else ~held
    if dialled := course.dialled.strip():
        digits = digits_of(dialled).lstrip("0")
        yield CallRecord.dialled.icontains(digits or dialled, autoescape=True)
    if words := course.note.split():
        said = (WrapUp.note.icontains(word, autoescape=True) for word in words)
        yield exists().where(WrapUp.call_id == CallRecord.id, *said)
    if course.pbx_id is not None:
        yield CallRecord.pbx_id == course.pbx_id
    if course.match is not None:
        yield CallRecord.match == course.match


def _times(course: Course) -> Iterator[ColumnElement[bool]]:
    talk, wait = CallRecord.talk_seconds, CallRecord.wait_seconds
    if course.talk_from is not None:
        yield talk >= course.talk_from
    if course.talk_to is not None:
        yield and_(CallRecord.answered_at.is_not(None), talk <= course.talk_to)
    if course.wait_from is not None:
        yield wait >= course.wait_from
    if course.wait_to is not None:
        yield wait <= course.wait_to


def _transferred(wanted: Transferred) -> ColumnElement[bool]:
    if wanted is Transferred.LOST:
        return _has(SegmentRecord.exit_reason == LOST)
    passed = _has(SegmentRecord.exit_reason.in_(PASSED_ON))
    return passed if wanted is Transferred.YES else ~passed


def _has(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the call has a segment of which this is so."""
    return exists().where(SegmentRecord.call_id == CallRecord.id, condition)
