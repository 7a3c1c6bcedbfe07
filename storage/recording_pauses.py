"""Times in which recordings hold silence, as the PBX confirmed them, and who asked for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.call import PauseEnd
from storage import audit
from storage.database import Base
from storage.recordings import Recording
from storage.users import User

LONGEST_REASON = 200


class What(StrEnum):
    """What was asked of the PBX."""

    PAUSE = "pause"
    RESUME = "resume"


class Cause(StrEnum):
    """Why it was asked."""

    HAND = "hand"  # an agent's click or key
    API = "api"
    SCRIPT = "script"  # a step that asks for card data was entered, or left
    LIMIT = "limit"  # nobody had resumed in time
    TRANSFER = "transfer"  # a colleague talks instead of whoever paused


class Outcome(StrEnum):
    """What came of it."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"  # the PBX did not say within a second


class RecordingPause(Base):
    """A time in which one recording holds silence, by the PBX's clock."""

    __tablename__ = "recording_pauses"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), index=True
    )
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end: Mapped[PauseEnd | None]


class PauseOrder(Base):
    """One wish to pause a call's recordings or to go on, and what came of it."""

    __tablename__ = "pause_orders"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    what: Mapped[What]
    cause: Mapped[Cause]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # None: by itself
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))  # a person's: never translated
    asked_at: Mapped[datetime]  # by our clock
    outcome: Mapped[Outcome]
    why: Mapped[str] = mapped_column(String(200))  # the PBX's, where it refused
    pauses: Mapped[list[str]]  # that it began or ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be kept of an order; asked again it is the same one, by its id."""

    id: UUID
    call_id: UUID
    what: What
    cause: Cause
    user_id: UUID | None
    asked_at: datetime
    outcome: Outcome
    reason: str = ""
    why: str = ""
    pauses: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A silence in a recording: seconds from its begin, and whose it is."""

    id: UUID
    recording_id: UUID
    started_at: datetime
    ended_at: datetime | None
    start: float
    stop: float | None  # None: it lasts
    end: PauseEnd | None
    cause: Cause | None  # None: another program paused it
    by: str  # a name, empty where it came by itself
    reason: str
    end_cause: Cause | None
    end_by: str


async def keep(session: AsyncSession, wish: Wish, call_id: UUID) -> None:
    """Note what was asked in the stored call and what came of it so far."""
    row = await session.get(PauseOrder, wish.id)
    if row is None:
        row = PauseOrder(
            id=wish.id, call_id=call_id, what=wish.what, cause=wish.cause,
            user_id=wish.user_id, reason=wish.reason[:LONGEST_REASON], asked_at=wish.asked_at,
        )  # fmt: skip
        session.add(row)
    row.outcome, row.why = wish.outcome, wish.why[:200]
    row.pauses = [str(key) for key in wish.pauses]
    audit.record(
        session, "recording_pause.ordered", by=wish.user_id or audit.SYSTEM, key=wish.id,
        call=str(call_id), what=wish.what.value, cause=wish.cause.value,
        outcome=wish.outcome.value,
    )  # fmt: skip
    await session.flush()


async def orders(
    session: AsyncSession, calls: Collection[UUID]
) -> dict[UUID, list[tuple[PauseOrder, str]]]:
    """What was asked in these calls with the names of who asked, oldest first."""
    query = (
        select(PauseOrder, User.name)
        .outerjoin(User, User.id == PauseOrder.user_id)
        .where(PauseOrder.call_id.in_(calls))
        .order_by(PauseOrder.asked_at, PauseOrder.id)
    )
    found: dict[UUID, list[tuple[PauseOrder, str]]] = {}
    for order, name in await session.execute(query):
        found.setdefault(order.call_id, []).append((order, name or ""))
    return found


async def of(
    session: AsyncSession, recordings: Collection[UUID]
) -> dict[UUID, list[RecordingPause]]:
    """The silences of these recordings, in order."""
    query = select(RecordingPause).where(RecordingPause.recording_id.in_(recordings))
    found: dict[UUID, list[RecordingPause]] = {}
    for row in await session.scalars(query.order_by(RecordingPause.started_at, RecordingPause.id)):
        found.setdefault(row.recording_id, []).append(row)
    return found


async def windows(
    session: AsyncSession, recordings: Sequence[Recording]
) -> dict[UUID, list[Window]]:
    """The silences of each recording as its sound shows them; one without any is left out."""
    pauses = await of(session, [recording.id for recording in recordings])
    if not pauses:
        return {}
    asked = await orders(session, {recording.call_id for recording in recordings})
    began = _by_pause(asked, What.PAUSE)
    ended = _by_pause(asked, What.RESUME)
    return {
        recording.id: [
            _window(recording, row, began.get(str(row.id)), ended.get(str(row.id)))
            for row in pauses[recording.id]
        ]
        for recording in recordings
        if recording.id in pauses
    }


Asked = tuple[PauseOrder, str]


def _by_pause(asked: Mapping[UUID, list[Asked]], what: What) -> dict[str, Asked]:
    return {
        pause: (order, name)
        for each in asked.values()
        for order, name in each
        if order.what is what
        for pause in order.pauses
    }


def _window(
    recording: Recording, row: RecordingPause, began: Asked | None, ended: Asked | None
) -> Window:
    zero = recording.started_at or row.started_at
    stop = (row.ended_at - zero).total_seconds() if row.ended_at else None
    return Window(
        id=row.id,
        recording_id=recording.id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        start=max(0.0, (row.started_at - zero).total_seconds()),
        stop=stop,
        end=row.end,
        cause=began[0].cause if began else None,
        by=began[1] if began else "",
        reason=began[0].reason if began else "",
        end_cause=ended[0].cause if ended else None,
        end_by=ended[1] if ended else "",
    )
