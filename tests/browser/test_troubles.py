"""The pages of gaps, differences and odd events, full, and with the keyboard alone."""

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from fixtures.cast import add_user
from fixtures.offices import Office
from fixtures.troubles import add_troubles
from storage.calls import CallRecord

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  const ringed = style.outlineStyle !== "none" || style.boxShadow !== "none";
  const here = box.bottom > 0 && box.top < innerHeight;
  return { text: at.textContent.trim() || at.name, visible: ringed && here };
}"""
MOST_STOPS = 150
SECONDS = 10.0


async def walk(page: Page) -> list[dict[str, object]]:
    """Press Tab until the page is left: where the focus was, and whether it could be seen."""
    stops: list[dict[str, object]] = []
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUS)
        if stop is None or (len(stops) > 1 and stop == stops[0]):
            return stops
        stops.append(stop)
    raise AssertionError(f"no end: {[stop['text'] for stop in stops[-5:]]}")


@pytest_asyncio.fixture(loop_scope="session")
async def full(office: Office) -> Office:
    """An office after a bad week."""
    for n in range(3):
        office.lost_call(f"+4917155501{n}0").end()

    async with asyncio.timeout(SECONDS):
        while len([row for row in await office.rows(CallRecord) if row.ended_at]) < 3:  # noqa: ASYNC110 - a base is asked
            await asyncio.sleep(0.05)
    office.users["adam"] = await add_user(office.database, "adam", "administrator")
    await add_troubles(office.database, office.pbx_id)
    return office


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ("/calls/gaps", "Read the books again"),
        ("/calls/differences", "Leave it as it is"),
        ("/administration/oddities", "#4711"),
        ("/administration/pbxs", "Test the connection"),
        ("/calls", "Recovered"),
    ],
)
async def test_every_page_is_walked_by_the_keyboard_with_its_focus_in_sight(
    full, desks, path: str, reached: str, scheme: str
) -> None:
    page = await desks.sit("adam", color_scheme=scheme)
    await page.goto(f"{full.settings.public_url}{path}")
    stops = await walk(page)
    assert any(reached in str(stop["text"]) for stop in stops)
    assert [stop for stop in stops if not stop["visible"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1280


async def test_a_badge_says_what_it_means_to_who_has_no_mouse(full, desks) -> None:
    page = await desks.sit("adam")
    await page.goto(f"{full.settings.public_url}/calls")
    badge = page.get_by_role("button", name="Recovered")
    tip = page.get_by_text("Told from the telephone system's own books")
    await expect(tip).to_be_hidden()
    await expect(badge).to_have_accessible_description("Told from the telephone system's own books")
    await badge.focus()
    await page.keyboard.press("Enter")
    await expect(tip).to_be_visible()
    box, below = await badge.bounding_box(), await tip.bounding_box()
    assert abs(below["x"] - box["x"]) < 30  # beside its badge, not in the middle of the page
    await page.keyboard.press("Escape")
    await expect(tip).to_be_hidden()
    await expect(badge).to_be_focused()
