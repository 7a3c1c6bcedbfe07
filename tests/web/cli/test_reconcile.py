"""`ringbook reconcile`: prints what differs from the books, mends on demand, exits with it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

import storage.findings
from fixtures import evenings
from fixtures.calls import Stage, set_stage
from pbx_bridge.call import Call
from storage import startup
from storage.calls import CallRecord
from storage.database import Database
from storage.findings import FindingState
from storage.secrets import new_key
from web.cli.reconcile import reconcile
from web.config import Settings

STORY = "ringall_queue_answered_asterisk_22"


@dataclass
class Installation:
    """A base without a call, and books that tell of one."""

    settings: Settings
    stage: Stage
    call: Call

    def run(self, *options: str) -> Result:
        at = self.call.started_at
        since, until = at - timedelta(minutes=1), at + timedelta(minutes=1)
        return CliRunner().invoke(reconcile, [since.isoformat(), until.isoformat(), *options])

    def ask(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            async with Database(self.settings.database_url) as base, base.writing() as session:
                return await work(session)

        return asyncio.run(run())

    def calls(self) -> list[CallRecord]:
        async def read(session: Any) -> list[CallRecord]:
            return list(await session.scalars(select(CallRecord)))

        return self.ask(read)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    settings = Settings(secret_key=new_key(), data_dir=tmp_path)
    monkeypatch.setenv("RINGBOOK_SECRET_KEY", settings.secret_keys[0])
    monkeypatch.setenv("RINGBOOK_DATA_DIR", str(tmp_path))

    async def fill() -> tuple[Stage, Call]:
        async with startup.opened(settings.database_url) as database:
            stage = await set_stage(database)
            await evenings.seat(database, stage)
            await evenings.keep_books(database, stage, STORY, tmp_path)
            [call] = evenings.heard(STORY, stage.pbx)
            return stage, call

    return Installation(settings, *asyncio.run(fill()))


def test_what_differs_is_printed_and_nothing_is_written(here: Installation) -> None:
    done = here.run()
    assert done.exit_code == 1
    first, *_rest, last = done.output.splitlines()
    assert "call_missing" in first
    assert here.call.legs[0].channel in first
    assert last == "Head office: 0 calls held against the books, 1 differences, 0 mended."
    assert here.calls() == []
    assert here.ask(storage.findings.listed) == []


def test_with_apply_it_is_mended_and_a_second_run_changes_nothing(here: Installation) -> None:
    done = here.run("--apply")
    assert done.exit_code == 0, done.output
    assert "(mended)" in done.output
    [call] = here.calls()
    assert call.number == here.call.number
    again = here.run("--apply")
    assert again.exit_code == 0
    assert again.output == "Head office: 1 calls held against the books, 0 differences, 0 mended.\n"
    [same] = here.calls()
    assert (same.id, same.revision) == (call.id, call.revision)
    kept = here.ask(lambda s: storage.findings.listed(s, state=FindingState.MENDED))
    assert [row.kind for row in kept] == ["call_missing"]


def test_a_terminal_obeys_nothing_that_the_books_hold(here: Installation, tmp_path: Path) -> None:
    book = tmp_path / "book.cel.csv"
    channel = here.call.legs[-1].channel
    book.write_text(book.read_text().replace(channel, f"{channel}\x1b]0;gotcha\x07"))
    done = here.run()
    assert "call_missing" in done.output
    assert "\x1b" not in done.output


def test_only_one_pbx_is_looked_at_where_it_is_named(here: Installation) -> None:
    assert here.run("--pbx", "Head office").exit_code == 1
    unknown = here.run("--pbx", "Nowhere")
    assert unknown.exit_code == 1
    assert "there is no PBX Nowhere" in unknown.output


def test_a_pbx_without_books_is_said(here: Installation) -> None:
    async def forget(session: Any) -> None:
        pbx = await session.get_one(evenings.Pbx, here.stage.pbx)
        pbx.books_cel = pbx.books_cdr = pbx.books_queue_log = None

    here.ask(forget)
    done = here.run()
    assert done.exit_code == 0
    assert "nobody said where its books are" in done.output


def test_a_period_must_be_one(here: Installation) -> None:
    at = here.call.started_at.isoformat()
    done = CliRunner().invoke(reconcile, [at, at])
    assert done.exit_code == 1
    assert "FROM must be before TO" in done.output
