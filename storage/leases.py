"""Which node leads: one row with a fence that grows with each new leader, by the base's own clock.

Only PostgreSQL has several nodes. A leader's renewal changes no key, so it waits for nobody; taking
over changes the fence, which is one, so it waits for every transaction that the last leader began,
and what that one begins later finds another fence. A leader that freezes inside a transaction
loses it after IDLE_SECONDS, so that nobody waits for long.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import BigInteger, String, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, Database
from storage.errors import NotLeader

LEASE_SECONDS = 3.0
ASK_SECONDS = 1.0  # how long the base may take to answer
IDLE_SECONDS = 3.0  # that a leader's transaction may do nothing
RIVAL_SECONDS = 60.0  # a node that asked within them may take over

_READY = text(
    "INSERT INTO leases (name, holder, fence, expires_at, asked_at) "
    "VALUES ('leader', '', 0, 'epoch', 'epoch') ON CONFLICT DO NOTHING"
)
_ASK = text("UPDATE leases SET asked_at = clock_timestamp() WHERE name = 'leader'")
_TAKE = text(
    "UPDATE leases SET holder = :holder, fence = fence + 1, "
    "expires_at = clock_timestamp() + make_interval(secs => :seconds) "
    "WHERE name = 'leader' AND expires_at < clock_timestamp() RETURNING fence"
)
_RENEW = text(
    "UPDATE leases SET expires_at = clock_timestamp() + make_interval(secs => :seconds) "
    "WHERE name = 'leader' AND fence = :fence "
    "RETURNING asked_at > clock_timestamp() - make_interval(secs => :rival)"
)
_RELEASE = text(
    "UPDATE leases SET expires_at = 'epoch' WHERE name = 'leader' AND fence = :fence "
    "RETURNING fence"
)
_HOLD = text(
    "SELECT set_config('idle_in_transaction_session_timeout', :idle, true) FROM leases "
    "WHERE name = 'leader' AND fence = :fence FOR KEY SHARE"
)


class Lease(Base):
    """What the nodes share. The fence is a key: changing it waits for who holds it."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    fence: Mapped[int] = mapped_column(BigInteger, unique=True)
    expires_at: Mapped[datetime]
    asked_at: Mapped[datetime]  # when a node that does not lead last asked


@dataclass(frozen=True, slots=True)
class Renewed:
    """The lease goes on."""

    has_rivals: bool  # another node would take it


class Leases:
    """Asks the base on a connection of its own, so that no busy pool delays an answer.

    Every method raises TimeoutError after ASK_SECONDS, or what the driver raises.
    """

    def __init__(self, database: Database, holder: str) -> None:
        url = database.url
        self._engine = create_async_engine(url, pool_size=1, isolation_level="AUTOCOMMIT")
        self._holder = holder

    async def ready(self) -> None:
        """Make the row where it is not there yet."""
        await self._ask(_READY)

    async def take(self) -> int | None:
        """Begin to lead, where nobody does: return the new fence."""
        await self._ask(_ASK)
        taken: int | None = await self._ask(_TAKE, holder=self._holder, seconds=LEASE_SECONDS)
        return taken

    async def renew(self, fence: int) -> Renewed | None:
        """Lead on; None where another node leads by now."""
        rival = await self._ask(_RENEW, fence=fence, seconds=LEASE_SECONDS, rival=RIVAL_SECONDS)
        return Renewed(has_rivals=bool(rival)) if rival is not None else None

    async def release(self, fence: int) -> None:
        """Let another node lead at once."""
        await self._ask(_RELEASE, fence=fence)

    async def _ask(self, statement: TextClause, **values: object) -> Any:  # noqa: ANN401 - one value
        async with asyncio.timeout(ASK_SECONDS), self._engine.connect() as connection:
            result = await connection.execute(statement, values)
            return result.scalar() if result.returns_rows else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._engine.dispose()


async def hold(session: AsyncSession, fence: int) -> None:
    """Let no other node take over before this transaction ends; raises NotLeader if one did."""
    idle = f"{IDLE_SECONDS * 1000:.0f}"
    if (await session.execute(_HOLD, {"fence": fence, "idle": idle})).first() is None:
        raise NotLeader
