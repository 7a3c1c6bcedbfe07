"""Softphones: a password that is encrypted, given to its agent alone, and audited."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

import storage.agents
import storage.pbxs
import storage.softphones
from fixtures.cast import add_user
from storage.audit import AuditEntry
from storage.database import Database
from storage.errors import NotFound, Refused
from storage.pbxs import Facts
from storage.secrets import SecretBox, new_key
from storage.softphones import Softphone

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
BOX = SecretBox([new_key()])
URL = "wss://pbx.example:8089/ws"


async def seat(database: Database, *, url: str | None = URL) -> tuple[UUID, UUID]:
    """Seat ann at 101; gives the keys of the agent and of the user."""
    ann = await add_user(database, "ann", "agent")
    facts = Facts(
        name="Berlin", host="pbx.example", port=5038, username="u", tls=False, tls_ca=None,
        encoding="cp1252", region="DE", internal_digits=4, recordings_there=None,
        recordings_here=None, softphone_url=url,
    )  # fmt: skip
    async with database.writing() as session:
        pbx = await storage.pbxs.create(session, facts, secret="s", secrets=BOX, now=NOW, by=None)
        agent = await storage.agents.create(
            session, user_id=ann.id, pbx_id=pbx.id, extension="101", now=NOW, by=None
        )
    return agent.id, ann.id


async def keep(database: Database, agent: UUID, password: str | None, account: str = "") -> None:
    async with database.writing() as session:
        await storage.softphones.keep(
            session, agent, account=account, password=password, secrets=BOX, now=NOW, by=None
        )


async def test_a_softphone_is_its_devices_account_and_its_password_is_encrypted(
    database: Database,
) -> None:
    agent, ann = await seat(database)
    await keep(database, agent, "geheim-1234")
    async with database.reading() as session:
        [row] = await session.scalars(select(Softphone))
        line = await storage.softphones.line_of(session, ann)
    assert line is not None
    assert (line.account, line.extension, line.url) == ("101", "101", URL)
    assert line.address == "101@pbx.example"
    assert "geheim" not in row.secret
    assert BOX.open(row.secret) == "geheim-1234"


async def test_its_password_is_given_to_its_agent_alone_and_each_time_is_audited(
    database: Database,
) -> None:
    agent, ann = await seat(database)
    ben = await add_user(database, "ben", "agent")
    await keep(database, agent, "geheim-1234")
    async with database.writing() as session:
        given = await storage.softphones.register(session, ann, secrets=BOX)
    assert given.password == "geheim-1234"
    assert "geheim" not in repr(given)
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.softphones.register(session, ben.id, secrets=BOX)
    async with database.reading() as session:
        rows = [row for row in await session.scalars(select(AuditEntry)) if row.user_id]
    assert [(row.action, row.user_id, row.key) for row in rows] == [
        ("softphone.password_given", ann, agent)
    ]


async def test_no_password_keeps_the_stored_one_and_the_first_is_needed(database: Database) -> None:
    agent, ann = await seat(database)
    with pytest.raises(Refused, match="password"):
        await keep(database, agent, None)
    await keep(database, agent, "geheim-1234")
    await keep(database, agent, None, account="101-web")
    async with database.writing() as session:
        given = await storage.softphones.register(session, ann, secrets=BOX)
    assert (given.line.account, given.password) == ("101-web", "geheim-1234")


async def test_without_an_address_of_the_pbx_there_is_no_softphone(database: Database) -> None:
    agent, ann = await seat(database, url=None)
    await keep(database, agent, "geheim-1234")
    async with database.reading() as session:
        assert await storage.softphones.line_of(session, ann) is None


async def test_a_softphone_that_is_taken_away_is_gone_with_its_password(database: Database) -> None:
    agent, ann = await seat(database)
    await keep(database, agent, "geheim-1234")
    async with database.writing() as session:
        await storage.softphones.remove(session, agent, by=None)
    async with database.reading() as session:
        assert await storage.softphones.line_of(session, ann) is None
        assert await storage.softphones.accounts(session) == {}
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.softphones.remove(session, agent, by=None)
