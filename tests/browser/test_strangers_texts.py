"""Texts of strangers are text: nothing in a name, a number or a note runs or breaks out."""

from datetime import UTC, date, datetime

import pytest
from playwright.async_api import Page, expect

import storage.notes
import storage.promises
from fixtures.offices import Office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

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


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
async def test_a_strangers_name_is_shown_as_it_is(office: Office, desks, payload: str) -> None:
    page = await desks.sit()
    office.queue_call(NUMBER, payload).answer()
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
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 1280


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
