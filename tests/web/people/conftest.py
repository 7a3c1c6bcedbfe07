"""Customers for tests of their pages."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

import storage.callers
import storage.customers
from storage.customers import Customer, CustomerKind, Profile
from storage.database import Database
from storage.numbers import Home

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
Add = Callable[..., Awaitable[Customer]]


@pytest.fixture
def add(database: Database) -> Add:
    """A way to add customers, with their numbers and further fields."""

    async def customer(name: str, *numbers: str, **fields: object) -> Customer:
        fields = {"kind": CustomerKind.PERSON} | fields
        async with database.writing() as session:
            profile = Profile(name=name, **fields)
            one = await storage.customers.create(session, profile, by=None, now=NOW)
            for number in numbers:
                await storage.callers.give_number(
                    session, one.id, number, home=Home("GB", 5), by=None, now=NOW
                )
        return one

    return customer
