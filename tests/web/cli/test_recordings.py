"""`ringbook recordings`: looks through folders, encrypts, changes keys; says what it could not."""

import asyncio
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

import storage.recordings
from fixtures.calls import Teller, set_stage
from recordings.naming import shelf_key
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage import startup
from storage.calls import save
from storage.database import Database
from storage.pbxs import Pbx
from storage.recordings import Recording, Sound
from storage.secrets import new_key
from web.cli.recordings import recordings
from web.config import Settings

CONTENT = b"RIFF" + bytes(5000)


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> Settings:
    """A base with a call whose recording lies in the open, and a spool with one strange file."""
    monkeypatch.setenv("RINGBOOK_SECRET_KEY", new_key())
    monkeypatch.setenv("RINGBOOK_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("RINGBOOK_CONFIG", raising=False)
    settings = Settings()
    spool = tmp_path / "monitor"
    spool.mkdir()
    strange = spool / "strange.ulaw"
    strange.write_bytes(b"\xff" * 8000)
    old = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    os.utime(strange, (old, old))
    asyncio.run(fill(settings, spool))
    return settings


async def fill(settings: Settings, spool: Path) -> None:
    async with startup.opened(settings.database_url) as base:
        stage = await set_stage(base)
        call = Teller(stage.pbx).ended()
        key = shelf_key(call.id, call.recordings[0].id).replace(".sealed", ".wav")
        Shelf(settings.shelf_dir, Keyring(settings.secret_keys)).store.write(key, [CONTENT])
        sound = Sound(key, "audio/wav", len(CONTENT), 1, hashlib.sha256(CONTENT).hexdigest())
        async with base.writing() as session:
            await session.execute(update(Pbx).values(recordings_here=str(spool)))
            await save(session, call, context=stage.context())
            await storage.recordings.shelved(session, call.recordings[0].id, sound)


def key_of(settings: Settings) -> str:
    async def read() -> str:
        async with Database(settings.database_url) as base, base.reading() as session:
            return await session.scalar(select(Recording.shelf_key))

    return asyncio.run(read())


def run(*words: str):
    return CliRunner().invoke(recordings, list(words))


def test_a_scan_counts_every_file_and_lists_those_of_no_call(place) -> None:
    found = run("scan")
    assert found.exit_code == 0, found.output
    assert "1 files, 0 of recordings, 0 too young to say, 1 of no call (1 of them new)" in (
        found.output
    )
    assert "(0 of them new)" in run("scan", "--pbx", "Head office").output
    assert "there is no PBX Nowhere" in run("scan", "--pbx", "Nowhere").output


def test_a_folder_that_cannot_be_read_is_named(place) -> None:
    (place.data_dir / "monitor").rename(place.data_dir / "away")
    found = run("scan")
    assert found.exit_code == 1
    assert "monitor cannot be read: No such file or directory" in found.output


def test_plain_recordings_are_encrypted_and_get_a_new_key(place, monkeypatch) -> None:
    assert run("encrypt").output == "1 recordings encrypted, 0 could not be\n"
    assert run("encrypt").output == "0 recordings encrypted, 0 could not be\n"
    key = key_of(place)
    old, new = place.secret_keys[0], new_key()
    monkeypatch.setenv("RINGBOOK_SECRET_KEY", f"{new},{old}")
    assert run("change-key").output == "1 of 1 recordings have the new key, 0 failed\n"
    assert Shelf(place.shelf_dir, Keyring([new])).check(key).size == len(CONTENT)
    monkeypatch.setenv("RINGBOOK_SECRET_KEY", old)
    failed = run("change-key")
    assert failed.exit_code == 1
    assert "RINGBOOK_SECRET_KEY" in failed.output


def test_render_makes_what_is_played_and_counts_what_is_no_sound(place: Settings) -> None:
    runner = CliRunner()
    first = runner.invoke(recordings, ["render"])
    assert (first.exit_code, first.output) == (
        0,
        "0 recordings can be played, 1 cannot be decoded, 0 could not be read or stored now\n",
    )
    assert "0 cannot be decoded" in runner.invoke(recordings, ["render"]).output
    assert "1 cannot be decoded" in runner.invoke(recordings, ["render", "--again"]).output
