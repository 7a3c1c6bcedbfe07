"""Each listening leaves one line of the audit, also one that breaks off; nobody can change it."""

import os
import random

import pytest
from aiohttp import ClientError
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

import storage.custody
import storage.rights
from fixtures.calls import Teller
from storage.audit import AuditEntry
from storage.rules.permissions import Permission, RoleName, Scope

pytestmark = pytest.mark.usefixtures("ears")

LISTENINGS = 300 if "RINGBOOK_PROVE" in os.environ else 12
SOUND = random.Random(48).randbytes(900_000)
PLAYED = AuditEntry.action == "recording.played"


@pytest.mark.bar(48)
async def test_each_listening_leaves_one_line_however_it_breaks_off(
    sign_in, stage, store, database, proof
) -> None:
    call = await store(Teller(stage.pbx).ended(), stage.context(), sound=SOUND)
    browser = await sign_in("administrator")
    chance = random.Random(48)
    addresses = []
    for _ in range(LISTENINGS):
        opened = await browser.post(f"/recordings/{call.recordings[0].id}/plays")
        addresses.append((await opened.json())["url"])
        for _ in range(chance.randrange(1, 4)):
            first = chance.randrange(len(SOUND))
            headers = {"Range": f"bytes={first}-"}
            try:
                response = await browser.client.get(addresses[-1], headers=headers)
                await response.content.read(chance.randrange(1, 50_000))
                response.close()
            except (TimeoutError, ClientError):
                continue
    async with database.reading() as session:
        rows = list(await session.scalars(select(AuditEntry).where(PLAYED)))
    plays = [row.details["play"] for row in rows]
    missing = [address for address in addresses if plays.count(address.split("/")[2]) != 1]
    assert len(rows) == LISTENINGS
    for meddling in (update(AuditEntry).values(action="nothing"), delete(AuditEntry)):
        with pytest.raises(DatabaseError):
            async with database.writing() as session:
                await session.execute(meddling.where(PLAYED))
    async with database.reading() as session:
        assert len(list(await session.scalars(select(AuditEntry).where(PLAYED)))) == LISTENINGS
    proof.tried(LISTENINGS, len(missing), of="listenings that broke off", seed=48)


@pytest.mark.bar(48)
async def test_each_download_leaves_one_line_and_one_entry_however_it_breaks_off(
    sign_in, stage, store, database, proof
) -> None:
    call = await store(Teller(stage.pbx).ended(), stage.context(), sound=SOUND)
    async with database.writing() as session:
        wanted = {Permission.DOWNLOAD_RECORDINGS: Scope.ALL}
        await storage.rights.give(session, RoleName.ADMINISTRATOR, wanted, by=None)
    browser = await sign_in("administrator")
    chance = random.Random(45)
    for number in range(LISTENINGS):
        response = await browser.post(f"/recordings/{call.recordings[0].id}/downloads")
        assert response.status == 200
        if number == 0:
            assert await response.read() == SOUND
            assert response.headers["Content-Disposition"].startswith("attachment")
        else:
            await response.content.read(chance.randrange(1, 50_000))
            response.close()
    async with database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == "recording.downloaded")
        rows = list(await session.scalars(query))
        chain = await storage.custody.of_recording(session, call.recordings[0].id)
    acts = [entry.act for entry in chain]
    assert acts == ["stored", *["downloaded"] * LISTENINGS]
    assert {entry.user_id for entry in chain[1:]} == {browser.user.id}
    proof.tried(LISTENINGS, abs(LISTENINGS - len(rows)), of="downloads that broke off", seed=45)
