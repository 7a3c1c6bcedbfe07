"""The administrators' page of events that fit no transition."""

from datetime import UTC, datetime
from gettext import NullTranslations

import pytest

import storage.calls
import storage.oddities
from fixtures.calls import Teller, set_stage
from fixtures.journals import STREAMS, keep
from pbx_bridge.journal import Range
from pbx_bridge.tracker import faults
from storage.oddities import Case, Tally
from web.journey import blackbox

STREAM = STREAMS / "queue_ringall_asterisk_22.ami"


@pytest.fixture
async def stage(database):
    return await set_stage(database)


async def note(database, stage, *cases: Case, count: int = 12345) -> None:
    now = datetime.now(UTC)
    tally = Tally(
        pbx=stage.pbx, event="Hangup", why="a leg that we never saw", count=count, first_at=now,
        last_at=now, cases=cases,
    )  # fmt: skip
    async with database.writing() as session:
        await storage.oddities.add(session, [tally], now=now)


async def test_kinds_are_listed_with_their_count_and_their_calls(sign_in, database, stage) -> None:
    call = Teller(stage.pbx).ended()
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    at = datetime.now(UTC)
    await note(database, stage, Case(at=at, n=4711, call=call.id), Case(at=at))
    page = await (await sign_in("administrator")).get("/administration/oddities")
    for text in ("Hangup", "a leg that we never saw", "12,345", "Head office", "#4711",
                 f'href="/calls/{call.id}/why#m4711"'):  # fmt: skip
        assert text in page, text


async def test_the_reasons_are_said_in_the_language_of_the_page(
    sign_in, database, stage, monkeypatch
) -> None:
    class Shouting(NullTranslations):
        def gettext(self, message: str) -> str:
            return message.upper() if message in faults.ALL else message

    monkeypatch.setattr("web.i18n.catalogue", lambda _: Shouting())
    await note(database, stage, Case(at=datetime.now(UTC)))
    page = await (await sign_in("administrator")).get("/administration/oddities")
    assert "A LEG THAT WE NEVER SAW" in page


async def test_nothing_odd_is_said_plainly(sign_in) -> None:
    page = await (await sign_in("administrator")).get("/administration/oddities")
    assert "Nothing odd" in page


async def test_one_event_shows_what_the_pbx_said(sign_in, database, stage, settings) -> None:
    keep(settings, stage.pbx, STREAM, datetime.now(UTC))
    entry = next(blackbox.reader(settings, stage.pbx).entries(Range(first=9)))
    at = datetime.fromtimestamp(entry.at, UTC)
    await note(database, stage, Case(at=at, n=9), Case(at=at, n=999_999))
    async with database.reading() as session:
        [found] = await storage.oddities.listed(session)
    there, gone = sorted(found.cases, key=lambda case: case.n)
    browser = await sign_in("administrator")
    page = await browser.get(f"/administration/oddities/{there.id}")
    assert "Event: " in page
    assert "/monitor/" not in page
    page = await browser.get(f"/administration/oddities/{gone.id}")
    assert "does not hold this message any more" in page
    missing = await browser.client.get(f"/administration/oddities/{stage.pbx}")
    assert missing.status == 404


@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_only_administrators_see_them(sign_in, role) -> None:
    browser = await sign_in(role)
    response = await browser.client.get("/administration/oddities", allow_redirects=False)
    assert response.status == 403
