"""Scripts as supervisors keep them: made, changed, published in versions, given to queues."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.outcomes
import storage.queues
from pbx_bridge.matching import Reason, msgid
from storage import audit
from storage.blueprints import Blueprints, labels
from storage.errors import Refused
from storage.queues import Queue
from storage.rules import scripts as rules
from storage.rules.scripts import Outline, Step
from storage.scripts.tables import Script, ScriptQueue, ScriptVersion


class ScriptLine(NamedTuple):
    """A script in the list: the queues that have it, and how often it was published."""

    script: Script
    queues: tuple[str, ...]
    versions: int


async def _check(session: AsyncSession, outline: Outline) -> Sequence[Reason]:
    outcomes = {str(outcome.id) for outcome in await storage.outcomes.listed(session)}
    return rules.check(outline, outcomes)


def _fits(outline: Outline) -> None:
    if len(outline.steps) > rules.MOST_STEPS:
        raise Refused("A script has {count} steps at most.", count=rules.MOST_STEPS)


BLUEPRINTS: Blueprints[Script, ScriptVersion, Outline] = Blueprints(
    noun="script",
    table=Script,
    version_table=ScriptVersion,
    of=ScriptVersion.script_id,
    first=Outline((Step(key="s1"),)),
    to_data=rules.to_data,
    from_data=rules.from_data,
    check=_check,
    fits=_fits,
    nameless=msgid("A script needs a name."),
    changed=msgid("A colleague has changed this script since you opened the page."),
)
get, version, versions = BLUEPRINTS.get, BLUEPRINTS.version, BLUEPRINTS.versions
create, save, publish, withdraw = (
    BLUEPRINTS.create,
    BLUEPRINTS.save,
    BLUEPRINTS.publish,
    BLUEPRINTS.withdraw,
)


async def listed(session: AsyncSession) -> Sequence[ScriptLine]:
    """Every script by name."""
    query = select(ScriptQueue.script_id, Queue.label).join(Queue, Queue.id == ScriptQueue.queue_id)
    queues = labels(await session.execute(query.order_by(Queue.label)))
    return [
        ScriptLine(script, tuple(queues.get(script.id, ())), count)
        for script, count in await BLUEPRINTS.listed(session)
    ]


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
