"""Teams: who works with whom, and so whose calls a supervisor sees."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import Conflict, NotFound
from storage.rules.supervisions import Disclosure
from storage.users import User


class Team(Base):
    """A group of users."""

    __tablename__ = "teams"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    supervision: Mapped[Disclosure] = mapped_column(
        default=Disclosure.SHOWN, server_default=Disclosure.SHOWN
    )  # what its agents are told of being listened to


class TeamMember(Base):
    """A user's place in a team."""

    __tablename__ = "team_members"

    team_id: Mapped[UUID] = mapped_column(
        ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


async def get(session: AsyncSession, key: UUID) -> Team:
    """The team; raises NotFound."""
    team = await session.get(Team, key)
    if team is None:
        raise NotFound("team", key)
    return team


async def listed(session: AsyncSession) -> Sequence[Team]:
    """Every team, by name."""
    return (await session.scalars(select(Team).order_by(func.lower(Team.name)))).all()


async def members(session: AsyncSession) -> Mapping[UUID, set[UUID]]:
    """Who is in which team: team id to user ids."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await session.execute(select(TeamMember.team_id, TeamMember.user_id)):
        found[row.team_id].add(row.user_id)
    return found


async def of_user(session: AsyncSession, user_id: UUID) -> set[UUID]:
    """The ids of the teams the user is in."""
    query = select(TeamMember.team_id).where(TeamMember.user_id == user_id)
    return set((await session.scalars(query)).all())


async def colleagues(session: AsyncSession, user_id: UUID) -> set[UUID]:
    """The ids of everyone in a team of the user, and the user: whom the right "team" covers."""
    theirs = aliased(TeamMember)
    query = (
        select(theirs.user_id)
        .join(TeamMember, TeamMember.team_id == theirs.team_id)
        .where(TeamMember.user_id == user_id)
    )
    return {user_id, *(await session.scalars(query)).all()}


async def disclosures(session: AsyncSession, user_id: UUID) -> set[Disclosure]:
    """What the user's teams have agents told of being listened to."""
    query = select(Team.supervision).join(TeamMember, TeamMember.team_id == Team.id)
    return set((await session.scalars(query.where(TeamMember.user_id == user_id))).all())


async def create(session: AsyncSession, *, name: str, now: datetime, by: UUID | None) -> Team:
    """Add a team; raises Conflict where the name is taken."""
    await _refuse_taken(session, name)
    team = Team(id=uuid7(now), name=name)
    session.add(team)
    await session.flush()
    audit.record(session, "team.created", by=by, key=team.id)
    return team


async def change(
    session: AsyncSession,
    key: UUID,
    *,
    name: str,
    user_ids: Collection[UUID],
    supervision: Disclosure | None = None,
    by: UUID | None,
) -> None:
    """Rename a team and say who is in it; raises Conflict where the name is taken.

    `supervision`: what its agents are told of being listened to, None leaves it.
    """
    team = await get(session, key)
    await _refuse_taken(session, name, but=key)
    team.name = name
    if supervision is not None and supervision is not team.supervision:
        team.supervision = supervision
        audit.record(session, "team.disclosed", by=by, key=key, supervision=supervision.value)
    await session.execute(delete(TeamMember).where(TeamMember.team_id == key))
    known = set((await session.scalars(select(User.id).where(User.id.in_(user_ids)))).all())
    session.add_all(TeamMember(team_id=key, user_id=user_id) for user_id in known)
    audit.record(session, "team.changed", by=by, key=key, users=sorted(map(str, known)))


async def place(
    session: AsyncSession, user_id: UUID, team_ids: Collection[UUID], *, by: UUID | None
) -> None:
    """Put the user into exactly these teams."""
    wanted = {team.id for team in await listed(session)} & set(team_ids)
    if await of_user(session, user_id) == wanted:
        return
    await session.execute(delete(TeamMember).where(TeamMember.user_id == user_id))
    session.add_all(TeamMember(team_id=team_id, user_id=user_id) for team_id in wanted)
    audit.record(session, "user.placed", by=by, key=user_id, teams=sorted(map(str, wanted)))


async def remove(session: AsyncSession, key: UUID, *, by: UUID | None) -> None:
    """Dissolve a team; its members stay users."""
    await session.delete(await get(session, key))
    audit.record(session, "team.removed", by=by, key=key)


async def _refuse_taken(session: AsyncSession, name: str, *, but: UUID | None = None) -> None:
    query = select(Team.id).where(func.lower(Team.name) == name.lower())
    if any(key != but for key in await session.scalars(query)):
        raise Conflict("there is a team of this name already")
