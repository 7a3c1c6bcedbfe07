"""What is deleted and listed in a spool on another host, and what waits for a host that is away."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import storage.retention
import storage.spools
from fixtures.calls import FOLDER, NOW
from fixtures.sftp import LONGEST, Host
from recordings import scans
from recordings.purges import Purge
from recordings.sftp import work
from recordings.sftp.mirror import SftpSpool


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(work, "RETRIES", (0.05,))


async def test_a_purge_deletes_the_file_there_and_waits_for_a_host_that_is_away(
    host: Host, keep, database, shelf, stage, tmp_path, folder
) -> None:
    async with database.writing() as session:
        await storage.retention.add(session, name="all", days=1, by=None, now=NOW)
    for number in (1, 2):
        await keep(number, days=number * 10, full=False)
    spool = SftpSpool(host.login(), tmp_path / "copies")
    purge = Purge(database, shelf, {stage.pbx: (FOLDER, spool)})
    try:
        done = await purge.go(now=NOW + timedelta(days=12))
        assert (done.deleted, done.left, names(folder)) == (1, 0, ["in-2.0.wav"])
        await host.stop()
        done = await purge.go(now=NOW + timedelta(days=30))
        assert (done.deleted, done.left, names(folder)) == (1, 1, ["in-2.0.wav"])
        await host.start()
        async with asyncio.timeout(LONGEST):
            while (done := await purge.go(now=NOW + timedelta(days=31))).left:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert (len(done.files), names(folder)) == (1, [])
    finally:
        spool.close()


async def test_a_scan_lists_the_files_there_of_which_no_call_tells(
    host: Host, stage, database, tmp_path, make_wav
) -> None:
    (host.folder / "2026").mkdir()
    (host.folder / "2026" / "nobody.wav").write_bytes(make_wav(3))
    (host.folder / "away").symlink_to("/etc/hostname")
    spool = SftpSpool(host.login(), tmp_path / "copies")
    later = datetime.now(UTC) + timedelta(hours=1)
    try:
        found = await scans.scan(database, stage.pbx, FOLDER, spool, now=later)
    finally:
        spool.close()
    assert (found.files, found.orphans, found.fresh) == (2, 2, 2)
    async with database.reading() as session:
        listed = {file.path: file for file in await storage.spools.orphans(session)}
    assert listed["2026/nobody.wav"].seconds == 3.0
    assert listed["away"].cause == scans.NO_FILE


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
