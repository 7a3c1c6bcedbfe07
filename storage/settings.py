"""Choices for the whole company: a few named values."""

from typing import Any
from uuid import UUID

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import audit
from storage.database import Base


class Setting(Base):
    """One named choice: company_name, time_zone, setup_token_hash …"""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]]


async def get(session: AsyncSession, name: str) -> dict[str, Any] | None:
    """The value of a setting, or None where nobody chose."""
    return await session.scalar(select(Setting.value).where(Setting.name == name))


async def put(session: AsyncSession, name: str, value: dict[str, Any], *, by: UUID | None) -> None:
    """Choose a value."""
    await session.merge(Setting(name=name, value=value))
    audit.record(session, "setting.changed", by=by, name=name)


async def time_zone(session: AsyncSession) -> str:
    """The company's time zone, an IANA name; UTC until one is chosen."""
    value = await get(session, "time_zone")
    return str(value["name"]) if value else "UTC"


async def company_name(session: AsyncSession) -> str:
    """The company's name as its pages show it; empty until one is chosen."""
    value = await get(session, "company_name")
    return str(value["text"]) if value else ""
