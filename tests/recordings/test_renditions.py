"""Renditions are made once, from the shelf to the shelf; the original goes only when proven."""

import asyncio
from functools import partial

import pytest

import storage.recordings
import storage.renditions
import storage.shelved
from fixtures.calls import audited
from fixtures.sounds import heard, strength, tones, written
from recordings.audio import NotAudio
from recordings.rendering import politely
from recordings.renditions import Renditions, in_process, in_thread
from recordings.transcoding import UNREADABLE
from recordings.waveforms import Waveform
from storage.aside import Aside, AsideLost
from storage.renditions import RenditionState
from storage.rules.withheld import Window
from web.config import Settings
from web.shelves import shelf_of

SOUND, _ = written(tones((440, 10), (1000, 10)))
LONG = 60.0


@pytest.fixture
def renditions(database, shelf):
    return Renditions(database, shelf, in_thread(shelf))


async def content(shelf, key: str) -> bytes:
    async with shelf.open(key) as file:
        return b"".join([piece async for piece in file.pieces(0, file.size)])


async def keys(database, recording=None) -> set[str]:
    async with database.reading() as session:
        return set(await storage.shelved.keys(session, recording))


async def test_many_who_want_it_at_once_get_the_one_that_is_made(database, shelf, shelve) -> None:
    orders, work = [], in_thread(shelf)

    async def counted(order):
        orders.append(order)
        return await work(order)

    renditions = Renditions(database, shelf, counted)
    key, other = await shelve(), await shelve(tag="2.0")
    wanted = [renditions.get(key, patience=LONG) for _ in range(5)]
    made = {row.id for row in await asyncio.gather(*wanted)}
    assert len(made) == len(await audited(database, "recording.transcoded")) == 1
    assert len(orders) == 1
    row = await renditions.find(key)
    assert (row.seconds, row.channels, row.state) == (20.0, 1, RenditionState.READY)
    assert shelf.check(row.shelf_key).sha256 == row.sha256
    waveform = Waveform.from_bytes(await content(shelf, row.waveform_key))
    assert waveform.points.shape == (1, 400)
    original = (await _recording(database, key)).shelf_key
    assert await keys(database, key) == {original, row.shelf_key, row.waveform_key}
    assert len(await keys(database)) == 4  # with the other's
    await renditions.get(other, patience=LONG)
    assert len(await keys(database, other)) == 3


async def test_silence_for_some_lies_beside_the_whole_for_others(shelf, shelve, renditions) -> None:
    key = await shelve()
    part = await renditions.get(key, (Window(10, 20),), patience=LONG)
    whole = await renditions.get(key, patience=LONG)
    assert part.shelf_key != whole.shelf_key
    for row, remains in ((whole, True), (part, False)):
        sound, rate = heard(await content(shelf, row.shelf_key))
        assert (strength(sound[11 * rate :, 0], rate, 1000) > 0.1) is remains
        assert strength(sound[: 9 * rate, 0], rate, 440) > 0.2
        points = Waveform.from_bytes(await content(shelf, row.waveform_key)).points
        assert bool(points[0, 202:].any()) is remains


async def test_an_original_that_is_not_kept_goes_once_its_copy_is_proven(
    database, shelf, shelve, monkeypatch
) -> None:
    key = await shelve()
    before = await _recording(database, key)
    drops = Renditions(database, shelf, in_thread(shelf), keeps_originals=False)
    monkeypatch.setattr("recordings.rendering.verify", lambda *_: False)
    assert (await drops.get(key, patience=LONG)).state is RenditionState.FAILED
    assert await shelf.size(before.shelf_key) == len(SOUND)  # nothing was lost
    monkeypatch.undo()
    async with database.writing() as session:
        assert await storage.renditions.forget_failed(session) == 1
    counts = await drops.make_missing()
    assert (counts.made, counts.no_sound, counts.failed) == (1, 0, 0)
    row, now = await drops.find(key), await _recording(database, key)
    assert (now.shelf_key, now.sha256, now.media_type) == (row.shelf_key, row.sha256, "audio/ogg")
    with pytest.raises(FileNotFoundError):
        await shelf.size(before.shelf_key)
    part = await drops.get(key, (Window(0, 9),), patience=LONG)
    sound, rate = heard(await content(shelf, part.shelf_key))
    assert strength(sound[: 8 * rate, 0], rate, 440) < 1e-3
    assert await keys(database, key) == {
        row.shelf_key, row.waveform_key, part.shelf_key, part.waveform_key,
    }  # fmt: skip


async def test_what_is_no_sound_is_tried_once_and_what_is_away_again(
    database, shelf, shelve, renditions
) -> None:
    await shelve(b"RIFF" + bytes(3000))
    away = await shelve(tag="2.0")
    await shelf.delete((await _recording(database, away)).shelf_key)
    counts = await renditions.make_missing()
    assert (counts.made, counts.no_sound, counts.failed) == (0, 1, 1)
    with pytest.raises(OSError):  # noqa: PT011 - whichever the store raises
        await renditions.get(away, patience=LONG)
    assert await renditions.find(away) is None


async def test_who_cannot_wait_is_told_so_and_it_is_made_all_the_same(
    database, shelf, shelve
) -> None:
    go_on = asyncio.Event()
    whole = in_thread(shelf)

    async def slow(order):
        await go_on.wait()
        return await whole(order)

    renditions = Renditions(database, shelf, slow)
    key = await shelve()
    assert await renditions.get(key, patience=0.01) is None
    go_on.set()
    assert (await renditions.get(key, patience=LONG)).state is RenditionState.READY
    assert len(await audited(database, "recording.transcoded")) == 1


async def test_a_process_of_its_own_makes_it_and_a_deadly_file_is_given_up(
    database, shelf, shelve, secret
) -> None:
    key = await shelve()
    settings = Settings(
        secret_key=secret, data_dir=shelf.store.root.parent, shelf_dir=shelf.store.root
    )
    child = Aside(partial(politely, partial(shelf_of, settings)), name="renditions")
    try:
        renditions = Renditions(database, shelf, in_process(child))
        assert (await renditions.get(key, patience=LONG)).state is RenditionState.READY
    finally:
        await child.close()

    class Deadly:
        is_ready = True

        def start(self) -> None:
            """It is there."""

        def ask(self, order):
            raise AsideLost("it died")

    work = in_process(Deadly())
    order = type("Order", (), {"shelf_key": "one"})()
    with pytest.raises(OSError, match="died"):
        await work(order)
    with pytest.raises(NotAudio, match=UNREADABLE):
        await work(order)


async def _recording(database, key):
    async with database.reading() as session:
        return await storage.recordings.get(session, key)
