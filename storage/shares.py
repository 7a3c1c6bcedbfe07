"""Links to recordings for others: each ends by itself, is limited, and can be withdrawn."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, String, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from pbx_bridge.ids import uuid7
from pbx_bridge.matching import msgid
from storage import audit, consents, custody
from storage.calls import CallAgent
from storage.database import Base
from storage.errors import NotFound, Refused
from storage.recordings import AUDIBLE, PLAY_LASTS, Recording, audible
from storage.rules.custody import Act
from storage.sessions import hashed
from storage.users import User

MOST_PLAYS = 100
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
SECRET = 24  # random bytes
TELLS = ("when", "customer", "agent")  # what a sharer may have the page tell

ENDS = msgid("A link lasts for an hour at least and for 30 days at most.")
LIMITED = msgid("A link is for one colleague, or for 1 to 100 plays.")
NOBODY = msgid("That colleague has no open account.")
ANOTHERS = msgid("This link is for a colleague. Log in as the one whom it was made for.")
PAGE = 50


class Share(Base):
    """A link to one recording; its secret is known by its hash alone."""

    __tablename__ = "recording_shares"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))  # who made it
    for_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    plays_allowed: Mapped[int | None]
    plays_used: Mapped[int] = mapped_column(default=0)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    tells: Mapped[list[str]]  # of TELLS
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    def is_open(self, now: datetime) -> bool:
        """Whether it still leads to the recording."""
        used_up = self.plays_allowed is not None and self.plays_used >= self.plays_allowed
        return self.withdrawn_at is None and self.expires_at > now and not used_up


class SharePlay(Base):
    """One access by a link, counted and audited once; it serves ranges until it ends."""

    __tablename__ = "share_plays"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    share_id: Mapped[UUID] = mapped_column(
        ForeignKey("recording_shares.id", ondelete="CASCADE"), index=True
    )
    secret_hash: Mapped[str] = mapped_column(String(64))
    mark: Mapped[str] = mapped_column(String(32))  # of its rendition
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a link shall be: for one colleague, or for so many plays."""

    lasts: timedelta
    for_user_id: UUID | None = None
    plays: int | None = None
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A link as it is listed."""

    share: Share
    call_id: UUID
    by: str
    to: str | None


async def create(
    session: AsyncSession, recording: Recording, wanted: Wanted, *, by: UUID, now: datetime
) -> tuple[Share, str]:
    """Make a link; gives its secret, which is told once. Raises Refused."""
    await audible(session, recording.id)
    if not SHORTEST <= wanted.lasts <= LONGEST:
        raise Refused(ENDS)
    if (wanted.for_user_id is None) == (wanted.plays is None) or not (
        wanted.plays is None or 1 <= wanted.plays <= MOST_PLAYS
    ):
        raise Refused(LIMITED)
    if wanted.for_user_id is not None:
        person = await session.get(User, wanted.for_user_id)
        if person is None or not person.active:
            raise Refused(NOBODY)
    secret = secrets.token_urlsafe(SECRET)
    share = Share(
        id=uuid7(now), recording_id=recording.id, user_id=by, for_user_id=wanted.for_user_id,
        plays_allowed=wanted.plays, secret_hash=hashed(secret),
        tells=[one for one in TELLS if one in wanted.tells],
        created_at=now, expires_at=now + wanted.lasts,
    )  # fmt: skip
    session.add(share)
    audit.record(
        session, "share.made", by=by, key=share.id, recording=str(recording.id),
        until=share.expires_at.isoformat(), plays=wanted.plays, tells=share.tells,
        user=str(wanted.for_user_id) if wanted.for_user_id else None,
    )  # fmt: skip
    return share, secret


async def find(
    session: AsyncSession, secret: str, *, user_id: UUID | None, now: datetime
) -> tuple[Share, Recording]:
    """The open link of this secret; raises NotFound, and Refused where it is for somebody else."""
    share = await session.scalar(select(Share).where(Share.secret_hash == hashed(secret)))
    if share is None or not share.is_open(now):
        raise NotFound("link", "")
    if share.for_user_id is not None and share.for_user_id != user_id:
        raise Refused(ANOTHERS)
    return share, await audible(session, share.recording_id, locked=False)


async def open_play(
    session: AsyncSession, key: UUID, mark: str, *, user_id: UUID | None, now: datetime
) -> tuple[SharePlay, str]:
    """Count one play, audit it with the link as who; raises NotFound where none is left.

    And Refused where nobody may hear the recording any more.
    """
    taken = (
        update(Share)
        .where(
            Share.id == key,
            Share.withdrawn_at.is_(None),
            Share.expires_at > now,
            or_(Share.plays_allowed.is_(None), Share.plays_used < Share.plays_allowed),
        )
        .values(plays_used=Share.plays_used + 1)
        .returning(Share.recording_id)
    )
    recording_id = await session.scalar(taken)
    if recording_id is None:
        raise NotFound("link", key)
    recording = await audible(session, recording_id)
    secret = secrets.token_urlsafe(SECRET)
    play = SharePlay(
        id=uuid7(now), share_id=key, secret_hash=hashed(secret), mark=mark, opened_at=now,
        expires_at=now + PLAY_LASTS,
    )  # fmt: skip
    session.add(play)
    audit.record(
        session, "recording.shared_played", by=user_id, key=recording_id,
        call=str(recording.call_id), share=str(key), play=str(play.id),
    )  # fmt: skip
    await custody.append(
        session, Act.SHARED, recording_id=recording_id, call_id=recording.call_id,
        sha256=recording.sha256 or "", by=user_id, share=str(key), play=str(play.id),
    )  # fmt: skip
    return play, secret


async def played(
    session: AsyncSession, play_id: UUID, secret: str, *, now: datetime
) -> tuple[Recording, str]:
    """The recording of an open play and the mark of its rendition; raises NotFound."""
    query = (
        select(Recording, SharePlay.mark)
        .join(Share, Share.recording_id == Recording.id)
        .join(SharePlay, SharePlay.share_id == Share.id)
        .where(
            SharePlay.id == play_id,
            SharePlay.secret_hash == hashed(secret),
            SharePlay.expires_at > now,
            Share.withdrawn_at.is_(None),
            Recording.state.in_(AUDIBLE),
            consents.unrefused(Recording.call_id),
        )
    )
    found = (await session.execute(query)).first()
    if found is None:
        raise NotFound("play", play_id)
    return found[0], found[1]


async def get(session: AsyncSession, key: UUID) -> tuple[Share, Recording]:
    """The link and its recording; raises NotFound."""
    share = await session.get(Share, key)
    if share is None:
        raise NotFound("link", key)
    return share, await session.get_one(Recording, share.recording_id)


async def withdraw(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> None:
    """End a link at once, also for those who listen by it; one that has ended stays so."""
    ended = update(Share).where(Share.id == key, Share.withdrawn_at.is_(None))
    row = await session.execute(ended.values(withdrawn_at=now).returning(Share.id))
    if row.first() is not None:
        audit.record(session, "share.withdrawn", by=by, key=key)


async def listed(
    session: AsyncSession,
    reach: frozenset[UUID] | None,
    *,
    older_than: UUID | None = None,
    limit: int = PAGE,
) -> Sequence[ShareLine]:
    """The newest links to recordings of those whom `reach` names (None: everyone's)."""
    maker, person = aliased(User), aliased(User)
    query = (
        select(Share, Recording.call_id, maker.name, person.name)
        .join(Recording, Recording.id == Share.recording_id)
        .join(maker, maker.id == Share.user_id)
        .outerjoin(person, person.id == Share.for_user_id)
        .order_by(Share.id.desc())
        .limit(limit)
    )
    if reach is not None:
        talked = select(CallAgent.call_id).where(
            CallAgent.user_id.in_(reach), CallAgent.talked.is_(True)
        )
        query = query.where(Recording.call_id.in_(talked))
    if older_than is not None:
        query = query.where(Share.id < older_than)
    return [ShareLine(*row) for row in await session.execute(query)]
