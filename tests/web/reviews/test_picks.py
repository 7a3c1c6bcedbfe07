"""Rules are made on a page, fill the list, and calls of it are taken, skipped and given back."""

import asyncio
import re

import storage.picks
import storage.reviews
from fixtures.calls import NOW, Teller
from fixtures.scorecards import GOOD
from storage.rules.picks import RuleKind

LONG = {"kind": "talk", "name": "Long <b>talks</b>", "limit": "30", "active": "1"}


async def filled(room, monkeypatch) -> str:
    """A rule that picks Kim's call; gives the address of the pick."""
    import web.picking

    class Clock:
        @staticmethod
        def now(_zone) -> object:
            return NOW.replace(hour=23)

    monkeypatch.setattr(web.picking, "datetime", Clock)
    assert (await room.sue.post("/reviews/rules", LONG)).status == 303
    assert (await room.sue.post("/reviews/picks/looks")).status == 303
    page = await room.sue.get("/reviews/picks")
    async with asyncio.timeout(60):
        while "Rules look for calls now" in page:  # a thread is at it
            await asyncio.sleep(0.02)
            page = await room.sue.get("/reviews/picks")
    assert "1 call is new here." in page
    return re.search(r'action="(/reviews/picks/[^"]+)/takings"', page)[1]


async def test_a_call_tells_why_it_is_here_and_only_those_within_reach_see_it(
    room, monkeypatch, sign_in
) -> None:
    await filled(room, monkeypatch)
    page = await room.sue.get("/reviews/picks")
    assert "Long &lt;b&gt;talks&lt;/b&gt;" in page
    assert "talked for 1:01, from 0:30 on" in page
    tom = await sign_in("supervisor", "tom")
    assert "Nothing waits for a review" in await tom.get("/reviews/picks")
    assert "Nothing here yet" in await room.sue.get("/reviews/picks?state=done")


async def test_who_takes_a_call_reviews_it_and_it_is_done_when_that_is_submitted(
    room, monkeypatch
) -> None:
    path = await filled(room, monkeypatch)
    answer = await room.sue.post(f"{path}/takings")
    review = answer.headers["Location"]
    assert "Why this call" in await room.sue.get(review)
    again = await room.sue.post(f"{path}/takings")
    assert again.headers["Location"] == review
    await room.sue.post(review, {f"{item}.mark": mark for item, mark in GOOD.items()})
    await room.sue.post(review, {"deed": "submit"})
    assert review in await room.sue.get("/reviews/picks?state=done")
    await room.sue.post(f"{review}/reopenings")
    assert review not in await room.sue.get("/reviews/picks?state=done")


async def test_two_do_not_take_the_same_and_what_is_skipped_says_why(
    room, monkeypatch, sign_in
) -> None:
    path = await filled(room, monkeypatch)
    tom = await sign_in("supervisor", "tom")
    async with room.database.writing() as session:
        [line] = await storage.picks.listed(session, [storage.picks.PickState.OPEN], reach=None)
        await storage.picks.take(session, line.pick.id, by=tom.user.id, now=NOW)
    answer = await room.sue.post(f"{path}/takings")
    assert (answer.status, "Tom has taken this" in await answer.text()) == (409, True)
    await room.sue.post(f"{path}/returns")
    assert (await room.sue.post(f"{path}/skips", {"reason": ""})).status == 303
    assert "Skip this call" in await room.sue.get("/reviews/picks")
    await room.sue.post(f"{path}/skips", {"reason": "=A test call"})
    assert "=A test call" in await room.sue.get("/reviews/picks?state=skipped")


async def test_a_rule_is_edited_by_one_at_a_time_and_says_what_is_missing(room) -> None:
    for kind in RuleKind:
        assert 'id="rule-form"' in await room.sue.get(f"/reviews/rules?kind={kind}")
    empty = await room.sue.post("/reviews/rules", {"kind": "outcome", "name": "x"})
    assert (empty.status, "Choose the outcomes" in await empty.text()) == (422, True)
    await room.sue.post("/reviews/rules", LONG)
    page = await room.sue.get("/reviews/rules")
    path = re.search(r'href="(/reviews/rules/[0-9a-f-]{36})"', page)[1]
    assert 'name="version" value="1"' in await room.sue.get(path)
    await room.sue.post(path, LONG | {"version": "1", "limit": "45", "active": ""})
    assert "Rests" in await room.sue.get("/reviews/rules")
    late = await room.sue.post(path, LONG | {"version": "1", "name": "Mine"})
    page = await late.text()
    assert (late.status, "A colleague has changed this rule" in page) == (409, True)
    assert 'value="Mine"' in page
    assert 'name="version" value="2"' in page
    await room.sue.post(f"{path}/removals")
    assert "No rules yet" in await room.sue.get("/reviews/rules")


async def test_several_agents_of_a_call_are_reviewed_one_by_one(room, database) -> None:
    """Lou talked first, Kim after her: whom one means is to be said."""
    call = Teller(room.stage.pbx, tag="8.1").ended()
    async with database.writing() as session:
        await storage.calls.save(session, call, context=room.stage.context())
        await session.execute(
            storage.calls.CallAgent.__table__.update()
            .where(storage.calls.CallAgent.call_id == call.id)
            .values(talked=True)
        )
    unsaid = await room.sue.post(f"/calls/{call.id}/reviews")
    assert (unsaid.status, "choose whom" in await unsaid.text()) == (422, True)
    answer = await room.sue.post(f"/calls/{call.id}/reviews", {"agent": str(room.kim.user.id)})
    assert answer.status == 303
    async with database.reading() as session:
        [review] = await storage.reviews.of_call(session, call.id)
    assert review.agent_id == room.kim.user.id
