"""The script beside the card: filled by keyboard during the call, kept at once, handed on."""

import pytest
from playwright.async_api import Locator, Page, expect

import storage.scripts
from fixtures.offices import NOW, Office, Play
from storage.rules.scripts import Branch, Field, FieldKind, Outline, Step
from storage.scripts import ScriptAnswer, ScriptRun, ScriptVersion

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NUMBER = "+491715550142"
NAME = "Erika {agent} <b>Muster</b>"
HAPPY = Field(key="f1", label="Content with us?", kind=FieldKind.YES_NO, needed=True)
WHY = Field(key="f2", label="What went wrong?", kind=FieldKind.LONG_TEXT, needed=True)
WANTS = Field(key="f3", label="Wants", kind=FieldKind.CHOICES, options=("A call", "A letter"))
DAY = Field(key="f4", label="Until when", kind=FieldKind.DATE)
SCORE = Field(key="f5", label="From 0 to 10", kind=FieldKind.NUMBER)


async def publish(office: Office, outcome: str = "Question answered") -> ScriptVersion:
    """Make the script of the sales line."""
    outline = Outline(
        (
            Step(
                key="s1", title="Greeting", say="Good morning {name}, this is {agent}.",
                fields=(HAPPY,), next="s3", branches=(Branch(field="f1", value="no", to="s2"),),
            ),
            Step(key="s2", title="Complaint", fields=(WHY, WANTS, DAY), next="s3"),
            Step(key="s3", title="Thanks", say="Thank you for your call.", fields=(SCORE,),
                 outcome=str(office.outcomes[outcome])),
        )
    )  # fmt: skip
    async with office.database.writing() as session:
        queue = (await storage.queues.named(session, office.pbx_id, "sales")).id
        script = await storage.scripts.create(session, "After the sale", by=None, now=NOW)
        await storage.scripts.save(
            session, script.id, script.name, outline, version=1, by=None, now=NOW
        )
        await storage.scripts.assign(session, script.id, [queue], by=None)
        made = await storage.scripts.publish(session, script.id, version=2, by=None, now=NOW)
    await office.bridge.phones_changed()  # as the page does
    return made


async def talk(office: Office, page: Page, winner: int = 0) -> tuple[Locator, Play]:
    call = office.queue_call(NUMBER, winner=winner)
    await expect(page.locator(".pop--ringing")).to_have_count(1)
    call.answer()
    await expect(page.locator(".pop--talking")).to_have_count(1)
    return page.locator(".pop-script"), call


def answers(rows: list[ScriptAnswer]) -> dict[str, str]:
    return {row.field: row.answer for row in rows}


async def test_a_script_is_filled_by_keyboard_and_proposes_the_outcome(office, desks) -> None:
    await publish(office)
    await office.add_customer(NAME, NUMBER)
    page = await desks.sit()
    script, call = await talk(office, page)
    await expect(script.locator(".script-say")).to_have_text(
        f"Good morning {NAME}, this is Ann Wright."
    )
    await page.keyboard.press("g")  # counts though the script may not be open for answers yet
    await expect(script.get_by_label("Yes")).to_be_focused()
    await page.keyboard.press("ArrowRight")  # from yes to no
    await expect(script.get_by_label("No")).to_be_checked()
    await page.keyboard.press("Control+Enter")
    await expect(script.get_by_label("What went wrong?")).to_be_focused()
    await page.keyboard.type("came late, and broken")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await script.get_by_label("Until when").fill("2026-12-24")
    await page.keyboard.press("Control+Enter")
    await expect(script.get_by_label("From 0 to 10")).to_be_focused()
    await page.keyboard.type("7,5")
    await page.keyboard.press("Enter")
    await expect(script).to_contain_text("The script is done.")
    card = page.locator(".pop")
    await expect(card.get_by_label("Question answered")).to_be_checked()
    call.end()
    await expect(page.locator(".pop--wrap_up")).to_have_count(1)
    await expect(card.get_by_label("Question answered")).to_be_checked()
    assert answers(await office.rows(ScriptAnswer)) == {
        "f1": "no", "f2": "came late, and broken", "f3": "A call", "f4": "2026-12-24", "f5": "7.5",
    }  # fmt: skip
    assert (await office.one(ScriptRun)).finished_at


async def test_it_can_be_read_while_it_rings_and_asks_for_what_is_needed(office, desks) -> None:
    await publish(office)
    page = await desks.sit()
    call = office.queue_call(NUMBER)
    script = page.locator(".pop-script")
    await expect(script.get_by_label("Yes")).to_be_disabled()
    await expect(script).to_contain_text("Good morning …, this is Ann Wright.")
    await expect(script.get_by_role("button", name="Next")).to_be_hidden()
    call.answer()
    await expect(script.get_by_label("Yes")).to_be_enabled()
    await script.get_by_role("button", name="Next").click()
    await expect(script.get_by_role("alert").filter(visible=True)).to_have_text("This is needed.")
    await expect(script.get_by_label("Yes")).to_be_focused()
    desks.forgive("422")


async def test_answers_survive_a_reload_a_crash_and_a_dead_server(office, desks) -> None:
    await publish(office)
    page = await desks.sit()
    script, _call = await talk(office, page)
    await script.get_by_label("No").check()
    await script.get_by_role("button", name="Next").click()
    await script.get_by_label("What went wrong?").fill("stored")
    await expect(script.locator(".pop-saved")).to_have_text("Saved")
    await page.reload()
    await expect(script.get_by_label("What went wrong?")).to_have_value("stored")
    await office.shut()
    await script.get_by_label("What went wrong?").fill("typed while nobody answered")
    await script.get_by_role("button", name="Next").click()
    await expect(script).to_contain_text("The server does not answer.")
    context = page.context
    await page.close()  # the tab is gone, with what was not stored
    await office.open()
    again = await desks.tab(context)
    script = again.locator(".pop-script")
    await expect(script.get_by_label("What went wrong?")).to_have_value(
        "typed while nobody answered"
    )
    await expect(script.locator(".pop-saved")).to_have_text("Saved")
    assert answers(await office.rows(ScriptAnswer))["f2"] == "typed while nobody answered"
    desks.forgive("WebSocket", "Failed to")
