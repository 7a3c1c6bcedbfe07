"""Those we serve: persons and companies."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, delete, insert, select
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from pbx_bridge.ids import uuid7
from pbx_bridge.matching import msgid
from storage import audit
from storage.database import Base
from storage.errors import Conflict, NotFound, Refused
from storage.rules import names, texts
from storage.rules.lifecycles import Lifecycle

_SORTABLE = String(200).with_variant(String(200, collation="C"), "postgresql")
_WORD = String(80).with_variant(String(80, collation="C"), "postgresql")


class CustomerKind(StrEnum):
    """A human being, or an organisation that contacts speak for."""

    PERSON = "person"
    COMPANY = "company"


def _sort_name(context: DefaultExecutionContext) -> str:
    values = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return sort_name(str(values["name"]))


def sort_name(name: str) -> str:
    """Return the text by which a customer of this name is sorted and compared."""
    return names.fold(name)[:200]


class Customer(Base):
    """A person or company we serve."""

    __tablename__ = "customers"
    __table_args__ = (
        Index(None, "sort_name", "id"),
        Index(None, "kind", "sort_name", "id"),
        Index(None, "kind", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[CustomerKind]
    name: Mapped[str] = mapped_column(String(200))  # one display name
    sort_name: Mapped[str] = mapped_column(_SORTABLE, default=_sort_name)  # the name, folded
    address_as: Mapped[str | None] = mapped_column(String(120))  # preferred form of address
    email: Mapped[str | None] = mapped_column(String(254))
    lifecycle: Mapped[Lifecycle | None]  # where they stand with us, where someone said
    about: Mapped[str] = mapped_column(Text, default="")  # what everyone should know
    version: Mapped[int] = mapped_column(default=1)  # of the row, against lost updates
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]  # no longer served: matched no more, still found

    __mapper_args__ = {"version_id_col": version}


Index(
    "ix_customers_closed",
    Customer.sort_name,
    Customer.id,
    sqlite_where=Customer.closed_at.is_not(None),
    postgresql_where=Customer.closed_at.is_not(None),
)


class CustomerWord(Base):
    """One folded word of a customer's name: search by the beginning of any word, on any engine."""

    __tablename__ = "customer_words"
    __table_args__ = (Index(None, "customer_id", "word"),)

    word: Mapped[str] = mapped_column(_WORD, primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person may say of a customer in one form."""

    name: str
    kind: CustomerKind = CustomerKind.PERSON
    address_as: str | None = None
    email: str | None = None
    about: str = ""
    lifecycle: Lifecycle | None = None

    @classmethod
    def of(cls, customer: Customer) -> Self:
        """The profile as it is stored."""
        return cls(**{field.name: getattr(customer, field.name) for field in fields(cls)})

    def storable(self) -> "Profile":
        """The profile without what a database refuses; raises Refused where no name is left."""
        name = texts.one_line(self.name, limit=200)
        if not name:
            raise Refused("A customer needs a name.")
        return Profile(
            name=name,
            kind=self.kind,
            address_as=texts.one_line(self.address_as or "", limit=120) or None,
            email=texts.one_line(self.email or "", limit=254) or None,
            about=texts.clean(self.about),
            lifecycle=self.lifecycle,
        )

    def changes_from(self, other: "Profile") -> dict[str, Any]:
        """What differs from another profile, by field."""
        theirs = asdict(other)
        return {name: value for name, value in asdict(self).items() if value != theirs[name]}


class ChangedMeanwhile(Conflict):
    """A colleague saved this customer first; carries their text, its version, and yours."""

    def __init__(self, theirs: Customer, yours: Profile) -> None:
        super().__init__(msgid("A colleague has changed this customer since you opened the page."))
        self.theirs = Profile.of(theirs)
        self.version = theirs.version
        self.yours = yours


async def get(session: AsyncSession, customer_id: UUID, *, locked: bool = False) -> Customer:
    """Return the customer, locked against other writers where asked; raises NotFound."""
    customer = await session.get(
        Customer, customer_id, with_for_update=True if locked else None, populate_existing=locked
    )
    if customer is None:
        raise NotFound("customer", customer_id)
    return customer


async def by_ids(session: AsyncSession, ids: Iterable[UUID]) -> Mapping[UUID, Customer]:
    """Return the customers of these ids that exist, by id."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await session.scalars(select(Customer).where(Customer.id.in_(wanted)))
    return {customer.id: customer for customer in rows}


async def create(
    session: AsyncSession, profile: Profile, *, by: UUID | None, now: datetime
) -> Customer:
    """Add a customer; they are found by their name at once. Raises Refused without a name."""
    profile = profile.storable()
    customer = Customer(
        id=uuid7(now),
        **asdict(profile),
        sort_name=sort_name(profile.name),
        created_at=now,
        updated_at=now,
    )
    session.add(customer)
    audit.record(session, "customer.created", by=by, key=customer.id)
    await session.flush()
    await _index(session, customer)
    return customer


async def update(
    session: AsyncSession,
    customer_id: UUID,
    profile: Profile,
    *,
    version: int,
    by: UUID | None,
    now: datetime,
) -> Customer:
    """Save what was edited from `version` on; raises ChangedMeanwhile where a colleague was first.

    Saving what a colleague has saved already is no conflict.
    """
    profile = profile.storable()
    customer = await get(session, customer_id, locked=True)
    changes = profile.changes_from(Profile.of(customer))
    if not changes:
        return customer
    if customer.version != version:
        raise ChangedMeanwhile(customer, profile)
    for name, value in changes.items():
        setattr(customer, name, value)
    customer.sort_name = sort_name(profile.name)
    customer.updated_at = now
    audit.record(session, "customer.changed", by=by, key=customer.id, fields=sorted(changes))
    await session.flush()
    if changes.keys() & {"name", "email"}:
        await _index(session, customer)
    return customer


async def close(
    session: AsyncSession, customer_id: UUID, *, by: UUID | None, now: datetime
) -> Customer:
    """Serve the customer no longer: kept and found, but matched no more."""
    customer = await get(session, customer_id, locked=True)
    if customer.closed_at is None:
        customer.closed_at = customer.updated_at = now
        audit.record(session, "customer.closed", by=by, key=customer.id)
    return customer


async def reopen(
    session: AsyncSession, customer_id: UUID, *, by: UUID | None, now: datetime
) -> Customer:
    """Serve the customer again."""
    customer = await get(session, customer_id, locked=True)
    if customer.closed_at is not None:
        customer.closed_at = None
        customer.updated_at = now
        audit.record(session, "customer.reopened", by=by, key=customer.id)
    return customer


def word_rows(customer_id: UUID, name: str, email: str | None) -> list[dict[str, Any]]:
    """Return the rows of `customer_words` that let a customer be found."""
    words = sorted(names.index_words(name, email))
    return [{"word": word, "customer_id": customer_id} for word in words]


async def _index(session: AsyncSession, customer: Customer) -> None:
    await session.execute(delete(CustomerWord).where(CustomerWord.customer_id == customer.id))
    rows = word_rows(customer.id, customer.name, customer.email)
    if rows:
        await session.execute(insert(CustomerWord), rows)
