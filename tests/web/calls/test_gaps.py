"""Gaps on the pages: their list, their place among the calls, the mark of what was recovered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

import storage.gaps
import storage.recoveries
from fixtures.calls import NOW, Stage, Teller
from fixtures.doors import NOBODY
from storage.database import Database
from storage.gaps import Filling, Gap, GapState
from storage.recoveries import Reason


def ago(**times: float) -> datetime:
    return datetime.now(UTC) - timedelta(**times)


async def gap_of(
    database: Database, stage: Stage, since: datetime, *, until: datetime | None = None,
    state: GapState = GapState.FILLED, doubts: tuple[str, ...] = (),
) -> Gap:  # fmt: skip
    async with database.writing() as session:
        gap = await storage.gaps.opened(session, stage.pbx, since=since, cause="The cable was cut.")
        if until is not None:
            await storage.gaps.ended(session, stage.pbx, at=until)
            await storage.gaps.filled(
                session, gap.id, Filling(told=3, doubts=doubts), state=state, at=until
            )
    return gap


async def recover(database: Database, call: UUID, gap: Gap | None, *, uncertain: tuple = ()):
    async with database.writing() as session:
        await storage.recoveries.note(
            session, call, reason=Reason.RECOVERED if gap else Reason.RECONCILED,
            gap_id=gap.id if gap else None, is_new=True, uncertain=uncertain, at=NOW,
        )  # fmt: skip


async def test_a_supervisor_sees_every_gap_and_what_became_of_it(sign_in, stage, database) -> None:
    await gap_of(database, stage, ago(hours=5), until=ago(hours=4), doubts=("CEL is not there.",))
    nowhere = await gap_of(database, stage, ago(hours=3), until=ago(hours=2))
    async with database.writing() as session:
        (await storage.gaps.get(session, nowhere.id)).state = GapState.NO_BOOKS
    await gap_of(database, stage, ago(hours=1))
    browser = await sign_in("supervisor")
    page = await browser.get("/calls/gaps")
    for text in ("Nothing heard", "Filled", "No books", "CEL is not there.", "The cable was cut.",
                 "Head office", "1:00:0", "Read the books again"):  # fmt: skip
        assert text in page, text
    assert "Say where" not in page  # a supervisor cannot
    assert page.count("/fillings") == 2  # not for the one that is open
    administrator = await sign_in("administrator", login="root")
    assert "Say where" in await administrator.get("/calls/gaps")


async def test_the_books_are_read_again_on_demand(sign_in, stage, database) -> None:
    gap = await gap_of(database, stage, ago(hours=5), until=ago(hours=4))
    still = await gap_of(database, stage, ago(hours=1))
    browser = await sign_in("supervisor")
    assert (await browser.post(f"/calls/gaps/{gap.id}/fillings")).status == 303
    async with database.reading() as session:
        again = await storage.gaps.get(session, gap.id)
    assert (again.state, again.filled_at) == (GapState.FILLING, None)
    assert "Being filled" in await browser.get("/calls/gaps")
    assert (await browser.post(f"/calls/gaps/{still.id}/fillings")).status == 422
    assert (await browser.post(f"/calls/gaps/{NOBODY}/fillings")).status == 404


async def test_an_agent_sees_where_a_gap_falls_and_not_the_list(sign_in, stage, database) -> None:
    await gap_of(database, stage, ago(hours=5), until=ago(hours=4))
    browser = await sign_in("agent")
    page = await browser.get("/calls")
    assert "Nothing was heard of Head office from" in page
    assert "0 calls recovered" in page
    assert "/calls/gaps" not in page
    assert (await browser.client.get("/calls/gaps")).status == 403


async def test_the_list_of_calls_says_which_were_recovered_and_between_what(
    sign_in, stage, store, database
) -> None:
    told = await store(Teller(stage.pbx, ago(hours=4.5)).ended(), stage.context())
    await store(Teller(stage.pbx, ago(hours=1), tag="2.0").ended(), stage.context())
    gap = await gap_of(database, stage, ago(hours=5), until=ago(hours=4))
    await recover(database, told.id, gap)
    async with database.writing() as session:
        await storage.gaps.filled(
            session, gap.id, Filling(told=1), state=GapState.FILLED, at=ago(hours=4)
        )
    browser = await sign_in("supervisor")
    page = await browser.get("/calls")
    assert "1 call recovered." in page
    assert page.count("Recovered</button>") == 1
    assert "Nothing was heard" not in await browser.get("/calls?period=custom&since=2020-01-01"
                                                        "&until=2020-01-02")  # fmt: skip


async def test_a_short_break_that_swallowed_no_call_is_not_mentioned(
    sign_in, stage, database
) -> None:
    began = ago(hours=1)
    await gap_of(database, stage, began, until=began + timedelta(seconds=1))
    browser = await sign_in("supervisor")
    assert "Nothing was heard" not in await browser.get("/calls")
    assert "The cable was cut." in await browser.get("/calls/gaps")


@pytest.mark.parametrize("filled", [True, False])
async def test_a_call_says_that_it_was_recovered_and_what_is_uncertain(
    sign_in, stage, store, database, filled: bool
) -> None:
    call = await store(Teller(stage.pbx, ago(hours=4)).ended(), stage.context())
    browser = await sign_in("supervisor")
    assert "own books" not in await browser.get(f"/calls/{call.id}")
    gap = await gap_of(database, stage, ago(hours=5), until=ago(hours=3)) if filled else None
    await recover(database, call.id, gap, uncertain=("hold", "offers"))
    page = await browser.get(f"/calls/{call.id}")
    assert ("Recovered: nothing was heard from" in page) is filled
    assert ("Told anew from" in page) is not filled
    assert "Not certain:" in page
    assert "whether somebody was put on hold" in page


async def test_what_a_pbx_says_of_itself_is_text(sign_in, stage, database) -> None:
    evil = "<script>alert(1)</script>"
    await gap_of(database, replace(stage), ago(hours=2), until=ago(hours=1), doubts=(evil,))
    browser = await sign_in("supervisor")
    page = await browser.get("/calls/gaps")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
