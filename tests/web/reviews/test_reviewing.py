"""A call is rated by a supervisor, given to its agent, answered, appealed and decided."""

import json
import re
from uuid import UUID

import storage.calls
import storage.reviews
from fixtures.calls import NOW, Teller
from fixtures.scorecards import GOOD
from storage.reviews import ReviewKind
from web import filters

JSON = {"Accept": "application/json"}


async def one(room, key):
    async with room.database.reading() as session:
        return await storage.reviews.get(session, key)


async def begun(room) -> str:
    """Sue begins from the call's page; gives where the review is."""
    page = await room.sue.get(f"/calls/{room.call.id}")
    assert "Review Kim" in page
    answer = await room.sue.post(f"/calls/{room.call.id}/reviews")
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


def marks(answers: dict[str, str] = GOOD) -> dict[str, str]:
    return {f"{item}.mark": mark for item, mark in answers.items()}


async def released(room, answers: dict[str, str] = GOOD) -> str:
    """Sue rates and releases; gives the address of the agent's page."""
    path = await begun(room)
    answer = await room.sue.post(path, marks(answers) | {"deed": "release"})
    assert answer.status == 303, await answer.text()
    return path.replace("/reviews/", "/reviews/mine/")


async def test_marks_are_stored_as_they_are_made_and_the_score_is_told(room) -> None:
    path = await begun(room)
    answer = await room.sue.post(path, {"i1.mark": "yes", "i1.seen": "0"}, headers=JSON)
    assert await answer.json() == {
        "versions": {"i1": 1}, "score": "100.0 %", "failed": [], "missing": 2,
        "sections": {"s1": "100.0 %", "s2": filters.NOTHING}, "errors": {}, "theirs": {},
    }  # fmt: skip
    answer = await room.sue.post(path, {"i3.mark": "no"}, headers=JSON)
    told = await answer.json()
    assert (told["score"], told["failed"]) == ("0.0 %", ["Said that it is recorded"])
    answer = await room.sue.post(path, {"i2.mark": "9"}, headers=JSON)
    assert answer.status == 422
    assert "no such mark" in json.dumps(await answer.json())
    note = {"whole.note": "<b>Well</b> done", "whole.at": "83", "whole.seen": "0"}
    assert (await room.sue.post(path, note, headers=JSON)).status == 200
    page = await room.sue.get(path)
    assert "&lt;b&gt;Well&lt;/b&gt; done" in page
    assert f'href="/calls/{room.call.id}?t=83.0"' in page
    assert re.search(r'name="i3.mark" value="no" checked', page)


async def test_a_colleague_who_was_first_is_shown_and_nothing_is_overwritten(room, sign_in) -> None:
    path = await begun(room)
    tom = await sign_in("administrator", "tom")
    review = await room.begin()
    async with room.database.writing() as session:
        await storage.reviews.say(
            session, review.id, "i1", storage.reviews.Said("no", "Not at all"),
            seen=0, by=tom.user.id, now=NOW,
        )  # fmt: skip
    answer = await room.sue.post(path, {"i1.mark": "yes", "i1.seen": "0"}, headers=JSON)
    told = await answer.json()
    assert answer.status == 409
    assert told["theirs"]["i1"] == {
        "mark": "no", "note": "Not at all", "at": None, "version": 1, "by": "Tom",
    }  # fmt: skip
    answer = await room.sue.post(path, {"i1.mark": "yes", "i1.seen": "1"}, headers=JSON)
    assert (answer.status, (await answer.json())["versions"]) == (200, {"i1": 2})


async def test_what_is_not_rated_is_named_and_nothing_is_lost(room) -> None:
    path = await begun(room)
    answer = await room.sue.post(path, {"i1.mark": "yes", "deed": "submit"})
    page = await answer.text()
    assert answer.status == 422
    assert page.count("This is not rated yet.") >= 2
    assert re.search(r'name="i1.mark" value="yes" checked', page)


async def test_the_agent_sees_nothing_before_it_is_released_and_nobody_elses(room, sign_in) -> None:
    path = await begun(room)
    own = path.replace("/reviews/", "/reviews/mine/")
    assert (await room.kim.client.get(path)).status == 403
    assert (await room.kim.client.get(own)).status == 404
    await room.sue.post(path, marks() | {"deed": "submit"})
    assert (await room.kim.client.get(own)).status == 404
    assert "No review has been released" in await room.kim.get("/reviews/mine")
    await room.sue.post(f"{path}/releases")
    page = await room.kim.get(own)
    assert "81.3 %" in page
    assert "Greeted by name" in page
    lou = await sign_in("agent", "kay")
    assert (await lou.client.get(own)).status == 404
    assert (await one(room, UUID(path.rpartition("/")[2]))).read_at
    assert "Review of your part" in await room.kim.get(f"/calls/{room.call.id}")


