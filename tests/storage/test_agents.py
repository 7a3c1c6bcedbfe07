"""Agents at phones, teams, queues and outcomes: what the administration keeps."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

import storage.access
import storage.agents
import storage.outcomes
import storage.queues
import storage.teams
from pbx_bridge.ids import uuid7
from storage.agents import Agent
from storage.database import Database
from storage.errors import Conflict, NotFound
from storage.pbxs import Pbx
from storage.users import User

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
async def pbx(database: Database) -> Pbx:
    async with database.writing() as session:
        row = Pbx(
            id=uuid7(NOW), name="Berlin", host="pbx", username="u", secret="s", created_at=NOW
        )
        session.add(row)
    return row


async def person(database: Database, login: str) -> User:
    async with database.writing() as session:
        user = User(id=uuid7(NOW), login=login, name=login.title(), role="agent", created_at=NOW)
        session.add(user)
    return user


async def seat(
    database: Database, user: User, pbx: Pbx, extension: str, interface: str = ""
) -> Agent:
    async with database.writing() as session:
        return await storage.agents.create(
            session,
            user_id=user.id,
            pbx_id=pbx.id,
            extension=extension,
            interface=interface,
            now=NOW,
            by=None,
        )


async def test_the_bridge_reads_who_sits_where(database: Database, pbx: Pbx) -> None:
    anna, bo = await person(database, "anna"), await person(database, "bo")
    await seat(database, bo, pbx, "102", "SIP/desk-2")
    await seat(database, anna, pbx, "101")
    async with database.reading() as session:
        phones = await storage.agents.phones(session)
    assert [(phone.extension, phone.interface, phone.user_id) for phone in phones] == [
        ("101", "PJSIP/101", anna.id),
        ("102", "SIP/desk-2", bo.id),
    ]


async def test_a_closed_user_sits_at_no_phone(database: Database, pbx: Pbx) -> None:
    anna = await person(database, "anna")
    await seat(database, anna, pbx, "101")
    async with database.writing() as session:
        await storage.access.close_user(session, anna.id, now=NOW, by=None)
    async with database.reading() as session:
        assert not await storage.agents.phones(session)
        assert len(await storage.agents.seats(session)) == 1


@pytest.mark.parametrize(
    ("extension", "interface", "what"),
    [("101", "SIP/other", "extension"), ("109", "PJSIP/101", "device")],
)
async def test_a_phone_has_one_agent_at_a_time(
    database: Database, pbx: Pbx, extension: str, interface: str, what: str
) -> None:
    anna, bo = await person(database, "anna"), await person(database, "bo")
    await seat(database, anna, pbx, "101")
    with pytest.raises(Conflict, match=f"this {what} is taken: Anna sits there"):
        await seat(database, bo, pbx, extension, interface)


async def test_a_phone_is_given_to_a_colleague(database: Database, pbx: Pbx) -> None:
    anna, bo = await person(database, "anna"), await person(database, "bo")
    agent = await seat(database, anna, pbx, "101")
    async with database.writing() as session:
        await storage.agents.change(
            session, agent.id, user_id=bo.id, pbx_id=pbx.id, extension="101", by=None
        )
    async with database.reading() as session:
        [phone] = await storage.agents.phones(session)
    assert phone.user_id == bo.id


async def test_a_seat_needs_a_user_and_a_pbx_that_exist(database: Database, pbx: Pbx) -> None:
    nobody = User(id=UUID(int=7))
    with pytest.raises(NotFound):
        await seat(database, nobody, pbx, "101")


async def test_colleagues_are_everyone_in_a_team_of_the_user(database: Database) -> None:
    anna, bo, clara = [await person(database, login) for login in ("anna", "bo", "clara")]
    async with database.writing() as session:
        day = await storage.teams.create(session, name="Day", now=NOW, by=None)
        night = await storage.teams.create(session, name="Night", now=NOW, by=None)
        await storage.teams.place(session, anna.id, [day.id, night.id], by=None)
        await storage.teams.place(session, bo.id, [day.id], by=None)
    async with database.reading() as session:
        assert await storage.teams.colleagues(session, anna.id) == {anna.id, bo.id}
        assert await storage.teams.colleagues(session, clara.id) == {clara.id}


async def test_a_team_takes_exactly_the_members_named(database: Database) -> None:
    anna, bo = await person(database, "anna"), await person(database, "bo")
    async with database.writing() as session:
        team = await storage.teams.create(session, name="Day", now=NOW, by=None)
        for users in ([anna.id, bo.id], [bo.id, UUID(int=7)]):
            await storage.teams.change(session, team.id, name="Day", user_ids=users, by=None)
    async with database.reading() as session:
        assert await storage.teams.members(session) == {team.id: {bo.id}}


async def test_a_team_that_does_not_exist_takes_nobody(database: Database) -> None:
    anna = await person(database, "anna")
    async with database.writing() as session:
        await storage.teams.place(session, anna.id, [UUID(int=7)], by=None)
    async with database.reading() as session:
        assert await storage.teams.of_user(session, anna.id) == set()


async def test_a_dissolved_team_leaves_its_members(database: Database) -> None:
    anna = await person(database, "anna")
    async with database.writing() as session:
        team = await storage.teams.create(session, name="Day", now=NOW, by=None)
        await storage.teams.place(session, anna.id, [team.id], by=None)
    async with database.writing() as session:
        await storage.teams.remove(session, team.id, by=None)
    async with database.reading() as session:
        assert not await storage.teams.listed(session)
        assert await storage.teams.colleagues(session, anna.id) == {anna.id}


async def test_two_teams_of_one_name_are_refused(database: Database) -> None:
    async with database.writing() as session:
        await storage.teams.create(session, name="Day", now=NOW, by=None)
        with pytest.raises(Conflict, match="team of this name"):
            await storage.teams.create(session, name="DAY", now=NOW, by=None)


async def test_a_queue_is_added_once_by_however_many_calls(database: Database, pbx: Pbx) -> None:
    async def ensure() -> UUID:
        async with database.writing() as session:
            return (await storage.queues.ensure(session, pbx.id, "support")).id

    keys = await asyncio.gather(*(ensure() for _ in range(12)))
    assert len(set(keys)) == 1
    async with database.reading() as session:
        [queue] = await storage.queues.listed(session)
    assert (queue.name, queue.label) == ("support", "support")


async def test_a_queue_without_a_label_is_called_as_the_pbx_does(
    database: Database, pbx: Pbx
) -> None:
    async with database.writing() as session:
        queue = await storage.queues.ensure(session, pbx.id, "support")
    for label, shown in (("Help desk", "Help desk"), ("  ", "support")):
        async with database.writing() as session:
            await storage.queues.rename(session, queue.id, label, by=None)
        async with database.reading() as session:
            assert (await storage.queues.get(session, queue.id)).label == shown


async def test_a_label_survives_the_next_call(database: Database, pbx: Pbx) -> None:
    async with database.writing() as session:
        queue = await storage.queues.ensure(session, pbx.id, "support")
        await storage.queues.rename(session, queue.id, "Help desk", by=None)
    async with database.writing() as session:
        assert (await storage.queues.ensure(session, pbx.id, "support")).label == "Help desk"


async def outcomes(database: Database, *, closed: bool = False) -> list[str]:
    async with database.reading() as session:
        return [row.name for row in await storage.outcomes.listed(session, closed=closed)]


async def test_outcomes_keep_the_order_they_are_given(database: Database) -> None:
    async with database.writing() as session:
        rows = [
            await storage.outcomes.create(session, name, now=NOW, by=None)
            for name in ("Sold", "Later", "No")
        ]
    for to, order in [("up", ["Later", "Sold", "No"]), ("up", ["Later", "Sold", "No"])]:
        async with database.writing() as session:
            await storage.outcomes.move(session, rows[1].id, to, by=None)
        assert await outcomes(database) == order
    async with database.writing() as session:
        await storage.outcomes.move(session, rows[1].id, "down", by=None)
    assert await outcomes(database) == ["Sold", "Later", "No"]


async def test_a_closed_outcome_can_no_longer_be_chosen_and_stays(database: Database) -> None:
    async with database.writing() as session:
        sold = await storage.outcomes.create(session, "Sold", now=NOW, by=None)
        await storage.outcomes.change(session, sold.id, name="Sold", active=False, by=None)
    assert await outcomes(database) == []
    assert await outcomes(database, closed=True) == ["Sold"]


async def test_two_outcomes_of_one_name_are_refused(database: Database) -> None:
    async with database.writing() as session:
        await storage.outcomes.create(session, "Sold", now=NOW, by=None)
        with pytest.raises(Conflict):
            await storage.outcomes.create(session, "sold", now=NOW, by=None)
