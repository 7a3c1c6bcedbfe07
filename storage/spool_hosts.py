"""Hosts from which a PBX's recordings are fetched: the key we log in with, and the host's own.

A host's key counts for the host and port for which a person confirmed it, and for no other.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import audit
from storage.database import Base
from storage.errors import Refused
from storage.secrets import SecretBox


class SpoolHost(Base):
    """What we know of the host of one PBX's recordings."""

    __tablename__ = "spool_hosts"

    pbx_id: Mapped[UUID] = mapped_column(
        ForeignKey("pbxs.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(1024))  # Fernet token: our private key
    public_key: Mapped[str] = mapped_column(String(200))  # the line for authorized_keys there
    made_at: Mapped[datetime]
    door: Mapped[str | None] = mapped_column(String(280))  # host:port that showed `host_key`
    host_key: Mapped[str | None] = mapped_column(String(1400))  # its public line
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    def confirmed(self, door: str) -> str:
        """Return the key that was confirmed for this host and port, "" if none was."""
        return (self.host_key or "") if self.door == door else ""


async def find(session: AsyncSession, pbx_id: UUID) -> SpoolHost | None:
    """What is known of the host of this PBX's recordings."""
    return await session.get(SpoolHost, pbx_id)


async def listed(session: AsyncSession) -> dict[UUID, SpoolHost]:
    """What is known, by PBX."""
    return {host.pbx_id: host for host in await session.scalars(select(SpoolHost))}


async def give_key(
    session: AsyncSession, pbx_id: UUID, private: str, public: str, *, secrets: SecretBox,
    by: UUID, now: datetime,
) -> SpoolHost:  # fmt: skip
    """Log in with this key from now on; what was confirmed of the host stays."""
    host = await find(session, pbx_id)
    if host is None:
        host = SpoolHost(pbx_id=pbx_id)
        session.add(host)
    host.key, host.public_key, host.made_at = secrets.close(private), public, now
    await session.flush()
    audit.record(session, "spool_host.key_made", by=by, key=pbx_id)
    return host


async def confirm(
    session: AsyncSession, pbx_id: UUID, door: str, host_key: str, fingerprint: str, *, by: UUID,
    now: datetime,
) -> None:  # fmt: skip
    """A person compared the host's key and found it right; Refused where we have none of our own.

    The audit keeps the fingerprint.
    """
    host = await find(session, pbx_id)
    if host is None:
        raise Refused("make a key for Ringbook first")
    host.door, host.host_key, host.confirmed_at, host.confirmed_by = door, host_key, now, by
    audit.record(session, "spool_host.confirmed", by=by, key=pbx_id, fingerprint=fingerprint)