async def test_a_supervisor_reaches_their_team_and_no_further(room, sign_in) -> None:
    path = await begun(room)
    tom = await sign_in("supervisor", "tom")
    assert (await tom.client.get(path)).status == 404
    assert (await tom.post(f"/calls/{room.call.id}/reviews")).status == 404
    assert path.rpartition("/")[2] not in await tom.get("/reviews/list")
    assert path.rpartition("/")[2] in await room.sue.get("/reviews/list?state=draft&agent=x")
    assert "No reviews yet" in await room.sue.get("/reviews/list?state=released")


async def test_an_appeal_is_decided_with_a_new_revision(room) -> None:
    own = await released(room)
    path = own.replace("/mine/", "/")
    answer = await room.kim.post(f"{own}/answers", {"answer": "Thanks"})
    assert answer.status == 303
    assert (await room.kim.post(f"{own}/appeals", {"reason": " "})).status == 422
    await room.kim.post(f"{own}/appeals", {"reason": "I did find the need"})
    page = await room.sue.get(path)
    assert "I did find the need" in page
    assert "Thanks" in page
    await room.sue.post(path, {"i2.mark": "5"}, headers=JSON)
    assert "81.3 %" in await room.kim.get(own)  # what was given, until it is decided
    empty = await room.sue.post(f"{path}/decisions", {"granted": "yes", "decision": ""})
    assert (empty.status, "Say why" in await empty.text()) == (422, True)
    await room.sue.post(f"{path}/decisions", {"granted": "yes", "decision": "You are right"})
    page = await room.kim.get(own)
    assert "100.0 %" in page
    assert "You are right" in page
    assert "Revision 2" in page
    assert 'name="reason"' in page  # each revision can be appealed once


async def test_the_agents_own_review_stands_beside(room) -> None:
    answer = await room.kim.post(f"/calls/{room.call.id}/own-reviews")
    mine = answer.headers["Location"]
    assert "Rate yourself" not in await room.kim.get(f"/calls/{room.call.id}")
    await room.kim.post(
        mine, marks(GOOD | {"i1": "no"}) | {"i1.note": "I forgot", "deed": "submit"}
    )
    assert (await room.sue.client.get(mine.replace("/mine/", "/"))).status == 200
    path = await begun(room)
    assert "I forgot" not in await room.sue.get(path)  # not before one's own verdict
    await room.sue.post(path, marks() | {"deed": "submit"})
    assert "I forgot" in await room.sue.get(path)
    await room.sue.post(f"{path}/releases")
    again = await room.kim.post(f"/calls/{room.call.id}/own-reviews")
    assert again.status == 422
    page = await room.kim.get("/reviews/mine")
    assert page.count(f"/calls/{room.call.id}") == 0
    assert mine in page


async def test_nobody_reviews_themselves(room, database) -> None:
    call = Teller(room.stage.pbx, tag="7.1").ended(by="103")
    async with database.writing() as session:
        await storage.calls.save(session, call, context=room.stage.context())
    answer = await room.sue.post(f"/calls/{call.id}/reviews")
    assert (answer.status, "of their own" in await answer.text()) == (422, True)


async def test_a_task_for_the_agent_comes_of_it_and_stands_on_their_day(room, pops) -> None:
    path = (await released(room)).replace("/mine/", "/")
    assert (await room.sue.post(f"{path}/tasks", {"title": " "})).status == 422
    await room.sue.post(f"{path}/tasks", {"title": "Listen to call 7 again"})
    assert "Listen to call 7 again" in await room.sue.get(path)
    assert "Listen to call 7 again" in await room.kim.get("/day")
    assert pops.told[-1] == ("day_changed", ())


async def test_a_review_is_reopened_until_it_is_released(room) -> None:
    path = await begun(room)
    await room.sue.post(path, marks() | {"deed": "submit"})
    await room.sue.post(f"{path}/reopenings")
    assert 'name="deed" value="submit"' in await room.sue.get(path)
    await room.sue.post(path, {"deed": "release"})
    assert (await room.sue.post(f"{path}/reopenings")).status == 422
    async with room.database.reading() as session:
        [review] = await storage.reviews.of_call(session, room.call.id)
    assert (review.kind, review.revision) == (ReviewKind.SUPERVISOR, 1)
