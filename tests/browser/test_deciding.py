"""From the card: who is it? One step, and the card knows."""

from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, expect

import storage.contacts
from fixtures.offices import NOW, Office
from storage.audit import AuditEntry
from storage.calls import CallRecord
from storage.customers import Customer, CustomerKind
from storage.numbers import Number

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NUMBER = "+491715550142"


async def ring(office: Office, page: Page, number: str = NUMBER, name: str = "") -> Locator:
    office.queue_call(number, name)
    card = page.locator(".pop")
    await expect(card).to_have_count(1)
    return card


async def matched(office: Office) -> CallRecord:
    [call] = await office.rows(CallRecord)
    return call


async def test_an_unknown_caller_becomes_a_customer_in_one_step(office, desks) -> None:
    page = await desks.sit()
    card = await ring(office, page, name="A. Brandt")
    await expect(card.get_by_role("heading", name="+49 171 5550142")).to_be_visible()
    await expect(card.get_by_role("textbox", name="Name", exact=True)).to_have_value("A. Brandt")
    await card.get_by_text("Company").click()
    await card.get_by_role("textbox", name="Name", exact=True).fill("Brandt & Söhne")
    await card.get_by_role("button", name="Create with this number").click()
    await expect(card.get_by_role("link", name="Brandt & Söhne")).to_be_visible()
    [customer] = await office.rows(Customer)
    assert (customer.name, customer.kind) == ("Brandt & Söhne", CustomerKind.COMPANY)
    assert (await office.one(Number)).e164 == NUMBER
    assert (await matched(office)).customer_id == customer.id


async def test_an_unknown_caller_is_attached_to_someone_found(office, desks) -> None:
    erika = await office.add_customer("Erika Muster", "+49301234567")
    await office.add_customer("Max Muster")
    page = await desks.sit()
    card = await ring(office, page)
    await card.get_by_label("Name or number").fill("muster er")
    found = card.get_by_role("list", name="Found customers").get_by_role("listitem")
    await expect(found).to_have_count(1)
    await expect(found).to_contain_text("+49301234567")
    await found.get_by_role("button").click()
    await expect(card.get_by_role("link", name="Erika Muster")).to_be_visible()
    await expect(page.locator("#desk-status")).to_have_text("It is Erika Muster.")
    assert (await matched(office)).customer_id == erika
    assert {row.e164 for row in await office.rows(Number, customer_id=erika)} == {
        "+49301234567", NUMBER,
    }  # fmt: skip


async def test_a_search_that_finds_nobody_says_so(office, desks) -> None:
    page = await desks.sit()
    card = await ring(office, page)
    await card.get_by_label("Name or number").fill("nobody")
    await expect(card.get_by_text("Nobody of this name or number.")).to_be_visible()


async def test_one_of_several_is_chosen_and_remembered(office, desks) -> None:
    await office.add_customer("Erika Muster", NUMBER)
    max_ = await office.add_customer("Max Muster", NUMBER)
    page = await desks.sit()
    card = await ring(office, page)
    await expect(card.get_by_text("Likely", exact=True)).to_be_visible()
    await card.get_by_label("Always, when this number calls").check()
    candidate = card.get_by_role("listitem").filter(has_text="Max Muster")
    await candidate.get_by_role("button").click()
    await expect(card.get_by_role("link", name="Max Muster")).to_be_visible()
    assert (await matched(office)).customer_id == max_
    [number] = await office.rows(Number, customer_id=max_)
    assert number.chosen_at is not None


async def test_a_companys_line_is_not_remembered_as_one_persons(office, desks) -> None:
    await office.add_customer("Norrland Timber AB", NUMBER, kind="company")
    page = await desks.sit()
    card = await ring(office, page)
    await expect(card.get_by_role("listitem")).to_have_count(1)
    await expect(card.get_by_text("Always, when this number calls")).to_be_hidden()
    await card.get_by_role("button", name="None of them").click()
    await expect(card.get_by_role("button", name="Create with this number")).to_be_visible()
    call = await matched(office)
    assert (call.customer_id, call.matched_by_hand) == (None, True)


async def test_a_wrong_match_is_corrected_on_the_card(office, desks) -> None:
    await office.add_customer("Erika Muster", NUMBER)
    max_ = await office.add_customer("Max Muster")
    page = await desks.sit()
    card = await ring(office, page)
    await card.get_by_role("button", name="Someone else?").click()
    search = card.get_by_label("Name or number")
    await expect(search).to_be_focused()
    await search.fill("max")
    await card.get_by_role("button", name="It is them").click()
    await expect(card.get_by_role("link", name="Max Muster")).to_be_visible()
    await expect(card.get_by_label("Name or number")).to_be_hidden()
    assert (await matched(office)).customer_id == max_
    assert [row.e164 for row in await office.rows(Number, customer_id=max_)] == [NUMBER]


async def test_a_correction_need_not_give_the_number_away(office, desks) -> None:
    await office.add_customer("Erika Muster", NUMBER)
    max_ = await office.add_customer("Max Muster")
    page = await desks.sit()
    card = await ring(office, page)
    await card.get_by_role("button", name="Someone else?").click()
    await card.get_by_label("This number is theirs too").uncheck()
    await card.get_by_label("Name or number").fill("max")
    await card.get_by_role("button", name="It is them").click()
    await expect(card.get_by_role("link", name="Max Muster")).to_be_visible()
    assert await office.rows(Number, customer_id=max_) == []


