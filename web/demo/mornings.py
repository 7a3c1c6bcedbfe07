"""The hours before the demo began: calls of today, some missed, and what is to be done."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import storage.numbers
import storage.tasks
from pbx_bridge.simulator import Caller, stories
from pbx_bridge.simulator.stories import Exchange, Story
from storage.database import Database, Session
from storage.pbxs import Pbx
from storage.tasks import TaskFacts, TaskKind
from web.demo import cast, telling

ANN, BEN, CLEO = cast.PHONES


def _queue(name: str, winner: int, talk: float) -> Callable[[Exchange], Story]:
    return lambda exchange: stories.answered_in_queue(
        exchange, _caller(name), cast.QUEUE, cast.PHONES, dialled=cast.QUEUE_NUMBER,
        winner=winner, ring=6, talk=talk,
    )  # fmt: skip


def _missed(name: str) -> Callable[[Exchange], Story]:
    return lambda exchange: stories.to_extension(exchange, _caller(name), ANN, ring=20, talk=0)


def _back(name: str, talk: float) -> Callable[[Exchange], Story]:
    return lambda exchange: stories.outgoing(exchange, BEN, _caller(name).number, ring=5, talk=talk)


MORNING: tuple[tuple[float, Callable[[Exchange], Story], bool], ...] = (  # minutes ago, wrapped up
    (1500, _queue("Priya Raman", 0, 75), False),  # so long ago that its card is not shown again
    (170, _queue("Tom Hargreaves", 0, 260), True),
    (150, _queue("Chloé Lefèvre", 1, 140), True),
    (131, _missed("Marcus Finch"), False),
    (118, _queue("Daniel Cho", 2, 320), True),
    (104, _missed("Amara Nwosu"), False),
    (95, _queue("Astrid Norén", 0, 185), True),
    (88, _missed("Marcus Finch"), False),
    (71, _back("Amara Nwosu", 90), True),
    (52, _queue("Jürgen Müller", 1, 240), True),
    (21, _queue("Daniel Cho", 2, 60), True),
)


def _caller(name: str) -> Caller:
    person = next(each for each in cast.CUSTOMERS if each.name == name)
    return Caller(storage.numbers.Home("GB", 5).read(person.numbers[0]) or "", name)


async def make(
    database: Database, pbx: Pbx, users: Mapping[str, UUID], known: Mapping[str, UUID],
    now: datetime,
) -> None:  # fmt: skip
    """Tell today's calls, and note what came of them."""
    random = Random(4001)  # noqa: S311 - a made-up morning
    phones = {f"PJSIP/{phone.extension}": phone.extension for phone in cast.PHONES}
    seats = {(pbx.id, phone.extension): users[phone.extension] for phone in cast.PHONES}
    async with database.writing() as session:
        for minutes, story, wrap_up in MORNING:
            begin = now - timedelta(minutes=minutes)
            exchange = Exchange(int(begin.timestamp()), pbx.recordings_there or "")
            for call in telling.told(pbx.id, phones, story(exchange), begin):
                await telling.store(session, call, seats, random, wrap_up=wrap_up)
        await _errands(session, users, known, now)


async def _errands(
    session: Session, users: Mapping[str, UUID], known: Mapping[str, UUID], now: datetime
) -> None:
    for errand in cast.ERRANDS:
        number = _caller(errand.customer).number if errand.is_callback else None
        due = now.replace(second=0, microsecond=0)
        facts = TaskFacts(
            kind=TaskKind.CALLBACK if errand.is_callback else TaskKind.TASK,
            title=errand.title, body=errand.body, number=number,
            due_at=due + timedelta(hours=errand.due) if errand.due is not None else None,
            user_id=users[errand.doer] if errand.doer else None,
            customer_id=known.get(errand.customer),
        )  # fmt: skip
        await storage.tasks.add(session, facts, by=users[errand.by], now=now - timedelta(hours=4))
