"""Customers and their numbers, for programs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

import storage.callers
import storage.customers
import storage.numbers
import storage.searches
from storage.customers import Profile
from storage.database import Database, Session
from storage.errors import NotFound
from storage.rules.permissions import Permission
from storage.searches import Narrowing, Page, Place
from web.api import cursors, models
from web.api.operations import Ask, operation
from web.keys import DATABASE, LOOKUPS, POPS

SEE, EDIT = Permission.SEE_CUSTOMERS, Permission.EDIT_CUSTOMERS
MAY_BE_EMPTY = {
    "address_as",
    "email",
    "lifecycle",
}  # null empties these, and leaves the others as they are


@operation(
    "GET", "/customers", name="api.customers", scope="read", permission=SEE,
    query=models.CustomerQuery, gives=models.Customers,
)  # fmt: skip
async def listed(ask: Ask) -> models.Customers:
    """List or search customers.

    Without `q` all of them in the order of the alphabet.
    """
    query: models.CustomerQuery = ask.query
    narrowing = Narrowing(kind=query.kind)
    after = cursors.place(query.cursor, Place, str, UUID)

    async def look(database: Database) -> tuple[Page, list[models.Customer]]:
        async with database.reading() as session:
            if query.q.strip():
                home = await storage.numbers.home(session)
                page = await storage.searches.search(
                    session, query.q, home=home, narrowing=narrowing, after=after, limit=query.limit
                )
            else:
                page = await storage.searches.listed(
                    session, narrowing=narrowing, after=after, limit=query.limit
                )
            return page, await _with_numbers(session, page.customers)

    page, customers = await ask.request.app[LOOKUPS].run(look)
    following = cursors.written(page.after.key, page.after.id) if page.after else None
    return models.Customers(customers=customers, next=following)


@operation(
    "GET", "/customers/{id}", name="api.customer", scope="read", permission=SEE,
    gives=models.Customer,
)  # fmt: skip
async def show(ask: Ask) -> models.Customer:
    """Read one customer."""
    async with ask.request.app[DATABASE].reading() as session:
        return await _one(session, ask.key())


@operation(
    "POST", "/customers", name="api.customers.create", scope="write", permission=EDIT,
    body=models.NewCustomer, gives=models.Customer, status=HTTPStatus.CREATED,
)  # fmt: skip
async def create(ask: Ask) -> models.Customer:
    """Add a customer with their numbers.

    Earlier unknown calls of the numbers follow.
    """
    body: models.NewCustomer = ask.body
    now, by = datetime.now(UTC), ask.visitor.user_id
    profile = Profile(**body.model_dump(exclude={"numbers"}))
    async with ask.request.app[DATABASE].writing() as session:
        home = await storage.numbers.home(session)
        customer = await storage.customers.create(session, profile, by=by, now=now)
        for number in body.numbers:
            await storage.callers.give_number(
                session, customer.id, number.written, home=home, by=by, now=now, label=number.label
            )
        return await _one(session, customer.id)


@operation(
    "PATCH", "/customers/{id}", name="api.customer.change", scope="write", permission=EDIT,
    body=models.CustomerChange, gives=models.Customer,
)  # fmt: skip
async def change(ask: Ask) -> models.Customer:
    """Change some fields of a customer.

    409 where someone changed them since the version that you name.
    """
    body: models.CustomerChange = ask.body
    key, by = ask.key(), ask.visitor.user_id
    async with ask.request.app[DATABASE].writing() as session:
        stored = Profile.of(await storage.customers.get(session, key))
        given = body.model_dump(exclude={"version"}, exclude_unset=True)
        said = {f: v for f, v in given.items() if v is not None or f in MAY_BE_EMPTY}
        profile = replace(stored, **said)
        await storage.customers.update(
            session, key, profile, version=body.version, by=by, now=datetime.now(UTC)
        )
        changed = await _one(session, key)
    await ask.request.app[POPS].customer_changed(key)
    return changed


@operation(
    "POST", "/customers/{id}/numbers", name="api.numbers.create", scope="write", permission=EDIT,
    body=models.NewNumber, gives=models.Customer, status=HTTPStatus.CREATED,
)  # fmt: skip
async def add_number(ask: Ask) -> models.Customer:
    """Give a customer a number, in any spelling."""
    body: models.NewNumber = ask.body
    key, by = ask.key(), ask.visitor.user_id
    async with ask.request.app[DATABASE].writing() as session:
        await storage.callers.give_number(
            session, key, body.written, home=await storage.numbers.home(session),
            by=by, now=datetime.now(UTC), label=body.label,
        )  # fmt: skip
        given = await _one(session, key)
    await ask.request.app[POPS].customer_changed(key)
    return given


@operation(
    "DELETE", "/customers/{id}/numbers/{number_id}", name="api.number.remove", scope="write",
    permission=EDIT, status=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def remove_number(ask: Ask) -> None:
    """Take a number from a customer."""
    key = ask.key()
    async with ask.request.app[DATABASE].writing() as session:
        number = await storage.numbers.get(session, ask.key("number_id"))
        if number.customer_id != key:
            raise NotFound("number", number.id)
        await storage.numbers.remove(session, number.id, by=ask.visitor.user_id)
    await ask.request.app[POPS].customer_changed(key)


@operation(
    "GET", "/numbers/{e164}", name="api.number", scope="read", permission=SEE,
    gives=models.NumberMatch,
)  # fmt: skip
async def match(ask: Ask) -> models.NumberMatch:
    """Ask whose a number is, as a pop would.

    The number may be in any spelling; it is read as one of the first PBX's region.
    """
    async with ask.request.app[DATABASE].reading() as session:
        home = await storage.numbers.home(session)
        e164 = storage.numbers.readable(ask.request.match_info["e164"], home)
        found = await storage.callers.match(session, e164)
    return models.NumberMatch(
        e164=e164,
        level=found.level,
        why=str(found.why),
        customer=found.customer,
        candidates=[models.Candidate.model_validate(one) for one in found.candidates],
    )


OPERATIONS = [listed, show, create, change, add_number, remove_number, match]


async def _one(session: Session, key: UUID) -> models.Customer:
    [given] = await _with_numbers(session, [await storage.customers.get(session, key)])
    return given


async def _with_numbers(
    session: Session, customers: Sequence[storage.customers.Customer]
) -> list[models.Customer]:
    numbers = await storage.numbers.of_customers(session, [one.id for one in customers])
    given = []
    for customer in customers:
        model = models.Customer.model_validate(customer)
        model.numbers = [models.Number.model_validate(n) for n in numbers[customer.id]]
        given.append(model)
    return given
