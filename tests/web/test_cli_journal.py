"""`ringbook journal`: a call's messages shown and exported, a period told again and mended."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

import storage.calls
from fixtures import calls
from fixtures.journals import PHONES, STREAMS, keep, told_calls
from pbx_bridge.ami.message import Message
from pbx_bridge.call import Call, CallResult, CallState
from pbx_bridge.changes import CallChanged
from pbx_bridge.journal import Journal, Writer, differences
from pbx_bridge.tracker import Tracker
from pbx_bridge.translate import translate
from storage import audit, startup
from storage.calls import CallContext, Story
from storage.database import Database
from storage.secrets import new_key
from web.cli.journal import journal
from web.config import Settings
from web.journey import blackbox
from web.journey.stored import call_of

STREAM = STREAMS / "queue_ringall_asterisk_22.ami"  # three calls in a row


@dataclass
class Installation:
    """A base with calls, and the journal from which they were told."""

    settings: Settings
    pbx: UUID
    calls: list[Call]

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(journal, arguments)

    def period(self, *options: str) -> Result:
        first, last = self.calls[0].started_at, self.calls[-1].started_at
        until = last + timedelta(seconds=1)
        return self.run("replay", first.isoformat(), until.isoformat(), *options)

    def ask(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            async with Database(self.settings.database_url) as base, base.writing() as session:
                return await work(session)

        return asyncio.run(run())

    def stored(self, key: UUID) -> Story:
        return self.ask(lambda session: storage.calls.get(session, key))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    settings = Settings(secret_key=new_key(), data_dir=tmp_path)
    monkeypatch.setenv("RINGBOOK_SECRET_KEY", settings.secret_keys[0])
    monkeypatch.setenv("RINGBOOK_DATA_DIR", str(tmp_path))

    async def fill() -> tuple[UUID, list[Call]]:
        async with startup.opened(settings.database_url) as database:
            stage = await calls.set_stage(database)
            told = told_calls(stage.pbx, STREAM)
            async with database.writing() as session:
                context = CallContext(users=stage.seats)
                await storage.calls.save_many(session, [(call, context) for call in told])
            return stage.pbx, told

    pbx, told = asyncio.run(fill())
    keep(settings, pbx, STREAM, told[0].started_at)
    return Installation(settings, pbx, told)


def test_a_call_s_messages_are_shown_with_number_and_time(here: Installation) -> None:
    first, second = here.calls[0], here.calls[1]
    shown = here.run("show", str(first.id))
    assert shown.exit_code == 0, shown.output
    assert "Event: Newchannel" in shown.output
    assert f"Uniqueid: {first.legs[0].uniqueid}" in shown.output
    assert second.legs[0].uniqueid not in shown.output
    assert shown.output.startswith("#")
    assert "2026-11-22T" in shown.output.splitlines()[0]


def test_why_a_call_is_what_it_is_is_printed(here: Installation) -> None:
    first, second = here.calls[0], here.calls[1]
    told = here.run("why", str(first.id))
    assert told.exit_code == 0, told.output
    assert "BridgeEnter" in told.output
    assert "    Ann · 101 has answered: this agent has the call." in told.output
    assert "    The queue Sales line has found an agent." in told.output
    assert "changed nothing." in told.output
    assert "/monitor/" not in told.output
    assert "Stored otherwise" not in told.output
    assert blackbox.erase_call(here.settings, here.stored(second.id)) > 50
    gone = here.run("why", str(second.id))
    assert gone.exit_code == 1
    assert "it was erased, or was never heard" in gone.output


def test_a_terminal_obeys_nothing_that_a_caller_wrote(here: Installation) -> None:
    call = here.calls[0]
    place = blackbox.folder(here.settings, here.pbx)
    more = Journal(
        Writer(place, here.pbx, here.settings.secret_keys, days=30),
        clock=call.started_at.timestamp,
    )
    uniqueid = call.legs[0].uniqueid.encode()
    more.hear(b"Event: X\r\nUniqueid: " + uniqueid + b"\r\nCallerIDName: \x1b]0;gotcha\x07")
    more.close()
    shown = here.run("show", str(call.id)).output
    assert "\x1b" not in shown
    assert r"\x1b]0;gotcha\x07" in shown


def test_an_exported_call_is_told_again_by_the_tracker(here: Installation, tmp_path: Path) -> None:
    call, file = here.calls[1], tmp_path / "call.ami"
    done = here.run("export", str(call.id), str(file))
    assert done.exit_code == 0, done.output
    assert file.stat().st_mode & 0o777 == 0o600
    raws = [raw for raw in file.read_bytes().split(b"\r\n\r\n") if raw.startswith(b"Event: ")]
    assert any(raw.startswith(b"Event: BridgeCreate") for raw in raws)
    tracker, last = Tracker(here.pbx, PHONES), {}
    for raw in raws:
        event = translate(Message(raw, 0.0))
        for change in tracker.feed(event) if event else ():
            if isinstance(change, CallChanged):
                last[change.call.id] = change.call
    assert list(last) == [call.id]
    assert differences(call, last[call.id]) == []
    found = here.ask(lambda session: audit.search(session, audit.Search(), limit=1))
    assert (found[0].action, found[0].details) == ("journal.exported", {"call": str(call.id)})


def test_a_file_that_is_there_is_not_written_over(here: Installation, tmp_path: Path) -> None:
    file = tmp_path / "call.ami"
    file.write_text("mine")
    done = here.run("export", str(here.calls[0].id), str(file))
    assert done.exit_code == 1
    assert "is there already" in done.output
    assert file.read_text() == "mine"


def test_what_was_stored_as_it_was_told_differs_in_nothing(here: Installation) -> None:
    done = here.period()
    assert done.exit_code == 0, done.output
    assert done.output.startswith("3 calls told again: 3 as stored, 0 otherwise, 0 not stored")


def spoil(here: Installation) -> tuple[Call, Call]:
    """One call is stored wrong, another not at all."""
    wrong, lost = here.calls[0], here.calls[2]

    async def work(session: Any) -> None:
        story = await storage.calls.get(session, wrong.id)
        story.call.result, story.call.answered_at = CallResult.ABANDONED, None
        await session.delete((await storage.calls.get(session, lost.id)).call)

    here.ask(work)
    return wrong, lost


def test_differences_are_told_and_nothing_is_changed(here: Installation) -> None:
    wrong, lost = spoil(here)
    done = here.period()
    assert f"call {wrong.id} of" in done.output
    assert "result: abandoned → answered" in done.output
    assert f"call {lost.id} of" in done.output
    assert "is not stored" in done.output
    assert "1 as stored, 1 otherwise, 1 not stored" in done.output
    assert here.stored(wrong.id).call.result is CallResult.ABANDONED


def test_applied_differences_are_new_revisions(here: Installation) -> None:
    wrong, lost = spoil(here)
    before = here.stored(wrong.id).call.revision
    assert "2 applied" in here.period("--apply").output
    story = here.stored(wrong.id)
    assert story.call.revision == before + 1
    assert differences(call_of(story), wrong) == []
    assert differences(call_of(here.stored(lost.id)), lost) == []
    assert "3 as stored, 0 otherwise" in here.period("--apply").output
    assert here.stored(wrong.id).call.revision == before + 1


def test_an_erased_call_is_silent_and_stays_stored(here: Installation) -> None:
    gone = here.calls[1]
    assert blackbox.erase_call(here.settings, here.stored(gone.id)) > 50
    assert "holds nothing about this call" in here.run("show", str(gone.id)).output
    done = here.period("--apply")
    assert f"call {gone.id} of" in done.output
    assert "is not in the journal" in done.output
    assert "2 calls told again: 2 as stored" in done.output
    assert here.stored(gone.id).call.id == gone.id


def test_erasing_asks_first_and_leaves_its_trace(here: Installation) -> None:
    key = str(here.calls[1].id)
    asked = CliRunner().invoke(journal, ["erase", key], input="n\n")
    assert asked.exit_code == 1
    assert here.run("show", key).exit_code == 0
    done = here.run("erase", key, "--yes")
    count = int(done.output.split()[0])
    assert count > 50
    assert "holds nothing about this call" in here.run("show", key).output
    wanted = audit.Search(action="journal.erased")
    [entry] = here.ask(lambda session: audit.search(session, wanted, limit=9))
    assert (entry.key, entry.details) == (here.calls[1].id, {"call": key, "messages": count})
    assert here.run("show", str(here.calls[0].id)).exit_code == 0


def test_a_call_that_is_up_is_not_erased(here: Installation) -> None:
    call = replace(here.calls[1], revision=99, ended_at=None, state=CallState.TALKING, result=None)
    here.ask(lambda session: storage.calls.save(session, call, context=CallContext(users={})))
    refused = here.run("erase", str(call.id), "--yes")
    assert "is not over" in refused.output
    assert here.run("show", str(call.id)).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "x"), "not a valid UUID"),
        (("show", str(UUID(int=1))), "no call"),
        (("replay", "yesterday", "2026-11-22"), "is no time"),
        (("replay", "2026-11-23", "2026-11-22"), "FROM must be before TO"),
        (("replay", "2026-11-22", "2026-11-23", "--pbx", "Mars"), "there is no PBX Mars"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    here: Installation, arguments: tuple[str, ...], sentence: str
) -> None:
    done = here.run(*arguments)
    assert done.exit_code != 0
    assert sentence in done.output
    assert "Traceback" not in done.output
