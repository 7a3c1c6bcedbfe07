"""Lists of calls: filtered, paged by time, each with the names that a page shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from pbx_bridge.call import CallResult, CallState, Direction
from pbx_bridge.phone import digits_of
from storage import supervisions
from storage.calls.about import EVERYTHING, About
from storage.calls.about import conditions as about_conditions
from storage.calls.course import ANY_COURSE, Course
from storage.calls.course import conditions as course_conditions
from storage.calls.lines import CallLine, lines_of
from storage.calls.tables import CallAgent, CallRecord, LegRecord, OfferRecord, WrapUp
from storage.customers import CustomerWord
from storage.rules import names
from storage.users import User

PAGE = 50
MOST_IN_PROGRESS = 500
MISSED = frozenset({CallResult.ABANDONED, CallResult.TIMED_OUT, CallResult.NO_ANSWER})
NUMBER_DIGITS = 3  # fewer digits than this are no number to look for


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilters:
    """What a list is narrowed to; nothing set means every call."""

    since: datetime | None = None
    until: datetime | None = None
    user_ids: frozenset[UUID] | None = None  # any of them took part
    queue: str | None = None
    customer_id: UUID | None = None
    outcome_id: UUID | None = None
    direction: Direction | None = None
    results: frozenset[CallResult] | None = None
    number: str = ""  # or a part of it, or of the name beside it
    about: About = EVERYTHING  # recordings, tags, comments, reviews
    course: Course = ANY_COURSE  # how long, passed on, held …


@dataclass(frozen=True, slots=True)
class Place:
    """A call's place in a list, newest first."""

    started_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """One page of a list, newest first, and the places from which its neighbours start."""

    lines: Sequence[CallLine]
    newer: Place | None = None
    older: Place | None = None


async def listed(
    session: AsyncSession,
    filters: CallFilters,
    *,
    reach: frozenset[UUID] | None,
    after: Place | None = None,
    before: Place | None = None,
    limit: int = PAGE,
) -> CallPage:
    """Calls that meet the filters: the page after (older) or before (newer) a place.

    `reach` are the users whose calls the asker may see; None is everyone.
    """
    place = before or after
    backwards = before is not None
    query = select(CallRecord).where(*_conditions(filters), *_within(reach), _no_supervisor())
    order = (CallRecord.started_at, CallRecord.id)
    if one := _one_of(filters.user_ids, reach):  # walk that person's own calls, not everyone's
        own = aliased(CallAgent)
        query = query.join(own, own.call_id == CallRecord.id).where(own.user_id == one)
        if filters.since is not None:
            query = query.where(own.started_at >= filters.since)
        order = (own.started_at, own.call_id)
    if place is not None:
        key, edge = tuple_(*order), tuple_(place.started_at, place.id)
        query = query.where(key > edge if backwards else key < edge)
    query = query.order_by(*(order if backwards else (column.desc() for column in order)))
    found = list(await session.scalars(query.limit(limit + 1)))
    more = len(found) > limit
    calls = found[:limit]
    if backwards:
        calls.reverse()
    return CallPage(
        lines=await lines_of(session, calls),
        newer=_place(calls, 0) if (more if backwards else place is not None) else None,
        older=_place(calls, -1) if (backwards or more) else None,
    )


async def in_progress(
    session: AsyncSession, *, reach: frozenset[UUID] | None = None
) -> Sequence[CallLine]:
    """Every call within reach that has not ended, the longest first."""
    goes_on = CallRecord.state != CallState.ENDED
    query = select(CallRecord).where(goes_on, *_within(reach), _no_supervisor())
    query = query.order_by(CallRecord.started_at).limit(MOST_IN_PROGRESS)
    lines = await lines_of(session, list(await session.scalars(query)))
    ringing = await _ringing(session, [line.call.id for line in lines])
    return [
        replace(line, agent=line.agent or ", ".join(ringing.get(line.call.id, ())))
        for line in lines
    ]


