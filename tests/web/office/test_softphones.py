"""Giving agents a softphone, on the pages: no password ever comes back."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

import storage.agents
import storage.softphones
from storage.database import Database
from storage.pbxs import Pbx
from storage.secrets import SecretBox

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
PASSWORD = "geheim-1234"


@pytest.fixture
async def admin(sign_in):
    return await sign_in("administrator", login="root")


@pytest.fixture
async def phone(cast, pbx, database: Database) -> tuple[UUID, UUID]:
    """Anna at 101: the agent's key and hers."""
    anna = await cast("anna")
    async with database.writing() as session:
        (await session.get(Pbx, pbx)).softphone_url = "wss://pbx.example:8089/ws"
        agent = await storage.agents.create(
            session, user_id=anna.id, pbx_id=pbx, extension="101", now=NOW, by=None
        )
    return agent.id, anna.id


async def test_a_phone_gets_a_softphone_and_its_password_is_never_shown(
    admin, phone, database, settings
) -> None:
    agent, anna = phone
    path = f"/administration/phones/{agent}"
    assert "Give a softphone" in await admin.get(path)
    answer = await admin.post(f"{path}/softphone", {"account": "", "password": PASSWORD})
    assert answer.status == 303
    page = await admin.get(path)
    [field] = re.findall(r'<input[^>]*name="account"[^>]*>', page)
    assert 'value="101"' in field
    assert PASSWORD not in page
    assert PASSWORD not in await admin.get("/administration/audit")
    assert "Softphone" in await admin.get("/administration/phones")
    async with database.writing() as session:
        box = SecretBox(settings.secret_keys)
        given = await storage.softphones.register(session, anna, secrets=box)
    assert given.password == PASSWORD


async def test_the_first_password_is_asked_for_in_a_sentence(admin, phone) -> None:
    path = f"/administration/phones/{phone[0]}"
    answer = await admin.post(f"{path}/softphone", {"account": "web 101", "password": ""})
    page = await answer.text()
    assert answer.status == 422
    assert "web 101" in page
    answer = await admin.post(f"{path}/softphone", {"account": "101", "password": ""})
    assert (answer.status, "Fill this in." in await answer.text()) == (422, True)


async def test_a_softphone_is_taken_away(admin, phone, database) -> None:
    path = f"/administration/phones/{phone[0]}"
    await admin.post(f"{path}/softphone", {"password": PASSWORD})
    assert (await admin.post(f"{path}/softphone/removals")).status == 303
    async with database.reading() as session:
        assert await storage.softphones.accounts(session) == {}


async def test_the_address_of_a_pbx_is_checked_and_kept(admin, pbx, database) -> None:
    form = {
        "name": "Berlin", "host": "pbx.lan", "port": "5038", "username": "u", "encoding": "cp1252",
        "region": "DE", "internal_digits": "4", "softphone_url": "wss://pbx.lan/ws; script-src *",
    }  # fmt: skip
    path = f"/administration/pbxs/{pbx}"
    answer = await admin.post(path, form)
    assert answer.status == 422
    assert "Write it like wss://" in await answer.text()
    assert (await admin.post(path, form | {"softphone_url": "wss://pbx.lan/ws"})).status == 303
    async with database.reading() as session:
        assert (await session.get(Pbx, pbx)).softphone_url == "wss://pbx.lan/ws"
    assert "wss://pbx.lan/ws" in await admin.get(path)
