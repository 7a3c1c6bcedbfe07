"""Scripts as supervisors keep them: made, changed, published in versions, given to queues."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.outcomes
import storage.queues
from pbx_bridge.ids import uuid7
from pbx_bridge.matching import Reason
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.queues import Queue
from storage.rules import scripts as rules
from storage.rules import texts
from storage.rules.scripts import Outline, Step
from storage.scripts.tables import LONGEST_NAME, Script, ScriptQueue, ScriptVersion


class ChangedMeanwhile(Conflict):
    """A colleague saved this script first; carries theirs and its version."""

    def __init__(self, theirs: Script) -> None:
        super().__init__("A colleague has changed this script since you opened the page.")
        self.name = theirs.name
        self.outline = rules.from_data(theirs.draft)
        self.version = theirs.version


class NotUsable(Refused):
    """What is wrong with a script that was to be published, each a sentence."""

    def __init__(self, problems: Sequence[Reason]) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = tuple(problems)


class ScriptLine(NamedTuple):
    """A script in the list: the queues that have it, and how often it was published."""

    script: Script
    queues: tuple[str, ...]
    versions: int


async def listed(session: AsyncSession) -> Sequence[ScriptLine]:
    """Every script by name."""
    count = (
        select(func.count(ScriptVersion.id))
        .where(ScriptVersion.script_id == Script.id)
        .scalar_subquery()
    )
    rows = await session.execute(select(Script, count).order_by(func.lower(Script.name), Script.id))
    given: dict[UUID, list[str]] = {}
    for script_id, label in await session.execute(
        select(ScriptQueue.script_id, Queue.label)
        .join(Queue, Queue.id == ScriptQueue.queue_id)
        .order_by(Queue.label)
    ):
        given.setdefault(script_id, []).append(label)
    return [ScriptLine(row[0], tuple(given.get(row[0].id, ())), row[1]) for row in rows]


async def get(session: AsyncSession, key: UUID, *, locked: bool = False) -> Script:
    """The script; raises NotFound."""
    script = await session.get(
        Script, key, with_for_update=True if locked else None, populate_existing=locked
    )
    if script is None:
        raise NotFound("script", key)
    return script


async def version(session: AsyncSession, key: UUID, number: int) -> ScriptVersion:
    """A script as it was published; raises NotFound."""
    query = select(ScriptVersion).where(
        ScriptVersion.script_id == key, ScriptVersion.number == number
    )
    found: ScriptVersion | None = await session.scalar(query)
    if found is None:
        raise NotFound("version", number)
    return found


async def versions(session: AsyncSession, key: UUID) -> Sequence[ScriptVersion]:
    """Every version of a script, the newest first."""
    query = select(ScriptVersion).where(ScriptVersion.script_id == key)
    return (await session.scalars(query.order_by(ScriptVersion.number.desc()))).all()


async def create(session: AsyncSession, name: str, *, by: UUID | None, now: datetime) -> Script:
    """Begin a script, with an empty first step; raises Refused without a name."""
    script = Script(
        id=uuid7(now), name=_name(name), draft=rules.to_data(Outline((Step(key="s1"),))),
        published=None, created_at=now, updated_at=now, updated_by=by,
    )  # fmt: skip
    session.add(script)
    await session.flush()
    audit.record(session, "script.created", by=by, key=script.id)
    return script


async def save(
    session: AsyncSession,
    key: UUID,
    name: str,
    outline: Outline,
    *,
    version: int,
    by: UUID | None,
    now: datetime,
) -> Script:
    """Keep what was edited from `version` on; agents see it once it is published.

    Raises ChangedMeanwhile where a colleague was first, unless with the same.
    """
    if len(outline.steps) > rules.MOST_STEPS:
        raise Refused("A script has {count} steps at most.", count=rules.MOST_STEPS)
    script = await get(session, key, locked=True)
    name, draft = _name(name), rules.to_data(outline)
    if (script.name, script.draft) == (name, draft):
        return script
    if script.version != version:
        raise ChangedMeanwhile(script)
    script.name, script.draft = name, draft
    script.version += 1
    script.updated_at, script.updated_by = now, by
    audit.record(session, "script.changed", by=by, key=key)
    await session.flush()
    return script


async def publish(
    session: AsyncSession, key: UUID, *, version: int, by: UUID | None, now: datetime
) -> ScriptVersion:
    """Let agents use the script as it is edited now, as another version.

    Raises ChangedMeanwhile where it is no longer what was looked at, NotUsable with every problem.
    """
    script = await get(session, key, locked=True)
    if script.version != version:
        raise ChangedMeanwhile(script)
    outcomes = {str(outcome.id) for outcome in await storage.outcomes.listed(session)}
    problems = rules.check(rules.from_data(script.draft), outcomes)
    if problems:
        raise NotUsable(problems)
    latest = next(iter(await versions(session, key)), None)
    if latest is None or latest.outline != script.draft:
        latest = ScriptVersion(
            id=uuid7(now), script_id=key, number=latest.number + 1 if latest else 1,
            outline=script.draft, published_at=now, published_by=by,
        )  # fmt: skip
        session.add(latest)
    script.published = latest.number
    audit.record(session, "script.published", by=by, key=key, number=latest.number)
    await session.flush()
    return latest


async def withdraw(session: AsyncSession, key: UUID, *, by: UUID | None) -> None:
    """Let no call begin with the script any more; what was answered stays."""
    script = await get(session, key, locked=True)
    if script.published is not None:
        script.published = None
        audit.record(session, "script.withdrawn", by=by, key=key)


async def queues_of(session: AsyncSession) -> dict[UUID, UUID]:
    """Which script each queue has, by the queue's id."""
    rows = await session.execute(select(ScriptQueue.queue_id, ScriptQueue.script_id))
    return {row.queue_id: row.script_id for row in rows}


async def in_use(session: AsyncSession) -> frozenset[UUID]:
    """The queues whose calls get a script."""
    query = select(ScriptQueue.queue_id).join(Script, Script.id == ScriptQueue.script_id)
    return frozenset(await session.scalars(query.where(Script.published.is_not(None))))


async def assign(
    session: AsyncSession, key: UUID, queues: Collection[UUID], *, by: UUID | None
) -> None:
    """Give the script to these queues, and to no others; another script of theirs gives way."""
    script = await get(session, key)
    known = [queue.id for queue in await storage.queues.listed(session) if queue.id in set(queues)]
    await session.execute(
        delete(ScriptQueue).where(
            (ScriptQueue.script_id == script.id) | ScriptQueue.queue_id.in_(known)
        )
    )
    session.add_all(ScriptQueue(queue_id=queue, script_id=script.id) for queue in known)
    audit.record(session, "script.assigned", by=by, key=key, queues=sorted(map(str, known)))
    await session.flush()


def _name(name: str) -> str:
    name = texts.one_line(name, limit=LONGEST_NAME)
    if not name:
        raise Refused("A script needs a name.")
    return name
