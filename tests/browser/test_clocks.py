"""The clocks of a page run by the server's time, however late the page came."""

import asyncio
import re
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Route

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NOW = re.compile(r'data-now="([^"]+)"')
LATE = 3.0  # seconds: of a slow server or network
BEHIND = """async () => {
  const clock = document.createElement("time");
  const since = Date.now() - 60_000;
  clock.dataset.since = new Date(since).toISOString();
  document.body.append(clock);
  while (!clock.textContent) await new Promise((ready) => { setTimeout(ready, 10); });
  const [minutes, seconds] = clock.textContent.split(":").map(Number);
  return (Date.now() - since) / 1000 - (minutes * 60 + seconds);
}"""


async def test_a_page_that_came_late_has_clocks_that_are_right(office, desks) -> None:
    desks.forgive("LOCAL_NETWORK_ACCESS")  # of a page that the test gives itself
    page = await desks.sit()

    async def late(route: Route) -> None:
        response = await route.fetch()
        await asyncio.sleep(LATE)
        await route.fulfill(response=response)

    await page.route("**/customers", late)
    await page.goto(f"{office.settings.public_url}/customers")
    assert 0 <= await page.evaluate(BEHIND) < LATE / 2


@pytest.mark.parametrize("ahead", [timedelta(minutes=20), timedelta(seconds=-30)], ids=str)
async def test_where_the_clocks_differ_the_servers_counts(office, desks, ahead: timedelta) -> None:
    desks.forgive("LOCAL_NETWORK_ACCESS")  # of a page that the test gives itself
    page = await desks.sit()

    async def of_another_time(route: Route) -> None:
        response = await route.fetch()
        text = NOW.sub(
            lambda found: f'data-now="{datetime.fromisoformat(found[1]) + ahead}"',
            await response.text(),
        )
        await route.fulfill(response=response, body=text)

    await page.route("**/customers", of_another_time)
    await page.goto(f"{office.settings.public_url}/customers")
    assert abs(await page.evaluate(BEHIND) + ahead.total_seconds()) < LATE
