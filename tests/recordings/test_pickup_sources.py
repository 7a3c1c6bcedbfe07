"""The pickup opens plain files beneath the recordings folder of their PBX, and nothing else."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.calls import FOLDER
from fixtures.pickups import polls, row
from recordings import naming, sources
from storage.recordings import RecordingState


@pytest.mark.parametrize(
    "path", [f"{FOLDER}/../secret.wav", "/etc/passwd", f"{FOLDER}/a\0.wav", "../secret.wav"]
)
async def test_a_path_out_of_the_folder_is_never_opened(
    pickup, call, database, clock, folder, path, make_wav
) -> None:
    (folder.parent / "secret.wav").write_bytes(make_wav(5))
    pickup.expect(replace(call, recordings=(replace(call.recordings[0], path=path),)))
    await polls(pickup, clock)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.BROKEN, naming.OUTSIDE)


@pytest.mark.parametrize("kind", ["link", "folder link", "pipe", "folder"])
async def test_nothing_but_a_plain_file_is_opened(
    pickup, call, database, clock, folder, kind, make_wav
) -> None:
    secret = folder.parent / "secret"
    secret.mkdir()
    (secret / "in-1.0.wav").write_bytes(make_wav(5))
    path = f"{FOLDER}/in-1.0.wav"
    match kind:
        case "link":
            (folder / "in-1.0.wav").symlink_to(secret / "in-1.0.wav")
        case "folder link":
            (folder / "sub").symlink_to(secret)
            path = f"{FOLDER}/sub/in-1.0.wav"
        case "pipe":
            os.mkfifo(folder / "in-1.0.wav")
        case "folder":
            (folder / "in-1.0.wav").mkdir()
    pickup.expect(replace(call, recordings=(replace(call.recordings[0], path=path),)))
    await asyncio.wait_for(polls(pickup, clock), 20)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.BROKEN, naming.OUTSIDE)


async def test_a_pbx_without_a_folder_is_named_as_the_cause(pickup, call, database, clock) -> None:
    pickup.folders = {}
    pickup.expect(call)
    await polls(pickup, clock)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.MISSING, sources.NO_FOLDER)


async def test_a_file_we_may_not_read_is_waited_for_and_then_said(
    pickup, call, database, clock, monkeypatch
) -> None:
    def denied(root: Path, name: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sources, "look_at", denied)
    pickup.expect(call)
    await polls(pickup, clock, 119)
    assert (await row(database, call)).state is RecordingState.PENDING
    await polls(pickup, clock, 2)
    found = await row(database, call)
    assert (found.state, found.cause) == (RecordingState.BROKEN, sources.NOT_ALLOWED)