async def latest_of(
    session: AsyncSession, customer_id: UUID, *, limit: int = 20, before: Place | None = None
) -> Sequence[CallLine]:
    """The customer's calls, newest first; `before` continues below a call already shown."""
    query = select(CallRecord).where(CallRecord.customer_id == customer_id)
    if before is not None:
        key = tuple_(CallRecord.started_at, CallRecord.id)
        query = query.where(key < tuple_(before.started_at, before.id))
    query = query.order_by(CallRecord.started_at.desc(), CallRecord.id.desc()).limit(limit)
    return await lines_of(session, list(await session.scalars(query)))


def _conditions(filters: CallFilters) -> Iterator[ColumnElement[bool]]:
    if filters.since is not None:
        yield CallRecord.started_at >= filters.since
    if filters.until is not None:
        yield CallRecord.started_at < filters.until
    if filters.user_ids is not None:
        yield _took_part(filters.user_ids)
    if filters.queue is not None:
        yield CallRecord.queue == filters.queue
    if filters.customer_id is not None:
        yield CallRecord.customer_id == filters.customer_id
    if filters.outcome_id is not None:
        yield _has_outcome(filters.outcome_id)
    if filters.direction is not None:
        yield CallRecord.direction == filters.direction
    if filters.results is not None:
        yield CallRecord.result.in_(filters.results)
    if text := filters.number.strip():
        yield _sounds_like(text)
    yield from about_conditions(filters.about)
    yield from course_conditions(filters.course)


def _one_of(*groups: frozenset[UUID] | None) -> UUID | None:
    """The user whose calls alone can be in the list, where there is one such."""
    return next((user for group in groups if group and len(group) == 1 for user in group), None)


def _within(reach: frozenset[UUID] | None) -> list[ColumnElement[bool]]:
    return [] if reach is None else [_took_part(reach)]


def _no_supervisor() -> ColumnElement[bool]:
    """Whether it is more than a supervisor's own leg, that listens to another call."""
    leg = and_(LegRecord.call_id == CallRecord.id, supervisions.is_of(LegRecord.uniqueid))
    return or_(CallRecord.direction != Direction.INTERNAL, ~exists().where(leg))


def _took_part(user_ids: frozenset[UUID]) -> ColumnElement[bool]:
    return exists().where(CallAgent.call_id == CallRecord.id, CallAgent.user_id.in_(user_ids))


def _has_outcome(outcome_id: UUID) -> ColumnElement[bool]:
    return exists().where(WrapUp.call_id == CallRecord.id, WrapUp.outcome_id == outcome_id)


def _sounds_like(text: str) -> ColumnElement[bool]:
    """Digits are looked for in numbers, however the prefix was written; other text in names."""
    digits = digits_of(text).lstrip("0")
    if len(digits) >= NUMBER_DIGITS and not any(letter.isalpha() for letter in text):
        return or_(CallRecord.e164.contains(digits), CallRecord.number.contains(digits))
    words = names.query_words(text)
    customer = [
        exists().where(
            CustomerWord.customer_id == CallRecord.customer_id,
            CustomerWord.word.startswith(word, autoescape=True),
        )
        for word in words
    ]
    caller = CallRecord.name.icontains(text, autoescape=True)
    return or_(caller, and_(*customer)) if customer else caller


def _place(calls: Sequence[CallRecord], index: int) -> Place | None:
    return Place(calls[index].started_at, calls[index].id) if calls else None


async def _ringing(session: AsyncSession, keys: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Whom each call rings at now; a phone without a user shows as its extension."""
    query = (
        select(OfferRecord.call_id, func.coalesce(User.name, OfferRecord.extension))
        .outerjoin(User, User.id == OfferRecord.user_id)
        .where(
            and_(
                OfferRecord.call_id.in_(keys),
                OfferRecord.ended_at.is_(None),
                OfferRecord.answered_at.is_(None),
            )
        )
        .order_by(OfferRecord.started_at)
    )
    found: dict[UUID, list[str]] = {}
    for call_id, name in await session.execute(query):
        found.setdefault(call_id, []).append(name)
    return found
