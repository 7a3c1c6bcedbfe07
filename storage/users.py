"""Accounts and their roles."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from storage import audit
from storage.database import Base
from storage.errors import Conflict, NotFound, Refused
from storage.rules.permissions import RoleName

LOGIN = re.compile(r"[\w.@+-]{2,80}")


class Role(Base):
    """A name that `storage.rules.permissions` gives its rights to; seeded by the migration."""

    __tablename__ = "roles"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)


class User(Base):
    """A person who logs in. Never deleted, only closed: their name stays on what they did."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)  # casefolded
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(ForeignKey("roles.name"))
    password_hash: Mapped[str | None] = mapped_column(String(200))  # none: cannot log in yet
    must_change_password: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(8), default="")  # empty: the first log-in says
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]


class LoginFailure(Base):
    """One refused login; they are counted per login and per address to slow guessing down."""

    __tablename__ = "login_failures"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), index=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)


def folded(login: str) -> str:
    """Return the one spelling under which a login is kept and looked for.

    PostgreSQL takes no NUL; what stands for it is in no login.
    """
    return login.strip().casefold().replace("\x00", "\ufffd")


async def get(session: AsyncSession, key: UUID) -> User:
    """The user; raises NotFound."""
    user = await session.get(User, key)
    if user is None:
        raise NotFound("user", key)
    return user


async def by_login(session: AsyncSession, login: str) -> User | None:
    """The user with this login, closed or not."""
    return await session.scalar(select(User).where(User.login == folded(login)))


async def listed(session: AsyncSession, *, text: str = "", closed: bool = False) -> Sequence[User]:
    """Users by name; `text` is looked for in name and login, `closed` adds those without access."""
    query = select(User).order_by(func.lower(User.name), User.id)
    if not closed:
        query = query.where(User.active)
    if text:
        sought = text.strip()
        query = query.where(
            or_(
                User.name.icontains(sought, autoescape=True),
                User.login.contains(folded(sought), autoescape=True),
            )
        )
    return (await session.scalars(query)).all()


async def names(session: AsyncSession) -> Mapping[UUID, str]:
    """The name of every user who ever was, for lists that hold only ids."""
    rows = await session.execute(select(User.id, User.name))
    return {row.id: row.name for row in rows}


async def languages(session: AsyncSession) -> Mapping[UUID, str]:
    """The language of every user who ever was; empty: not said yet."""
    rows = await session.execute(select(User.id, User.language))
    return {row.id: row.language for row in rows}


async def any_exists(session: AsyncSession) -> bool:
    """Whether there is any user at all, closed or not."""
    return await session.scalar(select(User.id).limit(1)) is not None


async def create(
    session: AsyncSession,
    *,
    login: str,
    name: str,
    role: RoleName,
    password_hash: str | None,
    must_change_password: bool,
    now: datetime,
    by: UUID | None,
    language: str = "",
) -> User:
    """Add an account; raises Conflict where the login is taken, Refused where it is no login."""
    login = folded(login)
    if not LOGIN.fullmatch(login):
        raise Refused("a login has 2 to 80 letters, digits and . _ - + @")
    if await by_login(session, login) is not None:
        raise Conflict("this login is taken, by an account that may be closed")
    user = User(
        id=uuid7(now),
        login=login,
        name=name.strip(),
        role=role,
        password_hash=password_hash,
        must_change_password=must_change_password,
        language=language,
        created_at=now,
    )
    session.add(user)
    await session.flush()
    audit.record(session, "user.created", by=by, key=user.id, role=str(role))
    return user


async def is_last_administrator(session: AsyncSession, user: User) -> bool:
    """Whether nobody but this user could administer, were they gone."""
    if user.role != RoleName.ADMINISTRATOR or not user.active:
        return False
    query = select(User.id).where(
        User.role == RoleName.ADMINISTRATOR, User.active, User.id != user.id
    )
    return await session.scalar(query.limit(1)) is None


async def note_login(
    session: AsyncSession, key: UUID, *, now: datetime, language: str = ""
) -> None:
    """Remember when the user logged in last; who has no language yet gets the browser's."""
    user = await get(session, key)
    user.last_login_at = now
    user.language = user.language or language
