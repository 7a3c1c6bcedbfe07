"""Texts of strangers are text: nothing in a name, a number or a note runs or breaks out."""

from datetime import UTC, date, datetime

import pytest
from playwright.async_api import Page, expect

import storage.contacts
import storage.notes
import storage.own_numbers
import storage.promises
import storage.tasks
from fixtures.offices import Office
from storage.tasks import TaskFacts

pytestmark = [
    pytest.mark.browser, pytest.mark.bar(51), pytest.mark.asyncio(loop_scope="session"),
]  # fmt: skip

NUMBER = "+491715550142"
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg/onload=alert(3)>",
    '"><script>alert(4)</script>',
    "' onmouseover='alert(5)",
    "javascript:alert(6)",
    "{{ constructor.constructor('alert(7)')() }}",
    "${alert(8)}",
    "<iframe srcdoc='<script>parent.alert(9)</script>'></iframe>",
    "</template><script>alert(10)</script>",
    "<details open ontoggle=alert(11)>",
    "<a href=javascript:alert(12)>x</a>",
    "<style>*{display:none}</style>",
    "\N{RIGHT-TO-LEFT OVERRIDE}evil\N{POP DIRECTIONAL FORMATTING}",
    "{name} {count} PopId $& $1",
    "x" * 190,
)


async def tampered(page: Page) -> list[str]:
    """What a text has put into the page that no page of ours holds."""
    return await page.evaluate(
        """() => [...document.querySelectorAll(
            'main script, main iframe, main style, main img, main [onerror], main [onload],'
            + 'main [onmouseover], main [ontoggle], main [href^="javascript:"]'
          )].map((e) => e.outerHTML)"""
    )


async def test_a_strangers_name_is_shown_as_it_is(office: Office, desks, proof) -> None:
    page = await desks.sit()
    for n, payload in enumerate(PAYLOADS):
        call = office.queue_call(f"{NUMBER[:-2]}{n:02d}", payload)
        call.answer()
        card = page.locator(".pop--talking")
        await expect(card).to_contain_text(payload.strip())
        await expect(card.get_by_role("textbox", name="Name", exact=True)).to_have_value(payload)
        await card.get_by_role("button", name="Create with this number").click()
        await expect(card.get_by_role("link", name=payload)).to_be_visible()
        note = f"note {payload}"
        await card.get_by_label("Order").check()
        await card.get_by_label("Note").fill(note)
        await page.reload()
        await expect(card.get_by_label("Note")).to_have_value(note)
        assert await tampered(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= 1280
        call.end()
        await page.get_by_role("button", name="Put this card away for later").click()
        await expect(page.locator(".pop")).to_have_count(0)
    proof.tried(len(PAYLOADS), of="names on cards")


async def test_what_colleagues_wrote_is_text_on_the_card_and_in_the_lists(office, desks) -> None:
    page = await desks.sit()
    ann, now = office.users["101"].id, datetime.now(UTC)
    evil = "".join(PAYLOADS[:13])
    customer = await office.add_customer(evil[:200], NUMBER, address_as=evil[:120], about=evil)
    async with office.database.writing() as session:
        await storage.notes.add(session, customer, evil, by=ann, now=now)
        await storage.promises.add(
            session, customer, evil, due_on=date(2026, 1, 1), by=ann, now=now
        )
    call = office.queue_call(NUMBER, PAYLOADS[0])
    card = page.locator(".pop")
    await expect(card.locator(".note").last).to_contain_text(evil)
    await expect(card.locator(".promise")).to_contain_text(evil)
    assert await page.title() == f"☎ {evil[:200]} is calling".replace("  ", " ")
    call.answer()
    call.end()
    await page.get_by_role("button", name="Put this card away for later").click()
    await expect(page.locator("#desk-side .desk-list")).to_contain_text(evil[:200])
    assert await tampered(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1280


async def test_what_stands_beside_the_name_is_text_in_the_card_the_history_and_the_notice(
    office, desks
) -> None:
    evil, now = "".join(PAYLOADS[:13]), datetime.now(UTC)
    firm = await office.add_customer(f"firm {evil}"[:200], "+468505100", kind="company")
    zoe = await office.add_customer("Zoe", NUMBER)
    async with office.database.writing() as session:
        await storage.contacts.begin(
            session, person_id=zoe, company_id=firm, role=evil[:120], by=None, now=now
        )
        await storage.own_numbers.add(
            session, office.pbx_id, "4000", label=evil[:80], source=evil[80:160], by=None, now=now
        )
        facts = TaskFacts(title=evil[:200], body=evil, customer_id=zoe)
        await storage.tasks.add(session, facts, by=None, now=now)
        await storage.notes.add(session, zoe, evil, by=None, now=now)
    await office.bridge.phones_changed()
    page = await desks.sit()
    office.queue_call(NUMBER, phones=("101",))
    card = page.locator(".pop")
    for text in (evil[:120], f"firm {evil}"[:200], evil[:80], evil[80:160]):
        await expect(card).to_contain_text(text)
    await expect(card.locator("[data-part-tasks]")).to_contain_text(evil[:200])
    await page.keyboard.press("h")
    await expect(card.locator(".pop-history")).to_contain_text(evil)
    await card.get_by_role("searchbox", name="Find in the history").fill(evil[:200])
    await expect(card.locator(".pop-history .timeline-item")).to_have_count(2)
    assert await tampered(page) == []
    office.queue_call("+468505100", phones=("101",))
    likely = card.filter(has_text="Who is it?")
    await likely.get_by_role("button", name="Show all").click()  # one was writing elsewhere
    await expect(likely.get_by_role("listitem").filter(has_text="Zoe")).to_contain_text(evil[:120])
    assert await tampered(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1280


async def test_a_notification_and_the_title_hold_a_name_as_it_is(
    office: Office, desks, proof
) -> None:
    for n, payload in enumerate(PAYLOADS):
        await office.add_customer(payload, f"{NUMBER[:-2]}{n:02d}")
    page = await desks.sit()
    await page.context.grant_permissions(["notifications"])
    await page.get_by_label("Show a notification").check()
    await page.evaluate(
        """() => { const Real = window.Notification; window.titles = [];
          window.Notification = class extends Real {
            constructor(title, more) { super(title, more); window.titles.push(this.title); }
          };
          Object.defineProperty(document, 'hidden', { get: () => true });
          document.dispatchEvent(new Event('visibilitychange')); }"""
    )
    for n, payload in enumerate(PAYLOADS):
        call = office.direct_call(f"{NUMBER[:-2]}{n:02d}", "101", answered=False)
        await expect(page.locator(".pop")).to_have_count(1)
        await expect(page.locator("#desk-alert")).to_contain_text(payload)
        title = await page.evaluate("document.title")
        assert title.split() == f"☎ {payload} is calling".split()
        await page.wait_for_function("n => window.titles.length > n", arg=n, timeout=10_000)
        assert (await page.evaluate("window.titles"))[n:] == [f"☎ {payload}"]
        assert await tampered(page) == []
        call.end()
        await expect(page.locator(".pop")).to_have_count(0)
    proof.tried(len(PAYLOADS), of="notifications and titles")
