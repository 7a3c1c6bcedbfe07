"""Recordings are found by what was said in them, on both engines, without case and accents."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text

import storage.calls
import storage.recordings
import storage.spoken
import storage.tombstones
import storage.transcripts
from fixtures.calls import Stage, Teller, set_stage
from storage.database import Database
from storage.errors import NotFound
from storage.recordings import Recording, Sound
from storage.rules.retention import Ground
from storage.rules.withheld import Window
from storage.tombstones import Tombstone
from storage.transcripts import Transcript

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


async def said(database: Database, stage: Stage, tag: str, *words: str) -> UUID:
    """Store a call whose recording holds these words."""
    call = Teller(stage.pbx, tag=tag).ended()
    [recording] = call.recordings
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
        sound = Sound(f"{tag}.sealed", "audio/wav", 1, 60.0, "0" * 64)
        await storage.recordings.shelved(session, recording.id, sound)
        await storage.transcripts.keep(
            session, recording.id, shelf_key=f"{tag}.words.sealed", said=words,
            windows=(Window(1.5, 2.0),), engine="test", now=NOW,
        )  # fmt: skip
    return recording.id


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("GEÄNDERT", {"one"}),
        ("geandert liefer", {"one"}),
        ("Лиза елка", {"two"}),
        ("ёлка", {"two"}),
        ("zoe", {"one", "two"}),
        ("andert", set()),  # the beginning of a word
        ("zoe nobody", set()),
        ("' OR 1=1 --", set()),
        ('"zoe" NEAR(', set()),
        ("zoe*", {"one", "two"}),
        ("", set()),
        ("!?", set()),
    ],
)
async def test_words_are_found_by_their_beginnings(
    database: Database, asked: str, found: set[str]
) -> None:
    stage = await set_stage(database)
    keys = {
        await said(database, stage, "1.0", "Die", "Lieferung", "hat", "sich", "geändert,", "Zoë"):
            "one",
        await said(database, stage, "2.0", "Лиза", "хочет", "Ёлку", "ёлка", "ZOË"): "two",
    }  # fmt: skip
    async with database.reading() as session:
        hits = await storage.spoken.search(session, asked, reach=None)
        assert {keys[hit.recording.id] for hit in hits} == found
        assert await storage.spoken.search(session, asked, reach=frozenset()) == []
        assert list(await storage.transcripts.waiting(session, limit=9)) == []


async def test_what_is_gone_is_found_no_more_and_was_silent(database: Database) -> None:
    stage = await set_stage(database)
    key = await said(database, stage, "1.0", "Lieferung")
    async with database.reading() as session:
        assert await storage.transcripts.silenced(session, key) == (Window(1.5, 2.0),)
    async with database.writing() as session:
        await session.execute(delete(Recording).where(Recording.id == key))
    async with database.reading() as session:
        assert await session.get(Transcript, key) is None
        assert await storage.spoken.search(session, "lieferung", reach=None) == []
        if database.is_sqlite:
            left = await session.scalar(text("SELECT count(*) FROM transcript_index"))
            assert left == 0


async def test_words_go_with_the_recording_and_come_to_none_that_is_gone(
    database: Database,
) -> None:
    stage = await set_stage(database)
    key = await said(database, stage, "1.0", "Lieferung")
    async with database.writing() as session:
        await storage.tombstones.delete_recording(session, key, Ground.HAND, by=None, now=NOW)
    async with database.reading() as session:
        assert await storage.spoken.search(session, "lieferung", reach=None) == []
        left = (await session.scalars(select(Tombstone))).one().leftovers
        assert "1.0.words.sealed" in left["keys"]
    with pytest.raises(NotFound):
        async with database.writing() as session:
            await storage.transcripts.keep(
                session, key, shelf_key="x", said=("a",), windows=(), engine="test", now=NOW
            )
