"""The PBXs we listen to: where they are, how to read their numbers, where their recordings lie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.config import AmiConfig
from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import Conflict, NotFound, Refused
from storage.secrets import SecretBox


class Pbx(Base):
    """One Asterisk. Its secret is encrypted with the installation's key (`storage.secrets`)."""

    __tablename__ = "pbxs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int] = mapped_column(default=5038)
    username: Mapped[str] = mapped_column(String(80))
    secret: Mapped[str] = mapped_column(String(512))  # Fernet token
    tls: Mapped[bool] = mapped_column(default=False)
    tls_ca: Mapped[str | None] = mapped_column(String(255))  # file with the authority to trust
    encoding: Mapped[str] = mapped_column(String(20), default="cp1252")  # where UTF-8 fails
    region: Mapped[str] = mapped_column(String(2), default="GB")  # of numbers written nationally
    internal_digits: Mapped[int] = mapped_column(default=5)  # numbers up to this length are ours
    recordings_there: Mapped[str | None] = mapped_column(String(255))  # as the PBX names the folder
    recordings_here: Mapped[str | None] = mapped_column(String(255))  # the same folder from here
    enabled: Mapped[bool] = mapped_column(default=True)
    from_file: Mapped[bool] = mapped_column(default=False)  # the settings file wins over the page
    created_at: Mapped[datetime]


class Described(Protocol):
    """A PBX as the settings file describes it."""

    @property
    def name(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def secret(self) -> SecretStr: ...
    @property
    def tls(self) -> bool: ...
    @property
    def tls_ca(self) -> Path | None: ...
    @property
    def encoding(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def internal_digits(self) -> int: ...
    @property
    def recordings_there(self) -> str | None: ...
    @property
    def recordings_here(self) -> Path | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a person or the file says of a PBX, all but its secret."""

    name: str
    host: str
    port: int
    username: str
    tls: bool
    tls_ca: str | None
    encoding: str
    region: str
    internal_digits: int
    recordings_there: str | None
    recordings_here: str | None
    enabled: bool = True

    @classmethod
    def described(cls, pbx: Described) -> "Facts":
        """Take them from the settings file."""
        return cls(
            name=pbx.name,
            host=pbx.host,
            port=pbx.port,
            username=pbx.username,
            tls=pbx.tls,
            tls_ca=_text(pbx.tls_ca),
            encoding=pbx.encoding,
            region=pbx.region.upper(),
            internal_digits=pbx.internal_digits,
            recordings_there=pbx.recordings_there,
            recordings_here=_text(pbx.recordings_here),
        )

    def write(self, pbx: Pbx) -> list[str]:
        """Put them into the row; gives the names of those that changed."""
        changed = [word for word in self.__slots__ if getattr(pbx, word) != getattr(self, word)]
        for word in changed:
            setattr(pbx, word, getattr(self, word))
        return changed


def _text(path: Path | None) -> str | None:
    return str(path) if path is not None else None


def ami_config(pbx: Pbx, secrets: SecretBox) -> AmiConfig:
    """How to log in to the PBX; raises Refused where its secret cannot be decrypted."""
    return AmiConfig(
        host=pbx.host,
        port=pbx.port,
        username=pbx.username,
        secret=SecretStr(secrets.open(pbx.secret)),
        tls=pbx.tls,
        tls_ca=Path(pbx.tls_ca) if pbx.tls_ca else None,
        encoding=pbx.encoding,
    )


async def listed(session: AsyncSession, *, enabled: bool | None = None) -> Sequence[Pbx]:
    """Every PBX by name, or only those (not) listened to."""
    query = select(Pbx).order_by(func.lower(Pbx.name))
    if enabled is not None:
        query = query.where(Pbx.enabled.is_(enabled))
    return (await session.scalars(query)).all()


async def get(session: AsyncSession, key: UUID) -> Pbx:
    """The PBX; raises NotFound."""
    pbx = await session.get(Pbx, key)
    if pbx is None:
        raise NotFound("pbx", key)
    return pbx


async def create(
    session: AsyncSession,
    facts: Facts,
    *,
    secret: str,
    secrets: SecretBox,
    now: datetime,
    by: UUID | None,
) -> Pbx:
    """Add a PBX; raises Conflict where there is one of this name."""
    await _refuse_taken(session, facts.name)
    pbx = Pbx(id=uuid7(now), secret=secrets.close(secret), from_file=False, created_at=now)
    facts.write(pbx)
    session.add(pbx)
    await session.flush()
    audit.record(session, "pbx.created", by=by, key=pbx.id)
    return pbx


async def change(
    session: AsyncSession,
    key: UUID,
    facts: Facts,
    *,
    secret: str | None,
    secrets: SecretBox,
    by: UUID | None,
) -> None:
    """Change a PBX; no `secret` keeps its own. Raises Refused where the file describes it."""
    pbx = await get(session, key)
    if pbx.from_file:
        raise Refused("this PBX is described in the settings file; change it there")
    await _refuse_taken(session, facts.name, but=key)
    changed = facts.write(pbx)
    if secret:
        pbx.secret = secrets.close(secret)
        changed.append("secret")
    audit.record(session, "pbx.changed", by=by, key=key, fields=changed)


async def sync_from_file(
    session: AsyncSession, described: Iterable[Described], secrets: SecretBox, *, now: datetime
) -> None:
    """Make the rows say what the file says; those it no longer names can be edited again."""
    known = {pbx.name: pbx for pbx in await listed(session)}
    named = {pbx.name: pbx for pbx in described}
    for name, wanted in named.items():
        _follow(session, known.get(name), wanted, secrets, now)
    for name, pbx in known.items():
        if pbx.from_file and name not in named:
            pbx.from_file = False
            audit.record(session, "pbx.left_file", by=audit.SYSTEM, key=pbx.id)
    await session.flush()


def _follow(
    session: AsyncSession, pbx: Pbx | None, wanted: Described, secrets: SecretBox, now: datetime
) -> None:
    secret = wanted.secret.get_secret_value()
    if pbx is None:
        pbx = Pbx(id=uuid7(now), secret="", created_at=now)
        session.add(pbx)
    changed = Facts.described(wanted).write(pbx)
    if not _holds(pbx, secret, secrets):
        pbx.secret = secrets.close(secret)
        changed.append("secret")
    if changed or not pbx.from_file:
        pbx.from_file = True
        audit.record(session, "pbx.read_from_file", by=audit.SYSTEM, key=pbx.id, fields=changed)


def _holds(pbx: Pbx, secret: str, secrets: SecretBox) -> bool:
    try:
        return bool(pbx.secret) and secrets.open(pbx.secret) == secret
    except Refused:
        return False


async def _refuse_taken(session: AsyncSession, name: str, *, but: UUID | None = None) -> None:
    query = select(Pbx.id).where(func.lower(Pbx.name) == name.lower())
    if any(key != but for key in await session.scalars(query)):
        raise Conflict("there is a PBX of this name already")
