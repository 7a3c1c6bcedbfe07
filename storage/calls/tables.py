"""The tables of a conversation: the call, its legs, segments, offers, wrap-ups, other ids."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.call import CallResult, CallState, Direction, OfferEnd, SegmentKind
from pbx_bridge.matching import Level
from storage.database import Base

ERASED = 2**31 - 1  # the revision of a call whose person was erased: nothing writes over it


class CallRecord(Base):
    """A conversation, from its first event on; `revision` counts how often it was retold."""

    __tablename__ = "calls"
    __table_args__ = (
        Index(None, "customer_id", "started_at"),
        Index(None, "e164", "started_at"),
        Index(None, "user_id", "started_at"),
        Index(None, "queue", "started_at"),
        Index(None, "state", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id"))
    linkedid: Mapped[str] = mapped_column(String(150), index=True)  # the oldest; a hint, no key
    direction: Mapped[Direction]
    state: Mapped[CallState]
    number: Mapped[str] = mapped_column(String(80))  # theirs, as the PBX wrote it
    e164: Mapped[str | None] = mapped_column(String(20))  # theirs, when it is a public number
    name: Mapped[str] = mapped_column(String(255))  # theirs, as the PBX wrote it
    dialled: Mapped[str] = mapped_column(String(80))
    queue: Mapped[str | None] = mapped_column(String(80))  # the last one
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    match: Mapped[Level] = mapped_column(default=Level.UNKNOWN)
    match_why: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    matched_by_hand: Mapped[bool] = mapped_column(default=False)
    extension: Mapped[str | None] = mapped_column(String(20))  # ours: talked last, or dialled
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # its agent at the time
    started_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[CallResult | None]
    wait_seconds: Mapped[float | None]
    talk_seconds: Mapped[float] = mapped_column(default=0.0)
    revision: Mapped[int]
    settled_at: Mapped[datetime | None]  # the tracker is done with it


class CallAlias(Base):
    """An id under which a call was known before two provisional calls turned out to be one."""

    __tablename__ = "call_aliases"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)


class LegRecord(Base):
    """One channel's part of a call."""

    __tablename__ = "legs"
    __table_args__ = (UniqueConstraint("pbx_id", "uniqueid", "started_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    pbx_id: Mapped[UUID] = mapped_column(ForeignKey("pbxs.id"))
    uniqueid: Mapped[str] = mapped_column(String(150))
    linkedid: Mapped[str] = mapped_column(String(150))
    channel: Mapped[str] = mapped_column(String(150))
    interface: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(255))
    extension: Mapped[str | None] = mapped_column(String(20))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    hangup_cause: Mapped[int | None]


class SegmentRecord(Base):
    """An interval of a call with a fixed set of parties."""

    __tablename__ = "segments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    kind: Mapped[SegmentKind]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    exit_reason: Mapped[str | None] = mapped_column(String(40))
    queue: Mapped[str | None] = mapped_column(String(80))


class SegmentParty(Base):
    """Who took part in a segment."""

    __tablename__ = "segment_parties"

    segment_id: Mapped[UUID] = mapped_column(
        ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True
    )
    leg_id: Mapped[UUID] = mapped_column(primary_key=True)
    extension: Mapped[str | None] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)


class OfferRecord(Base):
    """One call ringing at one phone, once."""

    __tablename__ = "offers"
    # (call, extension, attempt) is not unique here: while two calls join, both have a first attempt
    __table_args__ = (Index(None, "user_id", "started_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    extension: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    attempt: Mapped[int]
    queue: Mapped[str | None] = mapped_column(String(80))
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end: Mapped[OfferEnd | None]
    outgoing: Mapped[bool] = mapped_column(default=False)
    dismissed_at: Mapped[datetime | None]  # the agent put the card away


class CallAgent(Base):
    """A user whose phone rang or talked in a call: who sees it as their own, who may hear it."""

    __tablename__ = "call_agents"
    __table_args__ = (Index(None, "user_id", "started_at"),)

    call_id: Mapped[UUID] = mapped_column(
        ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    started_at: Mapped[datetime]  # of the call
    talked: Mapped[bool]


class WrapUp(Base):
    """Outcome and note of one agent after one call; saved again, it is changed."""

    __tablename__ = "wrap_ups"
    __table_args__ = (UniqueConstraint("call_id", "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    outcome_id: Mapped[UUID | None] = mapped_column(ForeignKey("outcomes.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
