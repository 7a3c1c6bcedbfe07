"""Retention: exactly what is due goes, with all its files; a kill in the middle is resumed."""

import asyncio
import os
import random
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

import storage.consents
import storage.custody_checks
import storage.holds
import storage.recordings
import storage.renditions
import storage.retention
import storage.tags
from fixtures.calls import FOLDER, NOW, audited
from recordings import custody
from storage.consents import ConsentSource
from storage.database import Database
from storage.errors import Refused
from storage.recordings import Recording, RecordingState
from storage.rules.retention import Consent, Ground, Refusal, Wins
from storage.tombstones import Tombstone

LATER = NOW + timedelta(days=400)
PROVING = "RINGBOOK_PROVE" in os.environ
MANY = 10_000 if PROVING else 60
KILLS = 25 if PROVING else 3


def files(shelf, folder: Path) -> list[str]:
    there = [path.name for path in shelf.store.root.rglob("*") if path.is_file()]
    return sorted(there + [path.name for path in folder.iterdir()])


async def rule(database, **given) -> UUID:
    async with database.writing() as session:
        row = await storage.retention.add(
            session, **{"name": "all", "days": 90} | given, by=None, now=NOW
        )
    return row.id


async def states(database) -> dict[UUID, RecordingState]:
    async with database.reading() as session:
        query = select(Recording.id, Recording.state)
        return dict((await session.execute(query)).all())


async def test_what_is_due_goes_with_every_file_and_leaves_a_tombstone(
    database, keep, purge, shelf, folder, stage
) -> None:
    policy = await rule(database)
    call, old = await keep(1)
    _, young = await keep(2, days=350)
    before = files(shelf, folder)
    async with database.writing() as session:
        user = stage.users[0]
        await storage.recordings.open_play(session, old, user_id=user, now=NOW)
    done = await purge.go(now=LATER)
    assert (done.deleted, done.held, done.left, done.files) == (1, 0, 0, [old])
    assert await states(database) == {old: RecordingState.DELETED, young: RecordingState.READY}
    after = files(shelf, folder)
    assert set(before) - set(after) == {name for name in before if old.hex in name} | {"in-1.0.wav"}
    assert len(before) - len(after) == 7
    async with database.reading() as session:
        stone = await session.get(Tombstone, old)
        recording = await storage.recordings.get(session, old)
        plays = await session.scalar(select(func.count()).select_from(storage.recordings.Play))
    assert (stone.call_id, stone.ground, stone.policy_id) == (call, Ground.POLICY, policy)
    assert (stone.user_id, stone.at, len(stone.sha256)) == (None, LATER, 64)
    assert (stone.leftovers, stone.done_at, plays) == (None, LATER, 0)
    assert "the time for which it was kept is over" in recording.cause
    [row] = await audited(database, "recording.deleted")
    assert (row.key, row.details) == (old, {"ground": "policy", "policy": str(policy)})
    found = await custody.check(database, shelf, anchors={}, now=LATER)
    assert (found.broken, found.files) == (None, 1)
    assert (await purge.go(now=LATER)).deleted == 0


async def test_holds_keep_and_lifted_ones_do_not(database, keep, purge, stage) -> None:
    await rule(database, days=0)
    call, _ = await keep(1)
    async with database.writing() as session:
        hold = await storage.holds.place(session, "a lawsuit", call_id=call, by=None, now=NOW)
    done = await purge.go(now=LATER)
    assert (done.deleted, done.held) == (0, 1)
    async with database.writing() as session:
        await storage.holds.lift(session, hold.id, by=None, now=NOW)
    assert (await purge.go(now=LATER)).deleted == 1
    async with database.writing() as session:
        with pytest.raises(Refused, match="lifted already"):
            await storage.holds.lift(session, hold.id, by=None, now=NOW)
    assert len(await audited(database, "hold.placed")) == 1
    assert len(await audited(database, "hold.lifted")) == 1


async def test_tags_outcomes_and_consent_decide(database, keep, purge) -> None:
    await rule(database, days=90)
    (tagged, first), (refused, second), (_, third) = [await keep(n) for n in (1, 2, 3)]
    async with database.writing() as session:
        tag = await storage.tags.put(session, tagged, " Complaint ", by=None, now=NOW)
        again = await storage.tags.put(session, tagged, "complaint", by=None, now=NOW)
        assert again.id == tag.id
        await storage.consents.tell(
            session, refused, Consent.REFUSED, source=ConsentSource.PERSON, by=None, now=NOW
        )
    await rule(database, name="complaints", days=None, tag_id=tag.id)
    assert (await purge.go(now=NOW + timedelta(days=1))).deleted == 1
    assert (await states(database))[second] is RecordingState.DELETED
    assert (await purge.go(now=LATER)).deleted == 1
    found = await states(database)
    assert (found[first], found[third]) == (RecordingState.READY, RecordingState.DELETED)
    async with database.writing() as session:
        await storage.retention.choose(
            session, wins=Wins.SHORTEST, refusal=Refusal.DISCARD, by=None
        )
    assert (await purge.go(now=LATER)).deleted == 1


