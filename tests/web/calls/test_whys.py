"""Why a call is what it is: its page, from the journal that is still there, or says what is not."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import storage.calls
import storage.recoveries
from fixtures.calls import Teller, add_customer, set_stage
from fixtures.journals import STREAMS, keep, told_calls
from pbx_bridge.call import CallResult, OfferEnd
from pbx_bridge.journal import erase_day
from pbx_bridge.matching import Candidate, match
from storage import audit
from web.calls import whys
from web.journey import blackbox

STREAM = STREAMS / "queue_ringall_asterisk_22.ami"  # three calls in a row
NUMBER = "+442071234567"


@pytest.fixture
def heard(settings, database, stage):
    """Store the calls of a stream, and keep it in the journal."""

    async def hear(stream=STREAM, context=None):
        calls = told_calls(stage.pbx, stream)
        async with database.writing() as session:
            for call in calls:
                await storage.calls.save(session, call, context=context or stage.context())
        keep(settings, stage.pbx, stream, calls[0].started_at)
        return calls

    return hear


async def test_each_offer_says_by_which_message_it_ended(sign_in, heard) -> None:
    call = (await heard())[0]
    browser = await sign_in("supervisor")
    page = await browser.get(f"/calls/{call.id}/why")
    for text in ("Ann · 101 has answered", "It stops ringing at Bob · 102: someone else has taken",
                 "The queue Sales line has found an agent.", "Result: answered",
                 "Bob · 102 is part of the call: the PBX counts its channel to the same linkedid.",
                 "+44 20 7123 4567", "Message by message", "BridgeEnter", "AgentConnect",
                 "made the call what it is", f"ringbook journal export {call.id}"):  # fmt: skip
        assert text in page, text
    winner = next(o for o in call.offers if o.end is OfferEnd.ANSWERED)
    assert winner.extension == "101"
    assert "Stored otherwise" not in page
    story = await browser.get(f"/calls/{call.id}")
    assert f'href="/calls/{call.id}/why"' in story
    for offer in call.offers:
        assert f'href="/calls/{call.id}/why#part-{offer.id}"' in story
        assert f'id="part-{offer.id}"' in page


async def test_what_changed_nothing_is_counted_and_shown_on_demand(sign_in, heard) -> None:
    call = (await heard())[0]
    browser = await sign_in("supervisor")
    page = await browser.get(f"/calls/{call.id}/why")
    assert "Show them too" in page
    assert "Changed nothing." not in page
    everything = await browser.get(f"/calls/{call.id}/why?all=1")
    assert everything.count("timeline-item") > page.count("timeline-item")
    assert "Changed nothing." in everything


async def test_many_messages_are_on_several_pages(sign_in, heard, monkeypatch) -> None:
    monkeypatch.setattr(whys, "MOST_SHOWN", 20)
    call = (await heard())[0]
    browser = await sign_in("supervisor")
    page = await browser.get(f"/calls/{call.id}/why?from=x")
    seen = [re.findall(r'id="m(\d+)"', page)]
    while found := re.search(r'/why\?from=(\d+)"', page):
        page = await browser.get(f"/calls/{call.id}/why?from={found[1]}")
        seen.append(re.findall(r'id="m(\d+)"', page))
    numbers = [int(n) for one in seen for n in one]
    assert numbers == sorted(set(numbers))
    assert max(map(len, seen)) == 20
    assert re.search(r'/why\?from=(\d+)#m\1"', await browser.get(f"/calls/{call.id}/why"))
    monkeypatch.undo()
    whole = await browser.get(f"/calls/{call.id}/why")
    assert [int(n) for n in re.findall(r'id="m(\d+)"', whole)] == numbers


async def test_no_path_of_the_pbx_and_no_markup_of_a_caller_reach_the_page(sign_in, heard) -> None:
    page_of = [f"/calls/{call.id}/why?all=1" for call in await heard()]
    browser = await sign_in("agent", "zed")
    supervisor = await sign_in("supervisor")
    for address in page_of:
        page = await supervisor.get(address)
        assert "MIXMONITOR_FILENAME" in page
        assert "/monitor/" not in page
        assert 'style="' not in page
        assert (await browser.client.get(address)).status == 404  # not theirs


async def test_an_agent_sees_why_of_the_own_call(sign_in, database, settings) -> None:
    browser = await sign_in("agent")
    stage = await set_stage(database, [browser.user])
    call = told_calls(stage.pbx, STREAM)[0]
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    keep(settings, stage.pbx, STREAM, call.started_at)
    assert "has answered" in await browser.get(f"/calls/{call.id}/why")


async def test_the_rule_that_matched_and_the_colleague_who_decided(
    sign_in, heard, stage, database
) -> None:
    zoe = await add_customer(database, "Zoë <b>", NUMBER)
    found = match("public", [Candidate(customer=zoe, name="Zoë <b>", kind="person")])
    context = replace(stage.context(customer_id=zoe), why=found.why)
    call = (await heard(context=context))[0]
    browser = await sign_in("supervisor")
    address = f"/calls/{call.id}/why"
    assert "The number is Zoë &lt;b&gt;&#39;s alone." in await browser.get(address)
    async with database.writing() as session:
        await storage.calls.match_by_hand(session, call.id, None, by=stage.users[1])
    page = await browser.get(address)
    assert "A colleague said who was on the other side." in page
    assert "Bob" in page


async def test_a_call_without_a_journal_says_so(sign_in, stage, store, settings, heard) -> None:
    browser = await sign_in("supervisor")
    call = await store(Teller(stage.pbx).ended(), stage.context())
    page = await browser.get(f"/calls/{call.id}/why")
    assert "There is no journal of this PBX here" in page
    assert "Which rule matched was not kept with this call." in page
    await heard()
    assert "The journal holds nothing about this call" in await browser.get(f"/calls/{call.id}/why")
    past = datetime.now(UTC) - timedelta(days=settings.journal_days + 9)
    old = await store(Teller(stage.pbx, past, tag="9.0").ended(), stage.context())
    page = await browser.get(f"/calls/{old.id}/why")
    assert f"goes back {settings.journal_days} days" in page


async def test_an_erased_call_and_a_day_without_its_key_are_told_plainly(
    sign_in, heard, settings, database, stage
) -> None:
    first, second, _ = await heard()
    async with database.reading() as session:
        story = await storage.calls.get(session, first.id)
    assert blackbox.erase_call(settings, story) > 50
    browser = await sign_in("supervisor")
    page = await browser.get(f"/calls/{first.id}/why")
    assert "it was erased, or was never heard" in page
    assert "Message by message" not in page
    async with database.writing() as session:
        audit.record(session, "journal.erased", by=None, key=first.id)
    page = await browser.get(f"/calls/{first.id}/why")
    assert "The messages about this call were erased." in page
    assert "was never heard" not in page
    assert "has answered" in await browser.get(f"/calls/{second.id}/why")
    day = second.started_at.date().isoformat()
    erase_day(blackbox.folder(settings, stage.pbx), day, today="2030-01-01")
    page = await browser.get(f"/calls/{second.id}/why")
    assert f"Not read: the journal of {day} was erased." in page


async def test_a_recovered_call_says_that_it_was_told_from_the_books(
    sign_in, stage, store, database
) -> None:
    call = await store(Teller(stage.pbx).ended(), stage.context())
    async with database.writing() as session:
        await storage.recoveries.note(
            session, call.id, reason=storage.recoveries.Reason.RECONCILED, is_new=True,
            gap_id=None, uncertain=[], at=call.started_at,
        )  # fmt: skip
    browser = await sign_in("supervisor")
    page = await browser.get(f"/calls/{call.id}/why")
    assert "was told from the PBX's own books" in page


async def test_what_is_stored_otherwise_than_told_is_shown(sign_in, heard, database, stage) -> None:
    call = (await heard())[0]
    wrong = replace(call, result=CallResult.ABANDONED, revision=call.revision + 1)
    async with database.writing() as session:
        await storage.calls.save(session, wrong, context=stage.context())
    page = await (await sign_in("supervisor")).get(f"/calls/{call.id}/why")
    assert "Stored otherwise" in page
    assert "result: abandoned → answered" in page


async def test_a_call_in_progress_has_its_why(sign_in, stage, settings, database) -> None:
    call = told_calls(stage.pbx, STREAM)[0]
    live = replace(call, ended_at=None, result=None, legs=call.legs[:1])
    async with database.writing() as session:
        await storage.calls.save(session, live, context=stage.context())
    keep(settings, stage.pbx, STREAM, call.started_at)
    page = await (await sign_in("supervisor")).get(f"/calls/{call.id}/why")
    assert "comes into the queue Sales line" in page
    assert "Stored otherwise" not in page
