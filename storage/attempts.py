"""Attempts to log in: counted before the password is looked at, forgotten when it was right."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.ids import uuid7
from storage.rules import attempts as rules
from storage.users import LoginFailure, folded


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: `wait` is how long it must be put off; zero means go on and look."""

    id: UUID
    wait: timedelta


async def begin(session: AsyncSession, *, login: str, address: str, now: datetime) -> Attempt:
    """Count one try as refused unless it comes too early; many at once are counted one by one."""
    login, origin = folded(login)[:80], rules.origin_of(address)
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(origin))))
    await session.execute(delete(LoginFailure).where(LoginFailure.at < now - rules.WINDOW))
    refused = (
        await session.execute(
            select(LoginFailure.login, LoginFailure.at).where(LoginFailure.address == origin)
        )
    ).all()
    wait = max(
        rules.wait(
            [row.at for row in refused if row.login == login], free=rules.FREE_OF_LOGIN, now=now
        ),
        rules.wait([row.at for row in refused], free=rules.FREE_OF_ADDRESS, now=now),
    )
    attempt = Attempt(uuid7(now), wait)
    if wait == rules.NOW:
        session.add(LoginFailure(id=attempt.id, login=login, address=origin, at=now))
    return attempt


async def succeeded(session: AsyncSession, *, login: str, address: str) -> None:
    """Forget the refusals of this login from this address; those of other logins stay."""
    await session.execute(
        delete(LoginFailure).where(
            LoginFailure.login == folded(login)[:80],
            LoginFailure.address == rules.origin_of(address),
        )
    )