async def test_one_that_was_refused_and_is_kept_is_heard_by_nobody(database, keep, stage) -> None:
    call, key = await keep(1)
    async with database.writing() as session:
        await storage.retention.choose(
            session, wins=Wins.LONGEST, refusal=Refusal.RESTRICT, by=None
        )
        await storage.consents.tell(
            session, call, Consent.REFUSED, source=ConsentSource.API, by=None, now=NOW
        )
        assert not await storage.consents.tell(
            session, call, Consent.ANNOUNCED, source=ConsentSource.PBX, by=None, now=NOW
        )
    async with database.writing() as session:
        with pytest.raises(Refused, match="did not want to be recorded"):
            await storage.recordings.open_play(session, key, user_id=stage.users[0], now=NOW)


async def test_a_folder_that_is_away_is_waited_for(database, keep, purge, folder, shelf) -> None:
    await rule(database)
    _, key = await keep(1)
    away = folder.with_name("away")
    folder.rename(away)
    done = await purge.go(now=LATER)
    assert (done.deleted, done.left, done.files) == (1, 1, [])
    away.rename(folder)
    done = await purge.go(now=LATER)
    assert (done.deleted, done.left, done.files) == (0, 0, [key])
    assert files(shelf, folder) == []


async def stones(database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Tombstone))


KILLED = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from uuid import UUID
import storage.tables
from recordings.purges import Purge
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage.database import Database

async def main(url, shelf, folder, there, pbx, key, now):
    async with Database(url, may_wait=True) as database:  # as the nights have it
        folders = {UUID(pbx): (there, Path(folder))}
        purge = Purge(database, Shelf(Path(shelf), Keyring([key])), folders)
        await purge.go(now=datetime.fromisoformat(now))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.bar(46)
@pytest.mark.timeout(2400 if PROVING else 120)
async def test_a_purge_that_is_killed_again_and_again_leaves_exactly_what_is_not_due(
    database, keep, purge, stage, shelf, folder, secret, tmp_path, proof
) -> None:
    chance = random.Random(46)
    await rule(database)
    held: set[UUID] = set()
    due: set[UUID] = set()
    url = database.url.render_as_string(hide_password=False)
    async with Database(url, may_wait=True) as near:
        for number in range(MANY):
            young = chance.random() < 0.3
            call, key = await keep(number, days=350 * young, full=number % 7 == 0, base=near)
            if chance.random() < 0.2:
                async with near.writing() as session:
                    await storage.holds.place(session, "asked", call_id=call, by=None, now=NOW)
                held.add(key)
            if not young and key not in held:
                due.add(key)
    script = tmp_path / "purge.py"
    script.write_text(textwrap.dedent(KILLED))
    given = [url, shelf.store.root, folder, FOLDER, stage.pbx, secret, LATER.isoformat()]
    for _ in range(KILLS):
        more = await stones(database) + chance.randrange(1, max(2, len(due) // (KILLS + 2)))
        process = await asyncio.create_subprocess_exec(sys.executable, script, *map(str, given))
        while process.returncode is None and await stones(database) < more:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        assert process.returncode is None
        process.kill()
        await process.wait()
    assert 0 < await stones(database) < len(due)
    await purge.go(now=LATER)
    found = await states(database)
    deleted = {key for key, state in found.items() if state is RecordingState.DELETED}
    wrongs = len(deleted ^ due)
    left = " ".join(files(shelf, folder))
    wrongs += sum(key.hex in left for key in due)
    wrongs += sum(key.hex not in left for key in found.keys() - due)
    async with database.reading() as session:
        buried = set(await session.scalars(select(Tombstone.recording_id)))
        open_ones = list(
            await session.scalars(select(Tombstone).where(Tombstone.done_at.is_(None)))
        )
    assert buried == due
    assert not open_ones
    assert (await custody.check(database, shelf, anchors={}, now=LATER)).broken is None
    proof.tried(MANY, wrongs, of=f"recordings of a purge that was killed {KILLS} times", seed=46)
    assert wrongs == 0
