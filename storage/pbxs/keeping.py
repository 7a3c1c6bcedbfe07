"""Listing, adding and changing PBXs; what a page says of one, and what the settings file says."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.config import AmiConfig
from pbx_bridge.ids import uuid7
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.pbxs.facts import Described, Facts
from storage.pbxs.tables import Pbx
from storage.secrets import SecretBox


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
    books_sql: str | None = None,
) -> Pbx:
    """Add a PBX; raises Conflict where there is one of this name."""
    await _refuse_taken(session, facts.name)
    pbx = Pbx(id=uuid7(now), secret=secrets.close(secret), from_file=False, created_at=now)
    facts.write(pbx)
    _write_books_sql(pbx, books_sql, secrets)
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
    books_sql: str | None = None,
) -> None:
    """Change a PBX; no `secret` keeps its own. Raises Refused where the file describes it.

    `books_sql` is the address of the database with its books: None keeps it, "" forgets it.
    """
    pbx = await get(session, key)
    if pbx.from_file:
        raise Refused("this PBX is described in the settings file; change it there")
    await _refuse_taken(session, facts.name, but=key)
    changed = facts.write(pbx)
    if secret:
        pbx.secret = secrets.close(secret)
        changed.append("secret")
    changed += _write_books_sql(pbx, books_sql, secrets)
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
    if not _holds(pbx.secret, secret, secrets):
        pbx.secret = secrets.close(secret)
        changed.append("secret")
    address = wanted.books_sql.get_secret_value() if wanted.books_sql else ""
    if not _holds(pbx.books_sql or "", address, secrets):
        changed += _write_books_sql(pbx, address, secrets)
    if changed or not pbx.from_file:
        pbx.from_file = True
        audit.record(session, "pbx.read_from_file", by=audit.SYSTEM, key=pbx.id, fields=changed)


def _write_books_sql(pbx: Pbx, address: str | None, secrets: SecretBox) -> list[str]:
    """Store where its books are in a database, as a secret; gives the names of what changed."""
    if address is None or (not address and pbx.books_sql is None):
        return []
    pbx.books_sql = secrets.close(address) if address else None
    return ["books_sql"]


def _holds(token: str, secret: str, secrets: SecretBox) -> bool:
    try:
        return (secrets.open(token) if token else "") == secret
    except Refused:
        return False


async def _refuse_taken(session: AsyncSession, name: str, *, but: UUID | None = None) -> None:
    query = select(Pbx.id).where(func.lower(Pbx.name) == name.lower())
    if any(key != but for key in await session.scalars(query)):
        raise Conflict("there is a PBX of this name already")
