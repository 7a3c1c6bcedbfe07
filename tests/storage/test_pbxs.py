"""PBXs: their secret, and the settings file that wins over the pages."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

import storage.pbxs
from storage.audit import AuditEntry
from storage.database import Database
from storage.errors import Conflict, Refused
from storage.pbxs import Facts, Pbx
from storage.secrets import SecretBox, new_key
from web.config import PbxSettings

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
BOX = SecretBox([new_key()])


def facts(**changes: Any) -> Facts:
    fields: dict[str, Any] = {
        "name": "Berlin",
        "host": "pbx.example",
        "port": 5038,
        "username": "ringbook",
        "tls": False,
        "tls_ca": None,
        "encoding": "cp1252",
        "region": "DE",
        "internal_digits": 4,
        "recordings_there": None,
        "recordings_here": None,
    }
    return Facts(**(fields | changes))


def described(**changes: Any) -> PbxSettings:
    fields: dict[str, Any] = {"name": "Berlin", "host": "pbx.file", "secret": SecretStr("of file")}
    return PbxSettings(**(fields | changes))


async def create(database: Database, **changes: Any) -> Pbx:
    async with database.writing() as session:
        return await storage.pbxs.create(
            session, facts(**changes), secret="amp111", secrets=BOX, now=NOW, by=None
        )


async def sync(database: Database, *wanted: PbxSettings, box: SecretBox = BOX) -> None:
    async with database.writing() as session:
        await storage.pbxs.sync_from_file(session, wanted, box, now=NOW)


async def listed(database: Database) -> list[Pbx]:
    async with database.reading() as session:
        return list(await storage.pbxs.listed(session))


async def entries(database: Database) -> list[str]:
    async with database.reading() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [row.action for row in rows]


async def test_the_secret_is_stored_encrypted_and_read_again(database: Database) -> None:
    pbx = await create(database)
    assert "amp111" not in pbx.secret
    config = storage.pbxs.ami_config(pbx, BOX)
    assert config.secret.get_secret_value() == "amp111"
    assert "amp111" not in repr(config)


async def test_a_secret_of_another_installation_cannot_be_read(database: Database) -> None:
    pbx = await create(database)
    with pytest.raises(Refused, match="another key"):
        storage.pbxs.ami_config(pbx, SecretBox([new_key()]))


async def test_an_older_key_still_reads(database: Database) -> None:
    old, new = new_key(), new_key()
    token = SecretBox([old]).close("amp111")
    assert SecretBox([new, old]).open(token) == "amp111"


async def test_a_change_without_a_secret_keeps_the_one_there_is(database: Database) -> None:
    pbx = await create(database)
    async with database.writing() as session:
        await storage.pbxs.change(
            session, pbx.id, facts(host="moved"), secret=None, secrets=BOX, by=None
        )
    [after] = await listed(database)
    assert (after.host, BOX.open(after.secret)) == ("moved", "amp111")


async def test_two_pbxs_of_one_name_are_refused(database: Database) -> None:
    await create(database)
    with pytest.raises(Conflict):
        await create(database, name="BERLIN")


async def test_the_file_adds_a_pbx_once(database: Database) -> None:
    await sync(database, described())
    await sync(database, described())
    [pbx] = await listed(database)
    assert (pbx.host, pbx.from_file, BOX.open(pbx.secret)) == ("pbx.file", True, "of file")
    assert await entries(database) == ["pbx.read_from_file"]


async def test_the_file_wins_over_the_page(database: Database) -> None:
    before = await create(database)
    await sync(database, described(region="at"))
    [pbx] = await listed(database)
    assert (pbx.id, pbx.host, pbx.region) == (before.id, "pbx.file", "AT")
    assert BOX.open(pbx.secret) == "of file"


async def test_what_the_file_describes_the_page_cannot_change(database: Database) -> None:
    await sync(database, described())
    [pbx] = await listed(database)
    with pytest.raises(Refused, match="settings file"):
        async with database.writing() as session:
            await storage.pbxs.change(
                session, pbx.id, facts(host="evil"), secret="x", secrets=BOX, by=None
            )
    [after] = await listed(database)
    assert after.host == "pbx.file"


async def test_what_the_file_no_longer_names_can_be_edited_again(database: Database) -> None:
    await sync(database, described())
    await sync(database)
    [pbx] = await listed(database)
    assert not pbx.from_file


async def test_after_a_change_of_keys_the_file_writes_the_secret_anew(database: Database) -> None:
    await sync(database, described())
    other = SecretBox([new_key()])
    await sync(database, described(), box=other)
    [pbx] = await listed(database)
    assert other.open(pbx.secret) == "of file"


async def test_no_secret_and_no_name_stand_in_the_audit(database: Database) -> None:
    await create(database, name="Berlin")
    await sync(database, described(name="Munich"))
    async with database.reading() as session:
        rows = (await session.scalars(select(AuditEntry))).all()
    text = " ".join(str(row.details) for row in rows)
    assert not any(word in text for word in ("amp111", "of file", "Berlin", "Munich"))
