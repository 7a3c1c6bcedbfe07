"""A rule picks calls in which nobody spoke for long; on both engines."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import storage.picks
import storage.recordings
from fixtures.calls import NOW, set_stage
from fixtures.scripts import call_of
from pbx_bridge.ids import uuid7
from storage.database import Database
from storage.picks import PickState, RuleFacts
from storage.picks import keeping as rules
from storage.recording_pauses import RecordingPause
from storage.recordings import Sound
from storage.renditions import Rendition, RenditionState
from storage.rules.picks import Rule, RuleKind


async def test_a_long_silence_picks_a_call_but_for_what_was_paused(database: Database) -> None:
    stage = await set_stage(database)
    calls = [await call_of(database, stage, f"{n}.1") for n in (1, 2)]
    rule = Rule(id=UUID(int=0), kind=RuleKind.SILENCE, limit=20.0)
    async with database.writing() as session:
        await rules.create(session, RuleFacts(name="Silence", rule=rule), by=None, now=NOW)
        for call, windows in zip(calls, ([[3, 30], [35, 41]], [[3, 30]]), strict=True):
            [told] = call.recordings
            recording = await storage.recordings.get(session, told.id)
            sound = Sound(f"{call.id}.sealed", "audio/wav", 1, 60.0, "0" * 64)
            await storage.recordings.shelved(session, recording.id, sound)
            session.add(
                Rendition(
                    id=uuid7(NOW), recording_id=recording.id, state=RenditionState.READY,
                    created_at=NOW, silences={"windows": windows},
                )
            )  # fmt: skip
        session.add(
            RecordingPause(
                id=uuid7(NOW), recording_id=recording.id,
                started_at=recording.started_at + timedelta(seconds=10),
                ended_at=recording.started_at + timedelta(seconds=25),
            )
        )  # fmt: skip
    async with database.writing() as session:
        soon, zone = NOW + timedelta(hours=1), ZoneInfo("UTC")
        wanted = await storage.picks.wanted(session, now=soon, zone=zone)
        assert await storage.picks.add(session, wanted, now=soon) == 1
    async with database.reading() as session:
        [line] = await storage.picks.listed(session, [PickState.OPEN], reach=None)
    assert line.pick.call_id == calls[0].id
    [(_, reason)] = line.reasons
    assert (reason.why["value"], reason.why["limit"], reason.why["at"]) == (27, 20.0, 3.0)
    assert reason.why["recording"] == str(calls[0].recordings[0].id)
