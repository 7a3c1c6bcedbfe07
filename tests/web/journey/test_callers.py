"""A new call's lookup goes first, while the base is quick; a slow one holds nothing up twice."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from pbx_bridge.call import Call, Direction
from pbx_bridge.matching import match
from storage.cards import Card
from web.journey import callers
from web.journey.callers import Callers
from web.journey.seats import Line

LINE = Line(id=UUID(int=1), name="hq", region="GB", internal_digits=5, config=None)


class Base:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.asked = 0

    async def find(self, kind: str, e164: str | None) -> Card:
        self.asked += 1
        await self.open.wait()
        return Card(match=match("withheld"))


def a_call(number: int) -> Call:
    return Call(
        id=UUID(int=number),
        pbx=LINE.id,
        direction=Direction.INBOUND,
        number=f"+4420712300{number:02}",
        name="",
        dialled="4000",
        started_at=datetime(2026, 11, 25, tzinfo=UTC),
    )


@pytest.fixture
async def base() -> Base:
    return Base()


async def test_the_card_is_there_before_the_next_message(base: Base) -> None:
    base.open.set()
    found: list[UUID] = []
    them = Callers(base, found.append)
    call = a_call(1)
    them.meet(call, LINE)
    await them.looked(call.id)
    assert them.known(call.id).card is not None
    assert found == [call.id]


async def test_a_base_that_is_slow_holds_one_call_up_and_no_further_one(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "FIRST_LOOK_SECONDS", 0.01)
    waits: list[float | None] = []
    wait = asyncio.wait

    async def counted(tasks, **options):
        waits.append(options["timeout"])
        return await wait(tasks, **options)

    monkeypatch.setattr(asyncio, "wait", counted)
    found: asyncio.Queue[UUID] = asyncio.Queue()
    them = Callers(base, found.put_nowait)
    for number in range(1, 4):
        them.meet(a_call(number), LINE)
        await them.looked(a_call(number).id)
    assert waits == [0.01]
    base.open.set()  # it answers again, though late
    for _ in range(3):
        await found.get()
    monkeypatch.setattr(callers, "FIRST_LOOK_SECONDS", 60.0)
    them.meet(a_call(4), LINE)
    await found.get()
    them.meet(a_call(5), LINE)
    await them.looked(a_call(5).id)
    assert them.known(a_call(5).id).card is not None
    assert waits[-1] == 60.0
    await them.close()


async def test_a_call_that_was_never_met_waits_for_nothing(base: Base) -> None:
    them = Callers(base, lambda _: None)
    await them.looked(UUID(int=9))
    assert base.asked == 0
