"""The chain of custody held against base and shelf: each way to cheat is found, and named."""

import asyncio
import contextlib
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

import storage.custody_checks
import storage.recordings
from fixtures.calls import NOW, Teller
from recordings import custody
from recordings.naming import shelf_key
from storage.calls import save
from storage.recordings import Sound
from storage.rules.custody import Break, Broken, to_line
from storage.users import User

CONTENT = b"RIFF" + bytes(70_000)


@pytest.fixture
async def kept(database, stage, shelf, tmp_path) -> list[UUID]:
    """Three recordings on the shelf, the first of them heard."""
    keys = []
    for number in range(3):
        call = Teller(stage.pbx, NOW + timedelta(hours=number), tag=f"{number}.0").ended()
        source = tmp_path / "source"
        source.write_bytes(CONTENT + bytes([number]))
        [recording] = call.recordings
        key = shelf_key(call.id, recording.id)
        with source.open("rb") as file:
            stored = await asyncio.to_thread(shelf.put, file, key)
        async with database.writing() as session:
            await save(session, call, context=stage.context())
            sound = Sound(key, "audio/wav", stored.size, 1.0, stored.sha256)
            await storage.recordings.shelved(session, recording.id, sound)
        keys.append(recording.id)
    async with database.writing() as session:
        user = stage.users[0]
        await storage.recordings.open_play(session, keys[0], user_id=user, now=NOW)
        await storage.recordings.download(session, keys[2], by=user)
    return keys


async def checked(database, shelf, anchors=None) -> custody.Check:
    return await custody.check(database, shelf, anchors=anchors or {}, now=NOW)


@contextlib.asynccontextmanager
async def meddling(database):
    """A session of someone who owns the base: without the triggers."""
    async with database.writing() as session:
        for verb in ("update", "delete"):
            await session.execute(text(f"DROP TRIGGER IF EXISTS custody_no_{verb}"))
        yield lambda statement, **given: session.execute(text(statement), given)


async def test_a_chain_that_holds_is_kept_with_its_anchor(database, shelf, kept, tmp_path) -> None:
    found = await checked(database, shelf)
    assert (found.broken, found.entries, found.files) == (None, 5, 3)
    async with database.reading() as session:
        last = await storage.custody_checks.last(session)
    assert (last.entries, last.files, last.broken) == (5, 3, None)
    custody.note_anchor(tmp_path, found, now=NOW)
    custody.note_anchor(tmp_path, found, now=NOW)
    assert custody.anchors_in(tmp_path) == {5: found.hash}
    assert custody.read_anchor(found.anchor) == (5, found.hash)
    assert len((tmp_path / custody.FILE).read_text().splitlines()) == 1


@pytest.mark.bar(48)
@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE custody SET user_id = NULL WHERE number = 4", (Break.CHANGED, 4)),
        ("UPDATE custody SET at = '2020-01-01 00:00:00' WHERE number = 2", (Break.CHANGED, 2)),
        ("DELETE FROM custody WHERE number = 4", (Break.MISSING, 4)),
        ("DELETE FROM custody WHERE number >= 4", (Break.CUT_OFF, 4)),
        ("DELETE FROM custody", (Break.CUT_OFF, 1)),
        ("UPDATE custody SET number = 9 - number WHERE number IN (4, 5)", (Break.DETACHED, 4)),
        ("UPDATE recordings SET sha256 = 'f' WHERE path_there LIKE '%in-1%'",
         (Break.ROW_CHANGED, 2)),
        ("UPDATE recordings SET shelf_key = NULL WHERE path_there LIKE '%in-1%'",
         (Break.ROW_LOST, 2)),
        ("DELETE FROM recordings WHERE path_there LIKE '%in-2%'", (Break.ROW_LOST, 3)),
    ],
)  # fmt: skip
async def test_what_is_done_behind_us_in_the_base_is_named(
    database, shelf, kept, statement: str, broken: tuple[Break, int], proof
) -> None:
    before = await checked(database, shelf)
    async with meddling(database) as run:
        if statement.startswith("UPDATE custody SET number"):
            await run("UPDATE custody SET number = -number WHERE number IN (4, 5)")
            statement = "UPDATE custody SET number = 9 + number WHERE number IN (-4, -5)"
        await run(statement)
    found = await checked(database, shelf, {before.entries: before.hash})
    assert found.broken is not None
    assert (found.broken.what, found.broken.number) == broken
    proof.tried(1, 0, of="ways to change the chain of custody behind us")


async def test_a_recording_that_only_the_base_knows_is_named(database, shelf, kept) -> None:
    strange = uuid4()
    async with meddling(database) as run:
        await run(
            "INSERT INTO recordings (id, call_id, path_there, state, cause, shelf_key, created_at)"
            " SELECT :id, call_id, 'x', 'ready', '', 'k', created_at FROM recordings LIMIT 1",
            id=strange.hex,
        )
    assert (await checked(database, shelf)).broken == Broken(Break.UNKNOWN, 0, strange)


async def test_a_file_that_was_replaced_cut_or_taken_is_named(database, shelf, kept) -> None:
    async with database.reading() as session:
        keys = await storage.custody_checks.shelved(session)
    second = shelf.store.root / keys[kept[1]][0]
    third = shelf.store.root / keys[kept[2]][0]
    whole = second.read_bytes()
    second.write_bytes(third.read_bytes())
    assert (await checked(database, shelf)).broken == Broken(Break.FILE_CHANGED, 2, kept[1])
    assert (await checked(database, None)).broken is None
    second.write_bytes(whole[:-1])
    assert (await checked(database, shelf)).broken == Broken(Break.FILE_CHANGED, 2, kept[1])
    second.write_bytes(whole)
    head = third.with_name(third.name + ".head")
    head.unlink()
    assert (await checked(database, shelf)).broken == Broken(Break.FILE_LOST, 3, kept[2])


async def test_another_sound_put_in_place_with_its_own_head_is_named(
    database, shelf, kept, tmp_path
) -> None:
    async with database.reading() as session:
        keys = await storage.custody_checks.shelved(session)
    other = tmp_path / "other"
    other.write_bytes(b"RIFF" + b"x" * 500)
    with other.open("rb") as file:
        await asyncio.to_thread(shelf.put, file, keys[kept[0]][0])
    assert (await checked(database, shelf)).broken == Broken(Break.FILE_CHANGED, 1, kept[0])


async def test_the_exported_chain_is_the_same_chain(database, shelf, kept) -> None:
    async with database.reading() as session:
        lines = [to_line(entry) async for entry in storage.custody.entries(session)]
        assert await session.get(User, UUID(int=1)) is None
    assert len(lines) == 5
