"""`ringbook recordings purge`: a dry run names what would go and why; the real one deletes it."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

import storage.consents
import storage.holds
import storage.recordings
import storage.retention
from fixtures.calls import FOLDER, Teller, set_stage
from recordings.naming import shelf_key
from recordings.sealing import Keyring
from recordings.shelf import Shelf
from storage import startup
from storage.calls import save
from storage.consents import ConsentSource
from storage.database import Database
from storage.pbxs import Pbx
from storage.recordings import Recording, RecordingState, Sound
from storage.rules.retention import Consent, Ground
from storage.secrets import new_key
from storage.tombstones import Tombstone
from web.cli.recordings import recordings
from web.config import Settings

NAMES = ("old", "young", "held", "refused")


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> Settings:
    """A base with a recording that is due, one that is not, one held and one refused."""
    monkeypatch.setenv("RINGBOOK_SECRET_KEY", new_key())
    monkeypatch.setenv("RINGBOOK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("RINGBOOK_CONFIG", raising=False)
    settings = Settings()
    (tmp_path / "monitor").mkdir()
    asyncio.run(fill(settings, tmp_path / "monitor"))
    return settings


async def fill(settings: Settings, spool: Path) -> None:
    now = datetime.now(UTC)
    shelf = Shelf(settings.shelf_dir, Keyring(settings.secret_keys))
    async with startup.opened(settings.database_url) as base:
        stage = await set_stage(base)
        calls = {}
        for number, name in enumerate(NAMES):
            ago = timedelta(days=2 if name in {"young", "refused"} else 100)
            call = calls[name] = Teller(stage.pbx, now - ago, tag=f"{number}.0").ended()
            [recording] = call.recordings
            key = shelf_key(call.id, recording.id)
            stored = await asyncio.to_thread(shelf.put, io.BytesIO(name.encode() * 99), key)
            (spool / Path(recording.path).name).write_bytes(b"RIFF")
            async with base.writing() as session:
                await save(session, call, context=stage.context())
                sound = Sound(key, "audio/wav", stored.size, 1.0, stored.sha256)
                await storage.recordings.shelved(session, recording.id, sound)
                await session.execute(update(Recording).values(created_at=call.started_at).where(
                    Recording.id == recording.id))  # fmt: skip
        async with base.writing() as session:
            await session.execute(
                update(Pbx).values(recordings_here=str(spool), recordings_there=FOLDER)
            )
            await storage.retention.add(session, name="Ninety", days=90, by=None, now=now)
            held = calls["held"].id
            await storage.holds.place(session, "asked", call_id=held, by=None, now=now)
            await storage.consents.tell(
                session, calls["refused"].id, Consent.REFUSED, source=ConsentSource.API, by=None,
                now=now,
            )  # fmt: skip


def run(*words: str):
    return CliRunner().invoke(recordings, ["purge", *words])


def rows_of(settings: Settings) -> list[Recording]:
    """The recordings in the order of the names."""

    async def read() -> list[Recording]:
        async with Database(settings.database_url) as base, base.reading() as session:
            query = select(Recording).join(Recording.__table__.metadata.tables["calls"])
            found = await session.scalars(query)
            return sorted(found, key=lambda row: row.path_there)

    return asyncio.run(read())


def stones_of(settings: Settings) -> list[Tombstone]:
    async def read() -> list[Tombstone]:
        async with Database(settings.database_url) as base, base.reading() as session:
            return list(await session.scalars(select(Tombstone)))

    return asyncio.run(read())


def states(settings: Settings) -> dict[str, RecordingState]:
    return dict(zip(NAMES, (row.state for row in rows_of(settings)), strict=True))


def files(settings: Settings, spool: Path) -> int:
    return sum(path.is_file() for folder in (settings.shelf_dir, spool) for path in
               folder.rglob("*"))  # fmt: skip


def test_a_dry_run_names_what_would_go_and_why_and_deletes_nothing(place, tmp_path) -> None:
    spool = tmp_path / "monitor"
    before = files(place, spool)
    done = run("--dry-run")
    assert done.exit_code == 0, done.output
    *lines, last = done.output.splitlines()
    assert last == "2 recordings would be deleted, 1 are due and held"
    due = dict(zip(NAMES, rows_of(place), strict=True))
    for name, words in (
        ("old", "rule “Ninety”, due since"), ("held", "  HELD"), ("refused", "the caller refused"),
    ):  # fmt: skip
        [line] = [line for line in lines if str(due[name].id) in line]
        assert words in line
    assert not [line for line in lines if str(due["young"].id) in line]
    assert set(states(place).values()) == {RecordingState.READY}
    assert (stones_of(place), files(place, spool)) == ([], before)


def test_the_real_one_deletes_what_is_due_with_its_files_and_says_what_is_left(
    place, tmp_path
) -> None:
    spool = tmp_path / "monitor"
    away = spool.rename(tmp_path / "away")  # the folder is not mounted
    done = run()
    assert (done.exit_code, "2 recordings deleted, 1 are due and held" in done.output) == (1, True)
    assert "2 were deleted, and files of them are still there" in done.output
    away.rename(spool)
    done = run()
    assert (done.exit_code, done.output) == (0, "0 recordings deleted, 1 are due and held\n")
    ready, gone = RecordingState.READY, RecordingState.DELETED
    assert states(place) == {"old": gone, "young": ready, "held": ready, "refused": gone}
    assert {stone.ground for stone in stones_of(place)} == {Ground.POLICY, Ground.REFUSED}
    assert all(stone.done_at for stone in stones_of(place))
    left = {Path(row.path_there).name for row in rows_of(place) if row.state is ready}
    assert {path.name for path in spool.iterdir()} == left
