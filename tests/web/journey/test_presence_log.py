"""What agents were is written down: from when to when, and nothing for what is not known."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

import storage.positions
from fixtures.calls import Stage, set_stage
from pbx_bridge.presences import AgentState, Presence, Source, Standing
from storage.background import Background
from storage.database import Database
from storage.positions import Position
from storage.presences import PresenceRecord
from storage.queues import Queue
from web.journey.presence_log import PresenceLog

NINE = datetime(2026, 11, 28, 9, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def agent(state: str, why: str = "", *, queues: dict[str, str] | None = None) -> Presence:
    """An agent in queues, each with the reason of a pause or ""."""
    standings = tuple(
        Standing(
            queue=queue,
            interface="PJSIP/101",
            paused=bool(reason),
            reason=reason,
            since=None,
            by=Source.PHONE,
            is_static=True,
        )
        for queue, reason in (queues or {}).items()
    )
    return Presence(state=AgentState(state), why=why, by=Source.PHONE, standings=standings)


class Book:
    """A log over a base, and what it stored."""

    def __init__(self, database: Database, stage: Stage) -> None:
        self.database, self.stage = database, stage
        self.background = Background(database.url)
        self.log = PresenceLog(self.background)

    def note(self, minute: int, presence: Presence, *, user: int | None = 0) -> None:
        who = None if user is None else self.stage.users[user]
        self.log.note(self.stage.pbx, "101", who, presence, at(minute))

    async def rows(self) -> list[tuple[str, str, int, int | None]]:
        """State (with its queue), reason, and the minutes from when to when."""
        await self.log.flush()
        async with self.database.reading() as session:
            found = await session.scalars(
                select(PresenceRecord).order_by(
                    PresenceRecord.queue.is_not(None),
                    PresenceRecord.queue,
                    PresenceRecord.began_at,
                )
            )
            return [
                (f"{row.queue or ''}:{row.state}", row.reason, _minute(row.began_at),
                 _minute(row.ended_at))
                for row in found
            ]  # fmt: skip


def _minute(moment: datetime | None) -> int | None:
    return None if moment is None else int((moment - NINE).total_seconds() // 60)


@pytest.fixture
async def book(database: Database) -> AsyncIterator[Book]:
    made = Book(database, await set_stage(database))
    yield made
    await made.background.close()


async def test_each_state_lasts_until_the_next(book: Book) -> None:
    book.note(0, agent("available", queues={"sales": ""}))
    book.note(5, agent("available", queues={"sales": ""}))
    book.note(10, agent("paused", "Lunch", queues={"sales": "Lunch"}))
    book.note(40, agent("available", queues={"sales": "", "support": ""}))
    assert await book.rows() == [
        (":available", "", 0, 10),
        (":paused", "Lunch", 10, 40),
        (":available", "", 40, None),
        ("sales:available", "", 0, 10),
        ("sales:paused", "Lunch", 10, 40),
        ("sales:available", "", 40, None),
        ("support:available", "", 40, None),
    ]


async def test_while_the_pbx_is_not_heard_nothing_is_claimed(book: Book) -> None:
    book.note(0, agent("available", queues={"sales": ""}))
    assert len(await book.rows()) == 2
    book.note(5, agent("unknown", queues={"sales": ""}))
    book.note(9, agent("available"))
    assert await book.rows() == [
        (":available", "", 0, 5),
        (":available", "", 9, None),
        ("sales:available", "", 0, 5),
    ]


async def test_a_phone_that_goes_to_another_agent_begins_anew(book: Book) -> None:
    book.note(0, agent("available"))
    book.note(5, agent("available"), user=1)
    book.note(9, agent("available"), user=None)
    assert await book.rows() == [(":available", "", 0, 5), (":available", "", 5, 9)]


async def test_what_a_dead_server_left_open_ends_when_the_pbx_was_heard_last(book: Book) -> None:
    book.note(0, agent("paused", "Lunch"))
    await book.log.flush()
    position = Position(
        pbx_id=book.stage.pbx, journal=book.stage.pbx, n=1, heard_at=at(7), first=1, first_at=NINE
    )
    async with book.database.writing() as session:
        await storage.positions.put(session, [position])
    book.log = PresenceLog(book.background)
    book.log.begin(book.stage.pbx)
    book.note(20, agent("paused", "Lunch"))
    assert await book.rows() == [(":paused", "Lunch", 0, 7), (":paused", "Lunch", 20, None)]


async def test_what_the_base_refused_is_stored_later(book: Book, monkeypatch) -> None:
    async def refuses(_work) -> None:
        raise OSError

    book.note(0, agent("available", queues={"help": ""}))
    with monkeypatch.context() as patch:
        patch.setattr(book.background, "run", refuses)
        await book.log.flush()
    book.note(5, agent("paused"))
    assert await book.rows() == [
        (":available", "", 0, 5),
        (":paused", "", 5, None),
        ("help:available", "", 0, 5),
    ]


async def test_the_last_words_end_everything(book: Book) -> None:
    book.note(0, agent("available", queues={"sales": ""}))
    book.log.end_all(at(3))
    assert await book.rows() == [(":available", "", 0, 3), ("sales:available", "", 0, 3)]


async def test_a_queue_that_the_pbx_names_is_known_from_then_on(book: Book) -> None:
    book.note(0, agent("available", queues={"night": ""}))
    await book.log.flush()
    async with book.database.reading() as session:
        assert "night" in list(await session.scalars(select(Queue.name)))
