"""A host of recordings gets a key of ours and shows its own; only the confirmed one counts."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

import storage.pbxs
import storage.spool_hosts
from fixtures.calls import NOW, audited
from fixtures.sftp import Host
from pbx_bridge.checkup import Mark
from recordings.sftp import keys, links
from recordings.sftp.mirror import SftpSpool
from recordings.sources import LocalSpool
from storage.pbxs import Pbx
from web.cli.spool_hosts import of_host
from web.config import PbxSettings
from web.keys import SECRETS, SETTINGS
from web.spool_hosts import SpoolHosts

PBX = {
    "name": "Munich", "host": "pbx.lan", "port": "5038", "username": "ringbook",
    "secret": "amp111", "encoding": "cp1251", "region": "DE", "internal_digits": "4",
    "recordings_there": "/var/spool/asterisk/monitor",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "monitor"
    path.mkdir()
    return path


@pytest.fixture
async def admin(sign_in):
    return await sign_in("administrator", login="root")


async def text(response) -> str:
    return response if isinstance(response, str) else await response.text()


async def test_a_host_is_fetched_from_once_its_key_was_compared_and_never_with_another(
    admin, app, database, host: Host
) -> None:
    place = str(host.address)
    made = await admin.post("/administration/pbxs", PBX | {"recordings_here": place})
    page = made.headers["Location"].partition("?")[0]
    assert f"{page}/spool" in await admin.get(page)
    assert "Make the key" in await admin.get(f"{page}/spool")
    await admin.post(f"{page}/spool/keys", {})
    shown = await admin.get(f"{page}/spool")
    public = re.search(r"ssh-ed25519 \S+ ringbook", shown).group()
    assert "not confirmed yet" in shown
    async with database.reading() as session:
        pbx = (await session.scalars(select(Pbx))).one()
    async with database.reading() as session:
        row = await storage.spool_hosts.find(session, pbx.id)
    assert row.public_key == public
    assert "PRIVATE KEY" in app[SECRETS].open(row.key)

    seen = await text(await admin.post(f"{page}/spool/looks", {}))
    mark = keys.fingerprint(host.host_key())
    assert mark in seen
    assert mark == host.keys[0].get_fingerprint()
    wrong = {"fingerprint": keys.fingerprint(host.host_key(1))}
    refused = await admin.post(f"{page}/spool/confirmations", wrong)
    assert "another key than the one that you compared" in await text(refused)
    assert "not confirmed yet" in await admin.get(f"{page}/spool")
    await admin.post(f"{page}/spool/confirmations", {"fingerprint": mark})
    assert mark in await admin.get(f"{page}/spool")
    [entry] = await audited(database, "spool_host.confirmed")
    assert (entry.key, entry.details) == (pbx.id, {"fingerprint": mark})

    refused = await text(await admin.post(f"{page}/spool/looks", {}))
    assert links.REFUSED.replace("'", "&#39;") in refused
    host.public = public
    await host.stop()
    await host.start()
    (host.folder / "a.wav").write_bytes(b"RIFF")
    looked = await text(await admin.post(f"{page}/spool/looks", {}))
    assert "Ringbook is let in" in looked
    assert "can be read" in looked
    await host.stop()
    await host.start(key=1)
    changed = await text(await admin.post(f"{page}/spool/looks", {}))
    assert links.CHANGED.replace("'", "&#39;") in changed
    assert keys.fingerprint(host.host_key(1)) in changed


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("sftp://pbx.lan/monitor", "sftp://user@host/folder"),
        ("sftp://me:secret@pbx.lan/monitor", "No password here"),
        ("sftp://me@pbx.lan/a/../../etc", "sftp://user@host/folder"),
        ("sftp://me@pbx.lan:99999/monitor", "sftp://user@host/folder"),
        ("monitor", "from / on"),
    ],
)
async def test_a_place_that_cannot_be_is_refused(admin, database, place, sentence) -> None:
    response = await admin.post("/administration/pbxs", PBX | {"recordings_here": place})
    assert response.status == 422
    assert sentence in await response.text()


async def test_what_is_confirmed_counts_for_one_host_and_port_and_a_change_counts_at_once(
    app, database, host: Host
) -> None:
    place, secrets = str(host.address), app[SECRETS]
    described = PbxSettings(name="File", secret="x", recordings_there="/m", recordings_here=place)
    async with database.writing() as session:
        await storage.pbxs.sync_from_file(session, [described], secrets, now=NOW)
        [pbx] = await storage.pbxs.listed(session)
        await storage.spool_hosts.give_key(
            session, pbx.id, host.private, host.public, secrets=secrets, by=None, now=NOW
        )
        await storage.spool_hosts.confirm(
            session, pbx.id, host.address.door, host.host_key(), "", by=None, now=NOW
        )
    async with SpoolHosts(app[SETTINGS]) as hosts:
        first = (await hosts.folders(database))[pbx.id][1]
        assert isinstance(first, SftpSpool)
        assert (first.login, (await hosts.folders(database))[pbx.id][1]) == (host.login(), first)
        [good, bare] = await of_host(database, pbx, secrets, clears=True)
        assert (good.mark, bare.mark) == (Mark.GOOD, Mark.UNPROVEN)
        assert list(host.folder.iterdir()) == []
        elsewhere = described.model_copy(
            update={"recordings_here": place.replace("127.0.0.1", "localhost")}
        )
        async with database.writing() as session:
            await storage.pbxs.sync_from_file(session, [elsewhere], secrets, now=NOW)
            [pbx] = await storage.pbxs.listed(session)
        second = (await hosts.folders(database))[pbx.id][1]
        assert second.login.host_key == ""
        [bad] = await of_host(database, pbx, secrets, clears=False)
        assert (bad.mark, bad.what) == (Mark.BAD, links.UNCONFIRMED)
        near = described.model_copy(update={"recordings_here": "/mnt/monitor"})
        async with database.writing() as session:
            await storage.pbxs.sync_from_file(session, [near], secrets, now=NOW)
        assert (await hosts.folders(database))[pbx.id][1] == LocalSpool(Path("/mnt/monitor"))
