"""`ringbook verify recordings`: names the first broken entry and ends with 1; needs no base."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

import storage.recordings
from fixtures.calls import Teller, set_stage
from recordings.naming import shelf_key
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage import startup
from storage.calls import save
from storage.recordings import Sound
from storage.secrets import new_key
from web.cli.verify import verify
from web.config import Settings


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> Settings:
    """A base with one recording on the shelf that was heard twice."""
    monkeypatch.setenv("RINGBOOK_SECRET_KEY", new_key())
    monkeypatch.setenv("RINGBOOK_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("RINGBOOK_CONFIG", raising=False)
    settings = Settings()
    asyncio.run(fill(settings))
    return settings


async def fill(settings: Settings) -> None:
    async with startup.opened(settings.database_url) as base:
        stage = await set_stage(base)
        call = Teller(stage.pbx).ended()
        [recording] = call.recordings
        key = shelf_key(call.id, recording.id)
        source = settings.data_dir / "source"
        source.write_bytes(b"RIFF" + bytes(9000))
        with source.open("rb") as file:
            stored = Shelf(settings.shelf_dir, Keyring(settings.secret_keys)).put(file, key)
        async with base.writing() as session:
            await save(session, call, context=stage.context())
            sound = Sound(key, "audio/wav", stored.size, 1, stored.sha256)
            await storage.recordings.shelved(session, recording.id, sound)
        for _ in range(2):
            async with base.writing() as session:
                await storage.recordings.open_play(
                    session, recording.id, user_id=stage.users[0], now=call.started_at
                )


def run(*words: str):
    return CliRunner().invoke(verify, ["recordings", *words])


def meddle(settings: Settings, *statements: str) -> None:
    with sqlite3.connect(settings.data_dir / "ringbook.sqlite3") as base:
        for statement in statements:
            base.execute(statement)
    base.close()


def test_a_chain_that_holds_prints_its_anchor_which_a_shorter_one_lacks(place, tmp_path) -> None:
    found = run("--export", str(tmp_path / "chain"))
    assert found.exit_code == 0, found.output
    said, anchor = found.output.splitlines()[-2:]
    assert said == "3 entries in an unbroken chain, 1 files as they were stored"
    whole = (tmp_path / "chain").read_text().splitlines(keepends=True)
    assert len(whole) == 3
    (tmp_path / "short").write_text("".join(whole[:2]))
    assert run("--file", str(tmp_path / "chain")).exit_code == 0
    assert run("--file", str(tmp_path / "short")).exit_code == 0
    cut = run("--file", str(tmp_path / "short"), "--anchor", anchor.removeprefix("anchor "))
    assert (cut.exit_code, "broken at entry 3: the chain ends before it" in cut.output) == (1, True)
    (tmp_path / "swapped").write_text("".join([whole[1], whole[0], whole[2]]))
    assert "broken at entry 1" in run("--file", str(tmp_path / "swapped")).output
    (tmp_path / "odd").write_text("{}\n")
    assert "no entry of a chain" in run("--file", str(tmp_path / "odd")).output


def test_an_older_base_is_told_by_the_anchor_that_was_noted_beside_it(place, tmp_path) -> None:
    old = (tmp_path / "ringbook.sqlite3").read_bytes()
    assert run().exit_code == 0
    meddle(place, "DROP TRIGGER custody_no_delete", "DELETE FROM custody WHERE number = 3")
    rolled_back = run()
    assert rolled_back.exit_code == 1
    assert "broken at entry 3: the chain ends before it" in rolled_back.output
    assert old


def test_the_first_broken_entry_is_named_and_the_end_is_no_success(place) -> None:
    meddle(place, "DROP TRIGGER custody_no_update", "UPDATE custody SET act = 'x' WHERE number = 2")
    found = run("--no-files")
    assert found.exit_code == 1
    assert "broken at entry 2 (recording" in found.output
    assert "it says something else than when it was written" in found.output


def test_no_anchor_is_a_sentence(place) -> None:
    found = run("--anchor", "nonsense")
    assert found.exit_code == 1
    assert "is no anchor" in found.output
