"""Every phone number we know, and whose it is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, select, update
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

import storage.customers
from pbx_bridge import phone
from pbx_bridge.ids import uuid7
from storage import audit
from storage.customers import Customer
from storage.database import Base
from storage.errors import Conflict, NotFound, Refused
from storage.pbxs import Pbx
from storage.rules import texts

_DIGITS = String(20).with_variant(String(20, collation="C"), "postgresql")
DEFAULT_REGION = "GB"


def _backwards(context: DefaultExecutionContext) -> str:
    values = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return str(values["e164"])[::-1]


class Number(Base):
    """A number of a customer. Several may share one: the pair is unique, not the number."""

    __tablename__ = "numbers"
    __table_args__ = (UniqueConstraint("e164", "customer_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    e164: Mapped[str] = mapped_column(_DIGITS)
    backwards: Mapped[str] = mapped_column(
        _DIGITS, default=_backwards, index=True
    )  # by last digits
    written: Mapped[str] = mapped_column(String(40))  # as a person wrote it
    label: Mapped[str] = mapped_column(String(40), default="")  # mobile, office …
    customer_id: Mapped[UUID] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    chosen_at: Mapped[datetime | None]  # a person said: whoever shares it, its calls are theirs
    created_at: Mapped[datetime]


class Home(NamedTuple):
    """How numbers that people write here without a country code are read."""

    region: str
    internal_digits: int

    def read(self, written: str) -> str | None:
        """The number in E.164, or None where it is no public number."""
        return phone.normalise(written, self.region, internal_digits=self.internal_digits)


class Owner(NamedTuple):
    """Someone else who has a number."""

    e164: str
    customer_id: UUID
    name: str
    closed: bool


async def home(session: AsyncSession) -> Home:
    """The region of what is typed on a page: that of the first PBX."""
    query = select(Pbx.region, Pbx.internal_digits).order_by(Pbx.created_at, Pbx.id).limit(1)
    row = (await session.execute(query)).first()
    return Home(*row) if row else Home(DEFAULT_REGION, 5)


def readable(written: str, home: Home) -> str:
    """Return the number in E.164; raises Refused with a sentence where it is none to keep."""
    e164 = home.read(written)
    if e164 is not None:
        return e164
    match phone.kind(written, home.region, internal_digits=home.internal_digits):
        case "internal":
            raise Refused(
                "{number} is an internal number: it cannot be a customer's.", number=written
            )
        case "withheld":
            raise Refused("A number is needed.")
        case _:
            raise Refused(
                "{number} is no phone number: write it with + and the country code.",
                number=written,
            )


async def add(
    session: AsyncSession,
    customer_id: UUID,
    written: str,
    *,
    home: Home,
    by: UUID | None,
    now: datetime,
    label: str = "",
) -> Number:
    """Give a customer a number; raises Refused for no number, Conflict where they have it."""
    e164 = readable(written, home)
    customer = await storage.customers.get(session, customer_id, locked=True)
    if await _of_pair(session, e164, customer_id) is not None:
        raise Conflict("{name} already has the number {number}.", name=customer.name, number=e164)
    number = Number(
        id=uuid7(now),
        e164=e164,
        backwards=e164[::-1],
        written=texts.one_line(written, limit=40),
        label=texts.one_line(label, limit=40),
        customer_id=customer_id,
        created_at=now,
    )
    session.add(number)
    audit.record(session, "number.added", by=by, key=number.id, customer=str(customer_id))
    await session.flush()
    return number


async def ensure(
    session: AsyncSession, customer_id: UUID, e164: str, *, by: UUID | None, now: datetime
) -> Number:
    """Give a customer a number that is already in E.164, unless they have it."""
    found = await _of_pair(session, e164, customer_id)
    if found is not None:
        return found
    return await add(session, customer_id, e164, home=Home("", 0), by=by, now=now)


async def remove(session: AsyncSession, number_id: UUID, *, by: UUID | None) -> Number:
    """Take a number from its customer; what was said over it stays in the history."""
    number = await get(session, number_id)
    await session.delete(number)
    audit.record(session, "number.removed", by=by, key=number_id, customer=str(number.customer_id))
    await session.flush()
    return number


async def choose(
    session: AsyncSession, number_id: UUID, *, by: UUID | None, now: datetime
) -> Number:
    """From now on calls of this number are its customer's, whoever else has it."""
    number = await get(session, number_id)
    await _clear_choice(session, number.e164)
    number.chosen_at = now
    audit.record(session, "number.chosen", by=by, key=number_id, customer=str(number.customer_id))
    await session.flush()
    return number


async def unchoose(session: AsyncSession, number_id: UUID, *, by: UUID | None) -> Number:
    """Calls of this number are again likely to be anyone's who has it."""
    number = await get(session, number_id)
    if number.chosen_at is not None:
        number.chosen_at = None
        audit.record(session, "number.unchosen", by=by, key=number_id)
        await session.flush()
    return number


async def get(session: AsyncSession, number_id: UUID) -> Number:
    """Return the number; raises NotFound."""
    number = await session.get(Number, number_id)
    if number is None:
        raise NotFound("number", number_id)
    return number


async def of_customer(session: AsyncSession, customer_id: UUID) -> Sequence[Number]:
    """A customer's numbers in the order they were added."""
    query = select(Number).where(Number.customer_id == customer_id).order_by(Number.id)
    return (await session.scalars(query)).all()


async def of_customers(
    session: AsyncSession, ids: Collection[UUID]
) -> Mapping[UUID, Sequence[Number]]:
    """The numbers of several customers, by customer."""
    found: dict[UUID, list[Number]] = {customer_id: [] for customer_id in ids}
    if not found:
        return found
    query = select(Number).where(Number.customer_id.in_(found)).order_by(Number.id)
    for number in await session.scalars(query):
        found[number.customer_id].append(number)
    return found


async def sharers(
    session: AsyncSession, numbers: Collection[str], *, beside: UUID | None = None
) -> Sequence[Owner]:
    """Who has any of these numbers (E.164), other than the customer `beside`."""
    query = (
        select(Number.e164, Customer.id, Customer.name, Customer.closed_at)
        .join(Customer, Customer.id == Number.customer_id)
        .where(Number.e164.in_(list(numbers)))
        .order_by(Number.e164, Customer.sort_name, Customer.id)
    )
    if beside is not None:
        query = query.where(Customer.id != beside)
    rows = (await session.execute(query)).all()
    return [Owner(e164, key, name, closed is not None) for e164, key, name, closed in rows]


async def _of_pair(session: AsyncSession, e164: str, customer_id: UUID) -> Number | None:
    query = select(Number).where(Number.e164 == e164, Number.customer_id == customer_id)
    return (await session.scalars(query)).first()


async def _clear_choice(session: AsyncSession, e164: str) -> None:
    await session.execute(
        update(Number)
        .where(Number.e164 == e164, Number.chosen_at.is_not(None))
        .values(chosen_at=None)
    )
