"""Erasing one person on the page: a dry run, a reason, the name; then no file names them."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

import storage.calls
import storage.customers
import storage.recordings
import storage.transcripts
from fixtures.calls import CALLER, Teller, audited
from fixtures.journals import keep
from pbx_bridge.journal import Kind
from storage.customers import Profile
from web.journey import blackbox
from web.keys import SHELF

TOKEN = "Cnry7Qx"
DIGITS = CALLER.lstrip("+")


def named_in(folder: Path) -> list[str]:
    """The files beneath the folder in which the token or the number stands."""
    words = (TOKEN.encode(), TOKEN.lower().encode(), DIGITS.encode())
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]


@pytest.fixture
async def zoe(stage, store, database, settings, tmp_path):
    """A customer with a call, its recording and its journal."""
    async with database.writing() as session:
        now = Teller(stage.pbx).start
        profile = Profile(name=f"Zoe {TOKEN}", about=TOKEN * 400)
        customer = await storage.customers.create(session, profile, by=None, now=now)
    call = await store(
        Teller(stage.pbx).ended(), stage.context(customer_id=customer.id), sound=b"RIFF" + bytes(99)
    )
    async with database.writing() as session:
        await storage.transcripts.keep(
            session, call.recordings[0].id, shelf_key=None, said=["hello", TOKEN],
            windows=[], engine="test", now=call.started_at,
        )  # fmt: skip
    raws = [
        f"Event: Newstate\r\nUniqueid: {leg.uniqueid}\r\nLinkedid: {leg.linkedid}\r\n"
        f"Channel: {leg.channel}\r\nCallerIDNum: {CALLER}\r\nCallerIDName: {TOKEN}"
        for leg in call.legs
    ]
    stream = tmp_path / "stream"
    stream.write_text("\r\n\r\n".join(raws))
    keep(settings, stage.pbx, stream, call.started_at)
    stream.unlink()
    return customer.id, call


async def test_a_person_is_erased_from_base_shelf_and_journal(
    sign_in, zoe, stage, database, settings, app, tmp_path
) -> None:
    customer, call = zoe
    adam, sue = await sign_in("administrator"), await sign_in("supervisor")
    page, act = f"/customers/{customer}/erasure", f"/customers/{customer}/erasures"
    assert (await sue.client.get(page)).status == 403
    assert "Erase for good" in await adam.get(page)
    assert f"/customers/{customer}/erasure" in await adam.get(f"/customers/{customer}")
    given = {"reason": "asked by letter", "name": f"Zoe {TOKEN}"}
    assert (await adam.post(act, given | {"name": "Zoe"})).status == 422
    assert (await adam.post(act, given | {"reason": " "})).status == 422
    reader = blackbox.reader(settings, stage.pbx)
    ids = {leg.uniqueid for leg in call.legs}
    span = blackbox.around(call)
    said = [entry for entry in reader.story(ids, span) if TOKEN.encode() in entry.raw]
    assert len(said) == len(call.legs)
    assert named_in(tmp_path) != []
    response = await adam.post(act, given)
    assert response.status == 303, await response.text()
    reader = blackbox.reader(settings, stage.pbx)
    left = [entry for entry in reader.entries(span) if entry.kind is Kind.MESSAGE]
    assert left == []
    assert [p.name for p in app[SHELF].store.root.rglob("*") if call.id.hex in p.name] == []
    assert (await adam.client.get(page)).status == 404
    [row] = await audited(database, "customer.erased")
    assert row.details == {"calls": 1, "recordings": 1, "messages": len(call.legs)}
    assert (row.user_id, row.key) == (adam.user.id, customer)
    with sqlite3.connect(tmp_path / database.url.database) as base:
        dump = "\n".join(base.iterdump())
    base.close()
    assert TOKEN not in dump
    assert DIGITS not in dump
    await database.close()
    assert named_in(tmp_path) == []
    assert timedelta(0) < call.ended_at - call.started_at
