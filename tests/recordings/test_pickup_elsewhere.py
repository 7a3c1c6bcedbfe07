"""A script may rename or transcode a recording, and be late: it is found, and never another's."""

from dataclasses import replace

import pytest

import storage.calls
from fixtures.calls import FOLDER, Teller
from fixtures.pickups import polls, row
from recordings import verdicts
from storage.recordings import RecordingState


@pytest.mark.parametrize(
    "name",
    ["in-1.0.ulaw", "in-1.0.wav.ulaw", "2026/11/22/Zoë 1795339800.1.ulaw"],
    ids=["another ending", "one more ending", "another name, by the uniqueid"],
)
async def test_a_file_that_a_script_made_late_is_found(
    pickup, stage, database, folder, clock, name
) -> None:
    call = Teller(stage.pbx).ended()
    leg = replace(call.legs[0], uniqueid="pbx1-1795339800.1")
    call = replace(call, legs=(leg, *call.legs[1:]))
    recording = replace(call.recordings[0], leg=leg.id)
    call = replace(call, recordings=(recording,))
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    pickup.expect(call)
    await polls(pickup, clock, 30)
    assert (await row(database, call)).state is RecordingState.PENDING
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"\xff" * 61 * 8000)
    await polls(pickup, clock, 16)
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, 6)
    found = await row(database, call)
    assert (found.state, found.cause, found.seconds) == (RecordingState.READY, "", 61.0)
    assert (found.path_found, found.media_type) == (name, "audio/x-mulaw")


async def test_two_calls_never_get_one_file(pickup, stage, database, folder, clock) -> None:
    calls = [Teller(stage.pbx, tag=f"{n}.0").ended() for n in (1, 2)]
    paths = (f"{FOLDER}/talk.wav", f"{FOLDER}/talk.gsm")
    calls = [
        replace(call, recordings=(replace(call.recordings[0], path=path),))
        for call, path in zip(calls, paths, strict=True)
    ]
    async with database.writing() as session:
        await storage.calls.save_many(session, [(call, stage.context()) for call in calls])
    (folder / "talk.ulaw").write_bytes(b"\xff" * 61 * 8000)
    for call in calls:
        pickup.expect(call)
    await polls(pickup, clock, 6, 1, 120)
    states = [(await row(database, call)).state for call in calls]
    assert sorted(states) == [RecordingState.MISSING, RecordingState.READY]


async def test_the_file_of_another_recording_is_not_taken_for_a_transcoded_one(
    pickup, stage, database, folder, clock, make_wav
) -> None:
    """MixMonitor wrote talk.wav for one call; another call's talk.gsm never appears."""
    first, second = (Teller(stage.pbx, tag=f"{n}.0").ended() for n in (1, 2))
    first = replace(first, recordings=(replace(first.recordings[0], path=f"{FOLDER}/talk.wav"),))
    second = replace(second, recordings=(replace(second.recordings[0], path=f"{FOLDER}/talk.gsm"),))
    async with database.writing() as session:
        await storage.calls.save_many(
            session, [(call, stage.context()) for call in (first, second)]
        )
    (folder / "talk.wav").write_bytes(make_wav(61))
    pickup.expect(second)
    await polls(pickup, clock, 2, 2, 120)
    assert (await row(database, second)).state is RecordingState.MISSING
    pickup.expect(first)
    await polls(pickup, clock, 2)
    assert (await row(database, first)).state is RecordingState.READY


async def test_several_files_with_one_uniqueid_are_not_guessed_at(
    pickup, stage, database, folder, clock
) -> None:
    call = Teller(stage.pbx).ended()
    leg = replace(call.legs[0], uniqueid="1795339800.1")
    recording = replace(call.recordings[0], leg=leg.id)
    call = replace(call, legs=(leg, *call.legs[1:]), recordings=(recording,))
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    for name in ("a-1795339800.1.ulaw", "b-1795339800.1.ulaw", "c-1795339800.11.ulaw"):
        (folder / name).write_bytes(b"\xff" * 8000)
    pickup.expect(call)
    await polls(pickup, clock, 60, 61)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.MISSING, verdicts.NEVER_CAME)


async def test_a_file_of_four_gigabytes_is_refused_at_once(
    pickup, call, database, folder, clock, make_wav
) -> None:
    with (folder / "in-1.0.wav").open("wb") as file:
        file.write(make_wav(1)[:44])
        file.truncate(4 * 1024**3)
    pickup.expect(call)
    await polls(pickup, clock)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.BROKEN, verdicts.TOO_LARGE)


async def test_a_file_renamed_while_it_is_read_is_fetched_from_its_new_name(
    pickup, call, database, shelf, folder, clock, make_wav, monkeypatch
) -> None:
    source = folder / "in-1.0.wav"
    source.write_bytes(make_wav(61))
    pickup.expect(call)
    put = shelf.put

    def put_slowly(file: object, key: str) -> object:
        stored = put(file, key)
        source.rename(folder / "in-1.0.wav49")
        return stored

    with monkeypatch.context() as patched:
        patched.setattr(shelf, "put", put_slowly)
        await polls(pickup, clock, 1.5)
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, 16, 2)
    found = await row(database, call)
    assert (found.state, found.path_found) == (RecordingState.READY, "in-1.0.wav49")


@pytest.mark.parametrize(
    ("heard", "lasted", "state"),
    [(59, 61, "ready"), (58.9, 61, "truncated"), (3596.5, 3600, "truncated"), (7197, 7200, "ready"),
     (7195, 7200, "truncated"), (99_991, 100_000, "ready"), (61, 0, "ready")],
)  # fmt: skip
def test_how_much_may_lack_stands_in_a_table(heard, lasted, state) -> None:
    assert verdicts.measured(heard, lasted).state == state


async def test_a_file_that_does_not_say_when_it_is_complete_is_taken_only_when_it_rests(
    pickup, call, database, folder, clock
) -> None:
    path = folder / "in-1.0.ulaw"
    pickup.expect(call)
    for seconds in (10, 30, 50):
        path.write_bytes(b"\xff" * 8000 * seconds)
        clock.now += 16
        await polls(pickup, clock, 3)
        assert (await row(database, call)).state is RecordingState.PENDING
    path.write_bytes(b"\xff" * 8000 * 61)
    await polls(pickup, clock, 3, 3)
    assert (await row(database, call)).seconds == 61.0
