"""What rules look at, read for all calls of a time at once."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.teams
from storage.queues import Queue
from storage.recording_comments import RecordingComment
from storage.recording_pauses import RecordingPause
from storage.recordings import AUDIBLE, Recording
from storage.renditions import WHOLE, Rendition
from storage.reviews.others import CALL_AGENTS, CALLS, SEGMENTS, WRAP_UPS
from storage.rules import silences
from storage.rules.picks import Facts, Rule, RuleKind, Silence
from storage.rules.withheld import Window
from storage.scripts.tables import ScriptAnswer, ScriptRun


async def of_calls(
    session: AsyncSession, rules: Collection[Rule], *, since: datetime, until: datetime
) -> list[Facts]:
    """The facts of every call that began in the time and is over, one for each agent in it.

    Calls among ourselves are left out; what no rule asks for is not read.
    """
    kinds = {rule.kind for rule in rules}
    holds = await _holds(session, since, until) if RuleKind.HOLD in kinds else {}
    outcomes = await _outcomes(session, since, until) if RuleKind.OUTCOME in kinds else {}
    answers = await _answers(session, rules, since, until) if RuleKind.FEEDBACK in kinds else {}
    comments = await _comments(session, since, until) if RuleKind.COMMENTS in kinds else {}
    quiet = await _silences(session, since, until) if RuleKind.SILENCE in kinds else {}
    teams: dict[UUID, set[str]] = defaultdict(set)
    for team, members in (await storage.teams.members(session)).items():
        for member in members:
            teams[member].add(str(team))
    query = (
        select(
            CALLS.c.id, CALL_AGENTS.c.user_id, CALLS.c.started_at, Queue.id, CALLS.c.wait_seconds,
            CALLS.c.talk_seconds,
        )
        .join(CALL_AGENTS, CALL_AGENTS.c.call_id == CALLS.c.id)
        .outerjoin(Queue, and_(Queue.pbx_id == CALLS.c.pbx_id, Queue.name == CALLS.c.queue))
        .where(CALL_AGENTS.c.talked, CALLS.c.direction != "internal")
    )  # fmt: skip
    rows = (await session.execute(query.where(*_within(since, until)))).all()
    hands = Counter(row[0] for row in rows)
    return [
        Facts(
            call=call, agent=agent, at=at, queue=str(queue or ""), teams=frozenset(teams[agent]),
            outcomes=frozenset(outcomes.get((call, agent), ())), hold=holds.get(call, 0.0),
            wait=wait or 0.0, talk=talk or 0.0, hands=hands[call],
            comments=comments.get(call, 0), silence=quiet.get(call), answers=answers.get(call, {}),
        )
        for call, agent, at, queue, wait, talk in rows
    ]  # fmt: skip


def _within(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        CALLS.c.started_at >= since,
        CALLS.c.started_at < until,
        CALLS.c.ended_at.is_not(None),
    )


async def _holds(session: AsyncSession, since: datetime, until: datetime) -> Mapping[UUID, float]:
    query = (
        select(SEGMENTS.c.call_id, SEGMENTS.c.started_at, SEGMENTS.c.ended_at)
        .join(CALLS, CALLS.c.id == SEGMENTS.c.call_id)
        .where(SEGMENTS.c.kind == "hold", SEGMENTS.c.ended_at.is_not(None))
    )
    found: dict[UUID, float] = defaultdict(float)
    for call, began, ended in await session.execute(query.where(*_within(since, until))):
        found[call] += (ended - began).total_seconds()
    return found


async def _comments(session: AsyncSession, since: datetime, until: datetime) -> Mapping[UUID, int]:
    query = (
        select(Recording.call_id, func.count())
        .join(RecordingComment, RecordingComment.recording_id == Recording.id)
        .join(CALLS, CALLS.c.id == Recording.call_id)
        .where(RecordingComment.parent_id.is_(None), RecordingComment.removed_at.is_(None))
        .group_by(Recording.call_id)
    )
    rows = await session.execute(query.where(*_within(since, until)))
    return {row[0]: row[1] for row in rows}


async def _silences(
    session: AsyncSession, since: datetime, until: datetime
) -> Mapping[UUID, Silence]:
    """The longest time of each call in which nobody spoke, pauses of the recording apart."""
    told = (
        select(Recording.id, Recording.started_at, RecordingPause)
        .join(RecordingPause, RecordingPause.recording_id == Recording.id)
        .join(CALLS, CALLS.c.id == Recording.call_id)
        .where(Recording.started_at.is_not(None), *_within(since, until))
    )
    pauses: dict[UUID, list[Window]] = defaultdict(list)
    for key, began, pause in await session.execute(told):
        zero = began or pause.started_at
        ends = (pause.ended_at - zero).total_seconds() if pause.ended_at else math.inf
        pauses[key].append(Window((pause.started_at - zero).total_seconds(), ends))
    query = (
        select(Recording.call_id, Rendition)
        .join(Rendition, Rendition.recording_id == Recording.id)
        .join(CALLS, CALLS.c.id == Recording.call_id)
        .where(Rendition.mark == WHOLE, Recording.state.in_(AUDIBLE), *_within(since, until))
    )
    found: dict[UUID, Silence] = {}
    for call, row in await session.execute(query):
        one = silences.longest(silences.spoken_of(row.silent, pauses[row.recording_id]))
        if one is None:
            continue
        fresh = Silence(one.ends - one.begins, one.begins, row.recording_id)
        found[call] = max(found.get(call, fresh), fresh)
    return found


async def _outcomes(
    session: AsyncSession, since: datetime, until: datetime
) -> Mapping[tuple[UUID, UUID], set[str]]:
    query = (
        select(WRAP_UPS.c.call_id, WRAP_UPS.c.user_id, WRAP_UPS.c.outcome_id)
        .join(CALLS, CALLS.c.id == WRAP_UPS.c.call_id)
        .where(WRAP_UPS.c.outcome_id.is_not(None))
    )
    found: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    for call, agent, outcome in await session.execute(query.where(*_within(since, until))):
        found[call, agent].add(str(outcome))
    return found


async def _answers(
    session: AsyncSession, rules: Collection[Rule], since: datetime, until: datetime
) -> Mapping[UUID, dict[tuple[str, str], float]]:
    asked = {(r.script, r.question) for r in rules if r.kind is RuleKind.FEEDBACK}
    query = (
        select(ScriptRun.call_id, ScriptRun.script_id, ScriptAnswer.field, ScriptAnswer.answer)
        .join(ScriptAnswer, ScriptAnswer.run_id == ScriptRun.id)
        .join(CALLS, CALLS.c.id == ScriptRun.call_id)
        .where(ScriptAnswer.counts, ScriptAnswer.field.in_({question for _, question in asked}))
    )
    found: dict[UUID, dict[tuple[str, str], float]] = defaultdict(dict)
    for call, script, question, answer in await session.execute(
        query.where(*_within(since, until))
    ):
        place = (str(script), question)
        try:
            number = float(answer)
        except ValueError:
            continue
        if place in asked:
            found[call][place] = number
    return found
