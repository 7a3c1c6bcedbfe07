"""Whether a spool on another host can be fetched: logged in, listed, read, deleted from."""

import asyncio
import secrets
from dataclasses import dataclass
from pathlib import PurePosixPath

import asyncssh

from recordings.naming import BadName
from recordings.sftp.links import AWAY, LOST, Login, linked
from recordings.sftp.reading import FILE, Folder, name_of, read
from recordings.sources import FolderAway

PATIENCE = 60.0  # seconds
MOST = 1000  # files that are counted


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at the host found; `cause` is "" where there is a link."""

    cause: str
    files: int = 0  # at the top of the folder, counted to a thousand
    is_readable: bool | None = None  # None where there is no file to try it with
    is_deletable: bool | None = None  # None where nobody asked


async def check(login: Login, *, clears: bool) -> Checked:
    """Look at the host once; with `clears` a hidden file is made there and deleted."""
    try:
        async with asyncio.timeout(PATIENCE), linked(login) as client:
            folder = await Folder.find(client, login.address.folder)
            files, sample = await _count(folder)
            return Checked(
                "", files, await _reads(folder, sample), await _deletes(folder) if clears else None
            )
    except FolderAway as error:
        return Checked(str(error))
    except (*LOST, asyncssh.Error):
        return Checked(AWAY)


async def _count(folder: Folder) -> tuple[int, PurePosixPath | None]:
    files, sample = 0, None
    try:
        async for one in folder.client.scandir(folder.root):
            if one.attrs.type == FILE:
                files, sample = files + 1, PurePosixPath(name_of(one))
            if files >= MOST:
                break
    except asyncssh.SFTPPermissionDenied:
        return 0, None
    return files, sample


async def _reads(folder: Folder, name: PurePosixPath | None) -> bool | None:
    if name is None:
        return None
    try:
        await folder.attrs(name)
        async with folder.client.open(folder.path(name), "rb", encoding=None) as file:
            await read(file, 0, 1)
    except (asyncssh.SFTPNoSuchFile, BadName):  # it went meanwhile
        return None
    except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure):
        return False
    return True


async def _deletes(folder: Folder) -> bool:
    probe = folder.path(PurePosixPath(f".ringbook-{secrets.token_hex(8)}"))
    try:
        async with folder.client.open(probe, "xb", encoding=None):
            pass
        await folder.client.remove(probe)
    except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure, asyncssh.SFTPOpUnsupported):
        return False
    return True
