"""Customers and their numbers as the API takes and gives them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from pbx_bridge.matching import Level
from storage.customers import CustomerKind
from storage.rules.lifecycles import Lifecycle
from web.api.models.given import Given, Name, Taken, Text, Written


class Number(Given):
    """A phone number of a customer."""

    id: UUID
    e164: str
    written: str = Field(description="as a person wrote it")
    label: str


class Customer(Given):
    """A person or company that is served."""

    id: UUID
    kind: CustomerKind
    name: str
    address_as: str | None = Field(description="preferred form of address")
    email: str | None
    about: str
    lifecycle: Lifecycle | None = Field(description="where they stand with us; null: nobody said")
    version: int = Field(description="send it back with a change")
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = Field(description="no longer served")
    numbers: list[Number] = []


class Customers(Given):
    """A page of customers."""

    customers: list[Customer]
    next: str | None = Field(None, description="the cursor of the next page; none on the last one")


class NewNumber(Taken):
    """A number, in any spelling."""

    written: Written
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class NewCustomer(Taken):
    """A customer to add."""

    name: Name
    kind: CustomerKind = CustomerKind.PERSON
    address_as: Annotated[str, StringConstraints(max_length=120)] | None = None
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    about: Text = ""
    lifecycle: Lifecycle | None = None
    numbers: list[NewNumber] = Field([], max_length=20)


class CustomerChange(Taken):
    """Fields to change; those left out stay. `version` is the one that was read."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    name: Name | None = None
    kind: CustomerKind | None = None
    address_as: Annotated[str, StringConstraints(max_length=120)] | None = None
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    about: Text | None = None
    lifecycle: Lifecycle | None = None


class CustomerQuery(Taken):
    """Which customers."""

    q: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="the beginning of any words of the name, or a number in any spelling"
    )
    kind: CustomerKind | None = None
    cursor: Annotated[str, StringConstraints(max_length=800)] = ""
    limit: int = Field(50, ge=1, le=200)


class Candidate(Given):
    """A customer who may be on the other side."""

    customer: UUID
    name: str
    kind: str
    role: str = Field(description="in the company whose number it is; may be empty")


class NumberMatch(Given):
    """Whose a number is."""

    e164: str
    level: Level
    why: str
    customer: UUID | None
    candidates: list[Candidate]
