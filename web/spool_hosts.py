"""The PBXs' recordings folders as this process reaches them: here, or over SFTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import UUID

import storage.pbxs
import storage.spool_hosts
from recordings.sftp.addresses import Address, is_address
from recordings.sides import Sides
from recordings.sources import LocalSpool
from recordings.spools import Folders, Spool
from storage.database import Database
from storage.errors import Refused
from storage.pbxs import Pbx
from storage.secrets import SecretBox
from storage.spool_hosts import SpoolHost
from web.config import Settings

if TYPE_CHECKING:
    from recordings.sftp.links import Login
    from recordings.sftp.mirror import SftpSpool


class SpoolHosts:
    """Keeps a link to each host while its address and keys stay what they are."""

    def __init__(self, settings: Settings) -> None:
        self._secrets = SecretBox(settings.secret_keys)
        self._copies = settings.data_dir / "spools"
        self._sides = Sides(*settings.side_suffixes) if settings.side_suffixes else None
        self._spools: dict[UUID, SftpSpool] = {}

    async def folders(self, database: Database) -> Folders:
        """Return where each PBX's recordings are now."""
        async with database.reading() as session:
            pbxs = await storage.pbxs.listed(session)
            hosts = await storage.spool_hosts.listed(session)
        found: dict[UUID, tuple[str, Path | Spool]] = {}
        for pbx in pbxs:
            there, here = pbx.recordings_there, pbx.recordings_here
            if there and here:
                is_far = is_address(here)
                at = (
                    await self._spool(pbx, hosts.get(pbx.id))
                    if is_far
                    else LocalSpool(Path(here), self._sides)
                )
                found[pbx.id] = (there, at)
        near = {key for key, (_, at) in found.items() if isinstance(at, LocalSpool)}
        for key in [key for key in self._spools if key in near or key not in found]:
            await asyncio.to_thread(self._spools.pop(key).close)
        return found

    async def __aenter__(self) -> Self:
        """Take down all links at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take down all links."""
        while self._spools:
            _key, spool = self._spools.popitem()
            await asyncio.to_thread(spool.close)

    async def _spool(self, pbx: Pbx, host: SpoolHost | None) -> "SftpSpool":
        from recordings.sftp.mirror import SftpSpool

        login = login_of(pbx, host, self._secrets)
        was = self._spools.get(pbx.id)
        if was is not None and was.login == login:
            return was
        if was is not None:
            await asyncio.to_thread(was.close)
        spool = self._spools[pbx.id] = SftpSpool(
            login, self._copies / pbx.id.hex, sides=self._sides
        )
        return spool


@asynccontextmanager
async def folders_of(settings: Settings, database: Database) -> AsyncIterator[Folders]:
    """Reach the folders for a command."""
    async with SpoolHosts(settings) as hosts:
        yield await hosts.folders(database)


def login_of(pbx: Pbx, host: SpoolHost | None, secrets: SecretBox) -> "Login":
    """Return how to log in to the host of a PBX's recordings; what lacks is "" in it."""
    from recordings.sftp.links import Login

    address = Address.parse(pbx.recordings_here or "")
    if host is None:
        return Login(address, "")
    try:
        key = secrets.open(host.key)
    except Refused:  # made under another secret key of the installation
        key = ""
    return Login(address, key, host.confirmed(address.door))
