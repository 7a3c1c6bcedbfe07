"""The weeks before the demo began: accounts, customers, and calls told by the same tracker."""

import secrets
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import storage.agents
import storage.callers
import storage.calls
import storage.contacts
import storage.customers
import storage.notes
import storage.numbers
import storage.outcomes
import storage.own_numbers
import storage.passwords
import storage.pause_reasons
import storage.pbxs
import storage.promises
import storage.queues
import storage.settings
import storage.teams
import storage.users
from pbx_bridge.simulator import Caller, stories
from pbx_bridge.simulator.stories import Exchange, Story
from storage.customers import Profile
from storage.database import Database, Session
from storage.secrets import SecretBox
from web.demo import cast, guides, mornings, reviewing, telling

DAYS = 14  # of calls before today
A_DAY = 9  # calls on each of them


async def make(database: Database, secrets_box: SecretBox, pbx: storage.pbxs.Facts, secret: str
               ) -> dict[str, str]:  # fmt: skip
    """Fill an empty base; gives the one-time password of each account."""
    now = datetime.now(UTC)
    async with database.writing() as session:
        row = await storage.pbxs.create(
            session, pbx, secret=secret, secrets=secrets_box, now=now, by=None
        )
        passwords, users = await _accounts(session, row.id, now)
        for name in cast.OUTCOMES:
            await storage.outcomes.create(session, name, now=now, by=None)
        queue = await storage.queues.ensure(session, row.id, cast.QUEUE)
        await storage.queues.rename(session, queue.id, cast.QUEUE_LABEL, by=None)
        other = await storage.queues.ensure(session, row.id, cast.OTHER_QUEUE)
        await storage.queues.rename(session, other.id, cast.OTHER_LABEL, by=None)
        seconds = cast.WRAP_UP_SECONDS
        for each, joins in ((queue, False), (other, True)):
            await storage.queues.arrange(
                session, each.id, wrap_up_seconds=seconds, wrap_up_pauses=True,
                agents_log_in=joins, by=None,
            )  # fmt: skip
        for name in cast.PAUSES:
            await storage.pause_reasons.create(session, name, now=now, by=None)
        await storage.own_numbers.add(
            session, row.id, cast.QUEUE_NUMBER, label=cast.NUMBER_NAME, source=cast.NUMBER_SOURCE,
            by=None, now=now,
        )  # fmt: skip
        await storage.settings.put(session, "time_zone", {"name": "Europe/London"}, by=None)
        known = await _customers(session, users, now)
    await _calls(database, row, users, now)
    await mornings.make(database, row, users, known, now)
    await guides.make(database, queue.id, now=now)
    await reviewing.make(database, queue.id, now=now)
    return passwords


async def _accounts(
    session: Session, pbx_id: UUID, now: datetime
) -> tuple[dict[str, str], dict[str, UUID]]:
    passwords, users = {}, {}
    team = await storage.teams.create(session, name=cast.TEAM, now=now, by=None)
    for login, name, role, extension in cast.ACCOUNTS:
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        user = await storage.users.create(
            session, login=login, name=name, role=role, must_change_password=False,
            password_hash=await storage.passwords.hashed(password), now=now, by=None,
        )  # fmt: skip
        await storage.teams.place(session, user.id, {team.id}, by=None)
        passwords[login], users[login] = password, user.id
        if extension:
            users[extension] = user.id
            await storage.agents.create(
                session, user_id=user.id, pbx_id=pbx_id, extension=extension, now=now, by=None
            )
    return passwords, users


async def _customers(session: Session, users: dict[str, UUID], now: datetime) -> dict[str, UUID]:
    home = await storage.numbers.home(session)
    known: dict[str, UUID] = {}
    for n, person in enumerate(cast.CUSTOMERS):
        by = users[("ann", "ben", "cleo")[n % 3]]
        then = now - timedelta(days=60 - n)
        profile = Profile(
            name=person.name, kind=person.kind, address_as=person.address_as,
            email=person.email, about=person.about, lifecycle=person.lifecycle,
        )  # fmt: skip
        customer = await storage.customers.create(session, profile, by=by, now=then)
        known[person.name] = customer.id
        for number in person.numbers:
            await storage.callers.give_number(
                session, customer.id, number, home=home, by=by, now=then
            )
        if person.company:
            await storage.contacts.begin(
                session, person_id=customer.id, company_id=known[person.company],
                role=person.role, by=by, now=then,
            )  # fmt: skip
        if person.note:
            then = now - timedelta(days=2 + n % 5, hours=n % 7)
            await storage.notes.add(session, customer.id, person.note, by=by, now=then)
        if person.promise:
            due = (now + timedelta(days=(n + 1) % 4)).date()
            await storage.promises.add(
                session, customer.id, person.promise, due_on=due, by=by, now=now
            )
    return known


async def _calls(
    database: Database, pbx: storage.pbxs.Pbx, users: dict[str, UUID], now: datetime
) -> None:
    """Tell two weeks of calls to a tracker of their own, and store what it makes of them."""
    random = Random(4000)  # noqa: S311 - a made-up past
    phones = {f"PJSIP/{phone.extension}": phone.extension for phone in cast.PHONES}
    seats = {(pbx.id, phone.extension): users[phone.extension] for phone in cast.PHONES}
    for day in range(DAYS, 0, -1):
        begin = (now - timedelta(days=day)).replace(hour=8, minute=20, second=0)
        ended = []
        for _ in range(A_DAY):
            begin += timedelta(minutes=random.randint(11, 55))
            exchange = Exchange(int(begin.timestamp()), pbx.recordings_there or "")
            ended += telling.told(pbx.id, phones, _story(exchange, random), begin)
        async with database.writing() as session:
            for call in ended:
                await telling.store(session, call, seats, random)


def _story(exchange: Exchange, random: Random) -> Story:
    caller, phone = somebody(random), random.choice(cast.PHONES)
    match random.randrange(10):
        case 0:
            return stories.abandoned_in_queue(
                exchange, caller, cast.QUEUE, cast.PHONES, dialled=cast.QUEUE_NUMBER,
                patience=random.uniform(9, 60),
            )  # fmt: skip
        case 1:
            return stories.to_extension(exchange, caller, phone, ring=20, talk=0)
        case 2 | 3:
            return stories.outgoing(
                exchange, phone, caller.number or cast.STRANGERS[0],
                ring=random.uniform(4, 15), talk=random.uniform(20, 400),
            )  # fmt: skip
    return stories.answered_in_queue(
        exchange, caller, cast.QUEUE, cast.PHONES, dialled=cast.QUEUE_NUMBER,
        winner=random.randrange(3), ring=random.uniform(3, 25), talk=random.uniform(30, 600),
    )  # fmt: skip


def somebody(random: Random) -> Caller:
    """Return who calls: mostly a customer, now and then a stranger."""
    if random.random() < 0.2:  # noqa: PLR2004 - one in five is unknown
        return Caller(random.choice(cast.STRANGERS))
    person = random.choice(cast.CUSTOMERS)
    number = storage.numbers.Home("GB", 5).read(random.choice(person.numbers))
    return Caller(number or "", person.name)
