"""Hundreds of names that would be scripts: on the card, in lists and pages nothing of them runs."""

import itertools
import os

import pytest
from playwright.async_api import Page, expect

from fixtures.cast import add_user
from fixtures.offices import Office
from storage.calls import CallRecord

PROVING = "RINGBOOK_PROVE" in os.environ
MANY = 300 if PROVING else 6
VECTORS = (
    "<script>{js}</script>",
    "<img src=x onerror={js}>",
    "<svg onload={js}>",
    "<svg><script>{js}",
    "<body onpageshow={js}>",
    "<iframe src=javascript:{js}>",
    "<a href=javascript:{js}>x</a>",
    "<details open ontoggle={js}>",
    "<input autofocus onfocus={js}>",
    "<video src=x onerror={js}>",
    "<math href=javascript:{js}>x",
    "<object data=javascript:{js}>",
    "<style>@import '{js}'</style>",
    "<base href=javascript:{js}//>",
    "<form><button formaction=javascript:{js}>x",
    "<marquee onstart={js}>",
    "<select autofocus onfocus={js}>",
    "<textarea autofocus onfocus={js}>",
    "<audio src onerror={js}>",
    "<isindex action=javascript:{js}>",
)
AROUND = (
    "{v}",
    '">{v}',
    "'>{v}",
    "</title>{v}",
    "</textarea>{v}",
    "</script>{v}",
    "</template>{v}",
    "-->{v}",
    "]]>{v}",
    "`>{v}",
    "{{{{ '{v}' }}}}",
    "${{`{v}`}}",
    "\\x3c{v}",
    "&lt;{v}",
    "\N{RIGHT-TO-LEFT OVERRIDE}{v}",
)
NAMES = [
    around.format(v=vector.format(js=f"ran({n})"))
    for n, (vector, around) in enumerate(itertools.product(VECTORS, AROUND))
]
TAMPERED = """() => [...document.querySelectorAll(
    'main script, main iframe, main style, main img, main object, main base, main marquee,'
    + 'main video, main audio, main math, [onerror], [onload], [onfocus], [ontoggle],'
    + '[onstart], [onpageshow],'
    + 'main [href^="javascript:" i], main [formaction], main [action^="javascript:" i]'
  )].map((e) => e.outerHTML)"""

pytestmark = [
    pytest.mark.browser, pytest.mark.bar(51), pytest.mark.timeout(1500 if PROVING else 180),
    pytest.mark.asyncio(loop_scope="session"),
]  # fmt: skip


async def spied_on(page: Page) -> None:
    """Note whatever runs that is not ours."""
    await page.context.add_init_script("window.hits = []; window.ran = (n) => window.hits.push(n);")
    await page.reload()
    await expect(page.locator("#desk")).to_have_attribute("data-live", "connected")


async def hits(page: Page) -> list[object]:
    return [*await page.evaluate("window.hits"), *await page.evaluate(TAMPERED)]


async def test_hundreds_of_strangers_names_run_nowhere(office: Office, desks, proof) -> None:
    page = await desks.sit()
    await spied_on(page)
    found: list[object] = []
    names = NAMES[:: len(NAMES) // MANY][:MANY]
    for n, name in enumerate(names):
        call = office.queue_call(f"+44791{n:07}", name, phones=("101",))
        card = page.locator(".pop")
        await expect(card).to_contain_text(name.strip())
        call.answer()
        await expect(page.locator(".pop--talking")).to_have_count(1)
        call.end()
        await page.get_by_role("button", name="Put this card away for later").click()
        await expect(card).to_have_count(0)
        found += await hits(page)
    found += await _elsewhere(office, desks, page, names)
    assert found == []
    proof.tried(len(names), len(found), of="names on cards, in lists and on pages")


async def _elsewhere(office: Office, desks, page: Page, names: list[str]) -> list[object]:
    """Visit what else shows callers."""
    found: list[object] = []
    office.users["adam"] = await add_user(office.database, "adam", "administrator")
    admin = await desks.sit("adam")
    await spied_on(admin)
    rows = await office.rows(CallRecord)
    assert len(rows) == len(names)
    some = rows[:: max(1, len(rows) // 40)]
    calls = [f"/calls/{row.id}" for row in some]
    ways = [(page, ["/desk", "/calls"]), (admin, ["/calls", "/administration/audit", *calls])]
    for who, paths in ways:
        for path in paths:
            await who.goto(f"{office.settings.public_url}{path}")
            found += await hits(who)
    await expect(admin.locator("main")).to_contain_text(some[-1].name[:20].strip())
    return found
