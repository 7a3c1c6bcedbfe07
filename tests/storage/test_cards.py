"""What a card says of a caller, read the quick way on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from stage.archives import NOW, NUMBER, TODAY, Office

import storage.callers
import storage.calls
import storage.numbers
from pbx_bridge.call import CallResult, Direction
from pbx_bridge.ids import uuid7
from pbx_bridge.matching import Level
from storage.calls import WrapUp
from storage.cards import Cards
from storage.contacts import Contact
from storage.customers import CustomerKind
from storage.notes import Note
from storage.numbers import Number
from storage.outcomes import Outcome
from storage.pbxs import Pbx
from storage.promises import Promise
from storage.tasks import Task, TaskKind
from storage.users import User


@pytest.fixture
async def office(database):
    office = Office(database)
    box = {"host": "x", "username": "u", "secret": "s", "created_at": NOW}
    await office.add(
        User(id=office.agent, login="ann", name="Ann", role="agent", created_at=NOW),
        Pbx(id=office.pbx, name="lab", **box),
    )
    return office


@pytest.fixture
async def cards(database):
    cards = Cards.of(database)
    yield cards
    await cards.close()


async def test_a_known_caller_comes_with_everything_that_was_said(office, cards):
    zoe = await office.customer(
        "Zoë", NUMBER, "+442071230000", address_as="Dr Zoë", email="z@example.org", about="Deaf"
    )
    firm = await office.customer("Mill Ltd", kind=CustomerKind.COMPANY)
    calls = [await office.call(ago=minutes, customer=zoe) for minutes in (30, 20, 10)]
    sold = Outcome(id=uuid7(NOW), name="Sold")
    await office.add(
        sold,
        Contact(id=uuid7(NOW), person_id=zoe, company_id=firm, role="Buyer"),
        WrapUp(
            id=uuid7(NOW), call_id=calls[2], user_id=office.agent, outcome_id=sold.id,
            note="wants two", created_at=NOW, updated_at=NOW,
        ),
        Note(id=uuid7(NOW), customer_id=zoe, user_id=office.agent, text="likes tea",
             created_at=NOW),
        Promise(id=uuid7(NOW), customer_id=zoe, text="call back", due_on=TODAY, created_at=NOW),
        Promise(
            id=uuid7(NOW), customer_id=zoe, text="kept", due_on=TODAY, created_at=NOW, kept_at=NOW
        ),
    )  # fmt: skip
    card = await cards.find("public", NUMBER)
    assert (card.match.level, card.match.customer) == (Level.KNOWN, zoe)
    assert card.customer.address_as == "Dr Zoë"
    assert (card.customer.email, card.customer.about) == ("z@example.org", "Deaf")
    assert [(c.name, c.role) for c in card.customer.companies] == [("Mill Ltd", "Buyer")]
    assert [i.call for i in card.interactions] == calls[::-1]
    last = card.interactions[0]
    assert (last.at, last.outcome, last.note, last.agent) == (
        NOW - timedelta(minutes=10), "Sold", "wants two", "Ann",
    )  # fmt: skip
    assert (last.direction, last.result, last.queue) == (
        Direction.INBOUND, CallResult.ABANDONED, "sales",
    )  # fmt: skip
    assert [(n.text, n.by, n.at) for n in card.notes] == [("likes tea", "Ann", NOW)]
    assert [(p.text, p.due_on) for p in card.promises] == [("call back", TODAY)]
    assert [o.name for o in card.outcomes] == ["Sold"]


async def test_two_wrap_ups_of_one_call_are_one_interaction(office, cards):
    zoe = await office.customer("Zoë", NUMBER)
    call = await office.call(ago=5, customer=zoe)
    bob = User(id=uuid7(NOW), login="bob", name="Bob", role="agent", created_at=NOW)
    await office.add(bob)
    for minute, (user, note) in enumerate([(office.agent, "first"), (bob.id, "second")]):
        at = NOW + timedelta(minutes=minute)
        await office.add(
            WrapUp(
                id=uuid7(at), call_id=call, user_id=user, note=note, created_at=at, updated_at=at
            )
        )
    card = await cards.find("public", NUMBER)
    assert [i.note for i in card.interactions] == ["first\nsecond"]


async def test_a_shared_number_gives_candidates_best_first_and_the_numbers_history(office, cards):
    await office.customer("Ann", NUMBER)
    bob = await office.customer("Bob", NUMBER)
    call = await office.call(ago=5, customer=bob)
    card = await cards.find("public", NUMBER)
    assert card.match.level is Level.LIKELY
    assert [c.name for c in card.match.candidates] == ["Bob", "Ann"]
    assert card.match.candidates[0].last_contact == NOW - timedelta(minutes=5)
    assert card.customer is None
    assert [i.call for i in card.interactions] == [call]


async def test_a_companys_line_offers_those_who_speak_for_it_today(office, cards):
    firm = await office.customer("Mill Ltd", NUMBER, kind=CustomerKind.COMPANY)
    zoe, left = await office.customer("Zoë"), await office.customer("Left")
    yesterday = TODAY - timedelta(days=1)
    await office.add(
        Contact(id=uuid7(NOW), person_id=zoe, company_id=firm),
        Contact(id=uuid7(NOW), person_id=left, company_id=firm, ended_on=yesterday),
    )
    card = await cards.find("public", NUMBER)
    assert card.match.level is Level.LIKELY
    assert {(c.name, c.owns) for c in card.match.candidates} == {("Mill Ltd", True), ("Zoë", False)}


async def test_cards_and_pages_agree_on_who_may_be_calling(office, cards):
    firm = await office.customer("Mill Ltd", NUMBER, kind=CustomerKind.COMPANY)
    gone = await office.customer("Gone Ltd", NUMBER, kind=CustomerKind.COMPANY, closed_at=NOW)
    people = [await office.customer(name) for name in ("Zoë", "Ann", "Bob")]
    ann = await office.customer("Owner", NUMBER)
    await office.add(
        Contact(id=uuid7(NOW), person_id=people[0], company_id=firm),
        Contact(id=uuid7(NOW), person_id=people[1], company_id=firm, ended_on=TODAY),
        Contact(id=uuid7(NOW), person_id=people[2], company_id=gone),
    )
    await office.call(ago=5, customer=people[0])
    for chosen in (False, True):
        if chosen:
            async with office.database.writing() as session:
                number = await session.scalar(select(Number).where(Number.customer_id == ann))
                await storage.numbers.choose(session, number.id, by=None, now=NOW)
        async with office.database.reading() as session:
            match = await storage.callers.match(session, NUMBER)
        assert (await cards.find("public", NUMBER)).match == match
    assert match.customer == ann


async def test_a_closed_customer_is_not_matched(office, cards):
    await office.customer("Gone", NUMBER, closed_at=NOW)
    card = await cards.find("public", NUMBER)
    assert (card.match.level, card.customer) == (Level.UNKNOWN, None)


@pytest.mark.parametrize("kind", ["withheld", "internal", "odd"])
async def test_what_is_no_public_number_is_looked_up_nowhere(office, cards, kind):
    await office.customer("Nobody", "101")
    card = await cards.find(kind, "101")
    assert (card.customer, card.match.candidates, card.interactions) == (None, (), ())


async def test_what_a_person_said_of_a_call_wins_over_its_number(office, cards):
    await office.customer("Owner", NUMBER)
    zoe = await office.customer("Zoë")
    call = await office.call(ago=1)
    async with office.database.writing() as session:
        await storage.calls.match_by_hand(session, call, zoe, by=None)
    card = await cards.decided(call, "public", NUMBER)
    assert (card.match.level, card.customer.name) == (Level.KNOWN, "Zoë")
    async with office.database.writing() as session:
        await storage.calls.match_by_hand(session, call, None, by=None)
    card = await cards.decided(call, "public", NUMBER)
    assert (card.match.level, card.customer) == (Level.UNKNOWN, None)
    card = await cards.decided(uuid7(NOW), "public", NUMBER)
    assert card.customer.name == "Owner"


async def test_a_wrap_up_is_read_by_call_and_user(office, cards):
    call = await office.call(ago=1)
    await office.add(
        WrapUp(
            id=uuid7(NOW), call_id=call, user_id=office.agent, note="x", created_at=NOW,
            updated_at=NOW,
        )
    )  # fmt: skip
    assert (await cards.wrap_up(call, office.agent)).note == "x"
    assert await cards.wrap_up(call, uuid7(NOW)) is None


async def test_a_card_holds_what_is_to_be_done_due_first_and_only_what_is_open(office, cards):
    zoe = await office.customer("Zoë", NUMBER)

    def task(title: str, due: timedelta | None, **more: object) -> Task:
        return Task(
            id=uuid7(NOW), kind=TaskKind.TASK, title=title, customer_id=zoe, created_at=NOW,
            updated_at=NOW, due_at=None if due is None else NOW + due, **more,
        )  # fmt: skip

    await office.add(
        task("some day", None),
        task("tomorrow", timedelta(days=1), user_id=office.agent),
        task("late", -timedelta(days=1)),
        task("done", timedelta(), done_at=NOW),
        Promise(id=uuid7(NOW), customer_id=zoe, text="call back", due_on=TODAY, created_at=NOW),
    )
    card = await cards.find("public", NUMBER)
    assert [(t.title, t.whose) for t in card.tasks] == [
        ("late", None), ("tomorrow", "Ann"), ("some day", None),
    ]  # fmt: skip
    assert card.tasks[0].due_at == NOW - timedelta(days=1)
    assert [(p.text, p.due_on) for p in card.promises] == [("call back", TODAY)]


async def test_the_people_of_a_line_come_with_their_roles(office, cards):
    firm = await office.customer("Mill Ltd", NUMBER, kind=CustomerKind.COMPANY)
    zoe = await office.customer("Zoë")
    await office.add(Contact(id=uuid7(NOW), person_id=zoe, company_id=firm, role="Buyer"))
    found = (await cards.find("public", NUMBER)).match
    assert {(c.name, c.role) for c in found.candidates} == {("Mill Ltd", ""), ("Zoë", "Buyer")}
