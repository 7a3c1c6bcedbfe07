"""What agents may ask of the queues; what comes of it is told by the PBX alone."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

import storage.agents
import storage.pause_reasons
from storage.errors import Refused
from web.keys import Deed

JSON = {"Accept": "application/json"}


@pytest.fixture
async def lunch(database):
    now = datetime.now(UTC)
    async with database.writing() as session:
        made = await storage.pause_reasons.create(session, "Lunch", now=now, by=None)
        closed = await storage.pause_reasons.create(session, "Old", now=now, by=None)
        await storage.pause_reasons.change(session, closed.id, name="Old", active=False, by=None)
    return made, closed


async def told(response) -> dict:
    return {"status": response.status, **(await response.json())}


async def test_a_pause_is_asked_for_with_the_words_of_its_reason(sign_in, pops, lunch) -> None:
    ann = await sign_in("agent", name="Ann")
    fields = {"reason": str(lunch[0].id)}
    response = await ann.post("/desk/presence/pauses", fields, headers=JSON)
    assert await told(response) == {"status": 200, "done": "The telephone system was asked."}
    assert pops.presences.asked == [(ann.user.id, "Ann", Deed(what="pause", reason="Lunch"))]
    pbx = uuid4()
    fields |= {"pbx": str(pbx), "queue": "sales"}
    assert (await ann.post("/desk/presence/pauses", fields)).status == 303
    assert pops.presences.asked[1][2] == Deed(
        what="pause", reason="Lunch", pbx_id=pbx, queue="sales"
    )


async def test_a_pause_needs_a_reason_that_can_be_chosen(sign_in, pops, lunch) -> None:
    ann = await sign_in("agent")
    for reason, status in (("", 422), (str(lunch[1].id), 404), (str(uuid4()), 404), ("x", 422)):
        response = await ann.post("/desk/presence/pauses", {"reason": reason}, headers=JSON)
        answer = await told(response)
        assert (answer["status"], list(answer["errors"].values()) != [""]) == (status, True), reason
    assert pops.presences.asked == []


async def test_where_the_company_keeps_no_reasons_none_is_needed(sign_in, pops) -> None:
    ann = await sign_in("agent")
    assert (await ann.post("/desk/presence/pauses", {}, headers=JSON)).status == 200
    assert pops.presences.asked[0][2] == Deed(what="pause")


@pytest.mark.parametrize(
    ("path", "what"), [("returns", "resume"), ("log-ins", "join"), ("log-outs", "leave")]
)
async def test_queues_are_named_as_the_pbx_names_them(sign_in, pops, path: str, what: str) -> None:
    ann, pbx = await sign_in("agent"), uuid4()
    fields = {"pbx": str(pbx), "queue": "sales"}
    assert (await ann.post(f"/desk/presence/{path}", fields, headers=JSON)).status == 200
    assert pops.presences.asked[0][2] == Deed(what=what, pbx_id=pbx, queue="sales")
    empty = await ann.post(f"/desk/presence/{path}", {}, headers=JSON)
    assert empty.status == (200 if what == "resume" else 422)
    odd = await ann.post(f"/desk/presence/{path}", {"pbx": "x", "queue": "s"}, headers=JSON)
    assert odd.status == 422


async def test_what_the_pbx_refuses_is_a_sentence(sign_in, pops) -> None:
    ann = await sign_in("agent")
    pops.presences.refuses = Refused("You are in no queue.")
    response = await ann.post("/desk/presence/returns", {}, headers=JSON)
    assert await told(response) == {"status": 422, "errors": {"": "You are in no queue."}}
    plain = await ann.post("/desk/presence/returns", {})
    assert (plain.status, plain.headers["Location"]) == (303, "/desk")


async def test_the_desk_offers_the_reasons_that_can_be_chosen(desk, lunch) -> None:
    assert 'id="presence"' not in await desk.ann.get("/desk")  # no phone, no queues
    async with desk.database.writing() as session:
        await storage.agents.create(
            session, user_id=desk.ann.user.id, pbx_id=desk.stage.pbx, extension="101",
            now=datetime.now(UTC), by=None,
        )  # fmt: skip
    page = await desk.ann.get("/desk")
    assert "Lunch" in page
    assert ">Old<" not in page


async def test_whom_a_call_can_be_sent_to_shows_who_takes_none(desk, pops) -> None:
    async with desk.database.writing() as session:
        for user, extension in ((desk.ann.user, "101"), (desk.bob.user, "102")):
            await storage.agents.create(
                session, user_id=user.id, pbx_id=desk.stage.pbx, extension=extension,
                now=datetime.now(UTC), by=None,
            )  # fmt: skip
    for told, shown in (("paused", "paused"), ("wrap_up", "wrap_up"), ("offline", "idle")):
        pops.presences.states[desk.bob.user.id] = told
        response = await desk.ann.client.get("/desk/others")
        [bob] = (await response.json())["phones"]
        assert (bob["value"], bob["state"]) == ("102", shown)
