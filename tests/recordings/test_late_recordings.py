"""However a recording comes, or does not: it is shown whole or not at all, and told what it is."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

import storage.calls
from fixtures.calls import FOLDER, Teller
from fixtures.pickups import row
from pbx_bridge.call import Call
from recordings.scans import scan
from storage.recordings import RecordingState

STEP = 5.0  # seconds between looks
SECONDS = 61  # of each talk
Deeds = Iterator[None]  # what happens to a file, a step each


def whole(path: Path, make_wav, chance) -> Deeds:
    path.write_bytes(make_wav(SECONDS, chance.choice(("pcm", "gsm", "alaw", "mulaw"))))
    yield


def grows(path: Path, make_wav, chance) -> Deeds:
    for part in range(chance.randrange(1, 7)):
        path.write_bytes(make_wav(1 + part, announced=0))
        yield
    path.write_bytes(make_wav(SECONDS))


def worked_on(path: Path, make_wav, chance) -> Deeds:
    path.write_bytes(make_wav(SECONDS, announced=0))
    yield
    path.unlink()
    for _ in range(chance.randrange(1, 7)):
        path.with_suffix(".tmp").write_bytes(b"half a transcod")
        yield
    path.with_suffix(".tmp").unlink()
    path.with_suffix(".ulaw").write_bytes(b"\xff" * 8000 * SECONDS)


def renamed(path: Path, make_wav, chance) -> Deeds:
    for _ in range(chance.randrange(6)):
        yield
    mark = path.stem.removeprefix("in-")
    (path.parent / f"archive {mark}.wav").write_bytes(make_wav(SECONDS))


def very_late(path: Path, make_wav, chance) -> Deeds:
    for _ in range(chance.randrange(30, 36)):
        yield
    path.write_bytes(make_wav(SECONDS))


def head_alone(path: Path, make_wav, chance) -> Deeds:
    path.write_bytes(make_wav(0))
    yield


def cut(path: Path, make_wav, chance) -> Deeds:
    path.write_bytes(make_wav(chance.choice((1, 20, 58))))
    yield


def never_closed(path: Path, make_wav, chance) -> Deeds:
    path.write_bytes(make_wav(SECONDS, announced=0))
    yield


def no_sound(path: Path, make_wav, chance) -> Deeds:
    path.write_bytes(chance.choice((b"", b"SQLite format 3", b"<html>" * 99)))
    yield


def never(path: Path, make_wav, chance) -> Deeds:
    yield


ENDS: dict[Callable[..., Deeds], RecordingState] = {
    whole: RecordingState.READY,
    grows: RecordingState.READY,
    worked_on: RecordingState.READY,
    renamed: RecordingState.READY,
    very_late: RecordingState.READY,
    head_alone: RecordingState.EMPTY,
    cut: RecordingState.TRUNCATED,
    never_closed: RecordingState.BROKEN,
    no_sound: RecordingState.BROKEN,
    never: RecordingState.MISSING,
}
ROUNDS = 40 if "RINGBOOK_PROVE" in os.environ else 3


@pytest.mark.bar(41)
async def test_recordings_that_come_late_broken_or_never_end_in_the_right_state(
    pickup, stage, database, shelf, folder, clock, make_wav, proof
) -> None:
    chance = random.Random(41)
    kinds = list(ENDS) * ROUNDS
    chance.shuffle(kinds)
    calls = [_call(stage, n) for n in range(len(kinds))]
    async with database.writing() as session:
        await storage.calls.save_many(session, [(call, stage.context()) for call in calls])
    deeds = [
        kind(folder / Path(call.recordings[0].path).name, make_wav, chance)
        for kind, call in zip(kinds, calls, strict=True)
    ]
    for call in calls:
        pickup.expect(call)
    shown: dict[UUID, str] = {}
    for step in range(60):
        for deed in deeds:
            next(deed, None)
        await pickup.poll()
        clock.now += STEP
        if step % 12 == 11:
            await scan(database, stage.pbx, FOLDER, folder, now=datetime.now(UTC))
            await pickup.resume(afresh=True)
            await _parts(database, shelf, calls, shown)
    states = [(await row(database, call)).state for call in calls]
    wrong = [
        (kind.__name__, state)
        for kind, state in zip(kinds, states, strict=True)
        if state is not ENDS[kind]
    ]
    proof.tried(len(calls), len(wrong), of="recordings late, broken or never", seed=41)
    assert not wrong


def _call(stage, n: int) -> Call:
    mark = f"17953{n:05}.{n}"
    call = Teller(stage.pbx, tag=f"{n}.0").ended()
    leg = replace(call.legs[0], uniqueid=mark)
    recording = replace(call.recordings[0], leg=leg.id, path=f"{FOLDER}/in-{mark}.wav")
    return replace(call, legs=(leg, *call.legs[1:]), recordings=(recording,))


async def _parts(database, shelf, calls: list[Call], shown: dict[UUID, str]) -> None:
    """What can be heard is what was found complete, and never changes again."""
    for call in calls:
        found = await row(database, call)
        if found.is_audible:
            assert shelf.check(found.shelf_key).sha256 == found.sha256
            assert shown.setdefault(found.id, found.sha256) == found.sha256