async def test_what_is_refused_is_said_in_the_card_and_nothing_is_lost(office, desks) -> None:
    page = await desks.sit()
    card = await ring(office, page)
    await card.get_by_role("button", name="Create with this number").click()
    await expect(card.get_by_role("alert").first).to_have_text("A customer needs a name.")
    name = card.get_by_role("textbox", name="Name", exact=True)
    await expect(name).to_be_focused()
    await office.shut()
    await name.fill("Erika Muster")
    await name.press("Enter")
    await expect(card.get_by_role("alert").first).to_contain_text("The server does not answer.")
    await expect(name).to_have_value("Erika Muster")
    assert await office.rows(Customer) == []
    desks.forgive("WebSocket", "Failed to")


async def test_the_colleagues_card_of_the_same_caller_follows(office, desks) -> None:
    ann, ben = await desks.sit("101"), await desks.sit("102")
    office.queue_call(NUMBER)
    await expect(ben.locator(".pop")).to_have_count(1)
    card = ann.locator(".pop")
    await card.get_by_role("textbox", name="Name", exact=True).fill("Erika Muster")
    await card.get_by_role("button", name="Create with this number").click()
    await expect(ben.locator(".pop").get_by_role("link", name="Erika Muster")).to_be_visible()


async def a_line(office: Office, *people: tuple[str, str]) -> UUID:
    """A company with this number, and people who speak for it."""
    firm = await office.add_customer("Norrland Timber AB", NUMBER, kind="company")
    for name, role in people:
        person = await office.add_customer(name)
        async with office.database.writing() as session:
            await storage.contacts.begin(
                session, person_id=person, company_id=firm, role=role, by=None, now=NOW
            )
    return firm


async def test_a_companys_line_offers_the_company_and_its_people(office, desks) -> None:
    firm = await a_line(office, ("Lars Öberg", "Warehouse"), ("Marta Kowalska", "Purchasing"))
    page = await desks.sit()
    card = await ring(office, page)
    rows = card.get_by_role("listitem")
    await expect(rows).to_have_count(3)
    await expect(rows.filter(has_text="Lars Öberg")).to_contain_text("Warehouse · no contact yet")
    await expect(rows.filter(has_text="Norrland")).to_contain_text("the company itself")
    await expect(card).to_contain_text("The line of Norrland Timber AB: anyone there may be")
    await page.keyboard.press("c")
    await expect(rows.first.get_by_role("button")).to_be_focused()
    index = [await row.inner_text() for row in await rows.all()]
    await page.keyboard.press(str(1 + next(n for n, t in enumerate(index) if "Lars" in t)))
    await expect(card.get_by_role("link", name="Lars Öberg")).to_be_visible()
    assert [row.customer_id for row in await office.rows(Number)] == [firm]  # it stays theirs


async def test_a_line_can_be_remembered_and_the_choice_is_taken_back_on_its_page(
    office, desks
) -> None:
    firm = await a_line(office, ("Lars Öberg", "Warehouse"))
    page = await desks.sit()
    call = office.queue_call(NUMBER)
    card = page.locator(".pop")
    await card.get_by_label("Always, when this number calls").check()
    company = card.get_by_role("listitem").filter(has_text="the company itself")
    await company.get_by_role("button").click()
    await expect(card.get_by_role("link", name="Norrland Timber AB")).to_be_visible()
    call.answer()
    call.end()
    await page.get_by_role("button", name="Put this card away for later").click()
    await expect(card).to_have_count(0)
    office.direct_call(NUMBER, "101")
    await expect(card).to_contain_text("A colleague said that calls of this number are Norrland")
    await card.get_by_text("Who speaks for them: 1").click()
    await expect(card.get_by_role("listitem").filter(has_text="Lars Öberg")).to_be_visible()
    other = await page.context.new_page()
    await other.goto(f"{office.settings.public_url}/customers/{firm}")
    await expect(other.get_by_text("Calls from it open this customer")).to_be_visible()
    await other.get_by_role("button", name="Ask each time").click()
    await expect(other.get_by_text("Calls from it open this customer")).to_be_hidden()
    await expect(card).to_contain_text("The line of Norrland Timber AB: anyone there may be")
    [choice, *_] = await office.rows(AuditEntry, action="number.chosen")
    assert choice.user_id == office.users["101"].id
    assert len(await office.rows(AuditEntry, action="number.unchosen")) == 1


async def test_of_many_candidates_nine_show_and_the_others_on_a_press(office, desks) -> None:
    await a_line(office, *((f"Person {n:02}", "") for n in range(12)))
    page = await desks.sit()
    card = await ring(office, page)
    rows = card.get_by_role("listitem")
    await expect(rows).to_have_count(9)
    await card.get_by_role("button", name="Show 4 more").click()
    await expect(rows).to_have_count(13)
    await expect(card.get_by_role("button", name="Show 4 more")).to_be_hidden()
