"""A recording is shown when it is complete, never before; what is wrong is said, with its cause."""

import pytest

from fixtures.pickups import polls, row
from recordings import verdicts
from storage.recordings import RecordingState


async def test_a_complete_file_is_fetched_and_the_pbx_keeps_its_own(
    pickup, call, database, shelf, folder, clock, make_wav
) -> None:
    source = folder / "in-1.0.wav"
    source.write_bytes(make_wav(61))
    pickup.expect(call)
    await polls(pickup, clock)
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, 0.5, 0.6)
    found = await row(database, call)
    assert (found.state, found.cause, found.seconds) == (RecordingState.READY, "", 61.0)
    assert (found.size, found.media_type) == (source.stat().st_size, "audio/wav")
    async with shelf.open(found.shelf_key) as file:
        heard = b"".join([piece async for piece in file.pieces(0, file.size)])
    assert heard == source.read_bytes()
    assert pickup.backlog == 0


async def test_a_file_still_written_is_waited_for(
    pickup, call, database, folder, clock, make_wav
) -> None:
    source = folder / "in-1.0.wav"
    pickup.expect(call)
    await polls(pickup, clock, 30)
    for seconds in (1, 20, 40):
        source.write_bytes(make_wav(seconds, announced=0))
        await polls(pickup, clock, 15)
    assert (await row(database, call)).state is RecordingState.PENDING
    source.write_bytes(make_wav(61))
    await polls(pickup, clock, 1.5)
    assert (await row(database, call)).state is RecordingState.READY


async def test_a_file_worked_on_after_the_call_is_taken_only_when_it_rests(
    pickup, call, database, folder, clock, make_wav
) -> None:
    source = folder / "in-1.0.wav"
    source.write_bytes(make_wav(61, "gsm"))
    pickup.expect(call)
    await polls(pickup, clock, 0.5)
    source.write_bytes(b"half a transcod")
    await polls(pickup, clock, 30)
    assert (await row(database, call)).state is RecordingState.PENDING
    source.write_bytes(make_wav(61, "mulaw"))
    await polls(pickup, clock, 1.5)
    found = await row(database, call)
    assert (found.state, found.seconds) == (RecordingState.READY, 61.0)


@pytest.mark.parametrize(
    ("content", "waits", "state", "cause"),
    [
        ("head alone", (5, 4, 2), RecordingState.EMPTY, verdicts.NOBODY_HEARD),
        ("nothing", (60, 61), RecordingState.MISSING, verdicts.NEVER_CAME),
        ("never closed", (30, 31), RecordingState.BROKEN, verdicts.NOT_CLOSED),
        ("no wav", (30, 31), RecordingState.BROKEN, "The file is not a WAV file. Let MixMonitor"),
    ],
)
async def test_a_file_that_cannot_be_heard_says_why(
    pickup, call, database, folder, clock, make_wav, content, waits, state, cause
) -> None:
    bodies = {
        "head alone": make_wav(0), "never closed": make_wav(5, announced=0), "no wav": b"SQL" * 99,
    }  # fmt: skip
    if body := bodies.get(content):
        (folder / "in-1.0.wav").write_bytes(body)
    pickup.expect(call)
    await polls(pickup, clock, *waits[:-1])
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, waits[-1])
    found = await row(database, call)
    assert found.state is state
    assert found.cause.startswith(cause)
    assert pickup.backlog == 0


async def test_a_recording_shorter_than_the_talk_is_truncated_and_says_so(
    pickup, call, database, folder, clock, make_wav
) -> None:
    (folder / "in-1.0.wav").write_bytes(make_wav(40))
    pickup.expect(call)
    await polls(pickup, clock, 1.5)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.TRUNCATED, verdicts.SHORTER)
    assert found.is_audible


async def test_a_file_that_changes_while_it_is_copied_is_copied_again(
    pickup, call, database, shelf, folder, clock, make_wav, monkeypatch
) -> None:
    source = folder / "in-1.0.wav"
    source.write_bytes(make_wav(30))
    pickup.expect(call)
    put = shelf.put

    def put_slowly(file: object, key: str) -> object:
        stored = put(file, key)
        source.write_bytes(make_wav(61))
        return stored

    with monkeypatch.context() as patched:
        patched.setattr(shelf, "put", put_slowly)
        await polls(pickup, clock, 1.5)
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, 1.5)
    assert (await row(database, call)).seconds == 61.0
