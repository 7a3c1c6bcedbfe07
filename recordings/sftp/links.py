"""The link to a host: its key is one that a person confirmed, or there is no link."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import asyncssh

from pbx_bridge.matching import msgid
from recordings.sftp.addresses import Address
from recordings.sources import NOT_ALLOWED, FolderAway

Client: TypeAlias = asyncssh.SFTPClient

CONNECT = 15.0  # seconds until a host that does not answer is away
KEEPALIVE = 10.0
GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
LOST = (
    asyncssh.DisconnectError, asyncssh.ChannelOpenError, asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection, ConnectionError, TimeoutError,
)  # fmt: skip

AWAY = msgid("The host of this PBX's recordings does not answer now, and is tried again.")
REFUSED = msgid("The host of this PBX's recordings does not let Ringbook's key in.")
UNCONFIRMED = msgid("Nobody has confirmed the key of the host of this PBX's recordings yet.")
CHANGED = msgid(
    "The host of this PBX's recordings shows another key than the one that was confirmed: "
    "nothing is fetched from it."
)
NO_KEY = msgid("There is no key yet with which Ringbook logs in to the host of the recordings.")
NO_FOLDER = msgid("The recordings folder is not on the host that was named, or is no folder.")


@dataclass(frozen=True, slots=True)
class Login:
    """How to get in; `host_key` is the public line that was confirmed, "" if none was."""

    address: Address
    key: str = field(repr=False)  # private, as OpenSSH writes it
    host_key: str = ""


@asynccontextmanager
async def linked(login: Login) -> AsyncIterator[Client]:
    """Log in; raises FolderAway with a sentence. Paths are bytes, as they are on the host."""
    link = await _connect(login)
    try:
        try:
            async with asyncio.timeout(CONNECT):
                client = await link.start_sftp_client(path_encoding=None)
        except (*LOST, asyncssh.Error):
            raise FolderAway(AWAY) from None
        yield client
    finally:
        link.abort()  # a host that is away would not answer a good-bye
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await link.wait_closed()


async def host_key(address: Address) -> str:
    """Return the public line that a host shows, of whom nothing is known; raises FolderAway."""
    try:
        async with asyncio.timeout(CONNECT):
            key = await asyncssh.get_server_host_key(address.host, address.port, config=None)
    except (OSError, asyncssh.Error, *LOST):
        raise FolderAway(AWAY) from None
    if key is None:
        raise FolderAway(AWAY)
    return _line(key)


def _line(key: asyncssh.SSHKey) -> str:
    kind, blob, *_ = key.export_public_key("openssh").decode().split()
    return f"{kind} {blob}"


async def _connect(login: Login) -> asyncssh.SSHClientConnection:
    if not login.key:
        raise FolderAway(NO_KEY)
    if not login.host_key:
        raise FolderAway(UNCONFIRMED)
    pinned = asyncssh.import_public_key(login.host_key)
    algorithms = [name.decode() for name in pinned.sig_algorithms if name != b"ssh-rsa"]
    try:
        async with asyncio.timeout(CONNECT):
            return await asyncssh.connect(
                login.address.host, login.address.port, username=login.address.user,
                client_keys=[asyncssh.import_private_key(login.key)],
                known_hosts=([pinned], [], []), server_host_key_algs=algorithms,
                preferred_auth="publickey", agent_path=None, config=None, compression_algs=None,
                keepalive_interval=KEEPALIVE,
            )  # fmt: skip
    except asyncssh.HostKeyNotVerifiable:
        raise FolderAway(CHANGED) from None
    except asyncssh.KeyExchangeFailed as error:
        raise FolderAway(CHANGED if "host key" in str(error) else AWAY) from None
    except asyncssh.PermissionDenied:
        raise FolderAway(REFUSED) from None
    except (OSError, asyncssh.Error, *LOST):
        raise FolderAway(AWAY) from None


def as_os_error(error: asyncssh.SFTPError) -> OSError:
    """Return what a folder of this machine would have said."""
    if isinstance(error, GONE):
        return FileNotFoundError(str(error))
    if isinstance(error, asyncssh.SFTPPermissionDenied):
        return PermissionError(13, NOT_ALLOWED)
    return OSError(str(error))
