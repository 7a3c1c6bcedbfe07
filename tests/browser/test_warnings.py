"""What an agent must never have to guess: the phone, the link, the database, who waits where."""

import time
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from fixtures.cast import add_user
from fixtures.offices import Office
from web.journey import rights
from web.live.messages import Kind

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def tell(office: Office, storage: dict[str, object]) -> None:
    """What the records tell when they cannot be stored, and when they are again."""
    office.bridge.hub.tell_all(Kind.STORAGE_CHANGED, storage, now=time.monotonic())


async def test_a_telephone_system_that_is_gone_is_named(office, desks) -> None:
    page = await desks.sit()
    banner = page.locator("#desk-link")
    await expect(banner).to_be_hidden()
    office.pbx._secret = "another by now"
    for writer in list(office.pbx._listeners):
        writer.transport.abort()
    await expect(banner).to_be_visible()
    await expect(banner).to_contain_text("Head office")
    await expect(page.locator("#links summary")).not_to_have_class("link-chip--connected")


async def test_why_a_telephone_system_is_gone_is_said_in_the_language_of_the_page(
    office, desks
) -> None:
    async with office.database.writing() as session:
        (await session.merge(office.users["101"])).language = "de"
    page = await desks.sit()
    office.pbx._secret = "another by now"
    for writer in list(office.pbx._listeners):
        writer.transport.abort()
    await expect(page.locator("#links .link-line")).to_contain_text("lehnt die Anmeldung")
    assert "refuses" not in await page.locator("#links").inner_text()


async def test_an_account_that_may_not_all_is_told_to_each_as_they_can_mend_it(
    office, desks, monkeypatch
) -> None:
    monkeypatch.setattr(rights, "SCOUT_SECONDS", 1.0)
    ann = await desks.sit()
    await expect(ann.locator("#limits")).to_be_hidden()
    office.pbx.unread = {"dialplan"}
    for writer in list(office.pbx._listeners):
        writer.transport.abort()
    await expect(ann.locator("#limits")).to_contain_text("Not all that happens")
    await expect(ann.locator("#limits")).to_contain_text("Head office")
    await expect(ann.locator("#links summary")).to_contain_text("PBX limited")
    await expect(ann.locator("#desk-link")).to_be_hidden()
    adam = await add_user(office.database, "adam", "administrator")
    office.users["adam"] = adam
    page = await desks.sit("adam")
    for address in ("/desk", "/calls"):
        await page.goto(f"{office.settings.public_url}{address}")
        banner = page.locator("#limits")
        await expect(banner).to_contain_text("Head office")
        await expect(banner.get_by_role("listitem")).to_have_count(1)
        await expect(banner.get_by_role("listitem")).to_contain_text("may not read “dialplan”")
    await page.locator("#links summary").click()
    await expect(page.locator("#links .link-line")).to_contain_text("may not read “dialplan”")
    office.pbx.unread = set()
    await expect(page.locator("#limits")).to_be_hidden(timeout=30_000)
    await expect(ann.locator("#limits")).to_be_hidden()


async def test_a_database_that_is_behind_is_told_until_it_has_caught_up(office, desks) -> None:
    page = await desks.sit()
    banner = page.locator("#desk-behind")
    await expect(banner).to_be_hidden()
    tell(office, {"behind": True, "since": datetime.now(UTC).isoformat()})
    await expect(banner).to_be_visible()
    await page.reload()
    await expect(banner).to_be_visible()
    tell(office, {"behind": False, "since": None})
    await expect(banner).to_be_hidden()


async def test_a_held_call_is_shown_as_held(office, desks) -> None:
    page = await desks.sit()
    office.queue_call("+491715550142").answer()
    await expect(page.locator(".pop--talking")).to_have_count(1)
    for state, shown in (("on_hold", "hold"), ("talking", "talking")):
        phone = {
            "pbx": str(office.pbx_id), "extension": "101", "state": state,
            "since": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        user = office.users["101"].id
        office.bridge.hub.tell(user, Kind.PHONE_CHANGED, phone, now=time.monotonic())
        await expect(page.locator(f".pop--{shown}")).to_have_count(1)
        await expect(page.locator("#phone-state")).to_have_attribute("data-state", shown)


async def test_a_log_out_elsewhere_is_told_on_the_open_desk(office, desks) -> None:
    page = await desks.sit()
    await page.context.clear_cookies()
    office.cut()
    await expect(page.get_by_text("You are logged out.")).to_be_visible()
    await expect(page.get_by_role("link", name="Log in again")).to_be_visible()
    desks.forgive("WebSocket", "Failed to")


@pytest.mark.parametrize("width", [1280, 640, 390])
async def test_the_desk_never_scrolls_sideways(office, desks, width: int) -> None:
    await office.add_customer(
        "Brigitte Hoffmann-Leutheusser-Schnarrenberger", "+491715550142", address_as="Frau Dr."
    )
    page = await desks.sit(viewport={"width": width, "height": 720})
    office.queue_call("+491715550142").answer()
    office.queue_call("+491715550143", "A caller with quite a long name", winner=1)
    await expect(page.locator(".pop")).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
