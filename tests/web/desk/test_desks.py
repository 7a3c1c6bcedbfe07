"""The desk's page without its script: what an agent has to do."""

from datetime import UTC, datetime, timedelta

import storage.calls
import storage.promises
from fixtures.calls import Teller, add_customer
from storage.outcomes import Outcome

EVIL = "<script>alert(1)</script>{{ 7*7 }}"


async def promise(desk, customer, text: str, *, days: int, by=None) -> None:
    async with desk.database.writing() as session:
        await storage.promises.add(
            session, customer, text, due_on=datetime.now(UTC).date() + timedelta(days=days),
            by=by or desk.ann.user.id, now=datetime.now(UTC),
        )  # fmt: skip


async def test_the_desk_lists_what_is_not_wrapped_up(desk) -> None:
    erika = await add_customer(desk.database, "Erika Muster")
    call = await desk.call(customer=erika)
    page = await desk.ann.get("/desk")
    assert "Not wrapped up" in page
    assert "Erika Muster" in page
    assert f"/desk/calls/{call.id}/wrap-up" in page


async def test_a_colleagues_call_is_not_on_my_desk(desk) -> None:
    call = await desk.call(by="102")
    assert str(call.id) in await desk.bob.get("/desk")
    theirs = await desk.ann.get("/desk")
    assert "Not wrapped up" not in theirs


async def test_a_call_that_never_rang_here_is_not_listed(desk) -> None:
    call = await desk.call(tell=lambda t: Teller(t.pbx, t.start, tag=t.tag, rings=1).ended("101"))
    assert str(call.id) in await desk.ann.get("/desk")
    assert str(call.id) not in await desk.bob.get("/desk")


async def test_a_call_that_only_rang_here_is_not_to_be_wrapped_up_but_listed(desk) -> None:
    call = await desk.call(tell=Teller.abandoned)
    page = await desk.ann.get("/desk")
    assert "Not wrapped up" not in page
    assert f"/calls/{call.id}" in page
    assert "not answered" in page


async def test_the_desk_lists_my_promises_that_are_due(desk) -> None:
    erika = await add_customer(desk.database, "Erika Muster")
    await promise(desk, erika, "send the offer", days=-1)
    await promise(desk, erika, "call back next week", days=7)
    await promise(desk, erika, "bob's own matter", days=0, by=desk.bob.user.id)
    page = await desk.ann.get("/desk")
    assert "send the offer" in page
    assert "overdue since" in page
    assert "call back next week" not in page
    assert "own matter" not in page


async def test_strangers_texts_are_text_on_the_desk(desk) -> None:
    customer = await add_customer(desk.database, EVIL)
    await desk.call(customer=customer)
    await promise(desk, customer, EVIL, days=0)
    page = await desk.ann.get("/desk")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "49" not in page.split("&lt;script&gt;alert(1)")[1][:30]


async def test_an_agent_without_a_phone_is_told_so(desk) -> None:
    assert "No phone is assigned to you" in await desk.ann.get("/desk")


async def test_the_choices_of_the_wrap_up_are_those_that_can_be_chosen(desk) -> None:
    async with desk.database.writing() as session:
        outcome = await session.get_one(Outcome, desk.stage.outcome)
        outcome.active = False
    assert "Order placed" not in await desk.ann.get("/desk")


async def test_the_lists_can_be_drawn_again_alone(desk) -> None:
    call = await desk.call()
    async with desk.database.writing() as session:
        await storage.calls.wrap_up(
            session, call.id, user_id=desk.ann.user.id, outcome_id=desk.stage.outcome, note="",
            by=desk.ann.user.id,
        )  # fmt: skip
    page = await desk.ann.get("/desk/side")
    assert "<html" not in page
    assert "Order placed" in page
    assert "Not wrapped up" not in page
    assert "1 talked, 1 rang" in " ".join(page.split())


async def test_a_stranger_sees_no_desk(stranger) -> None:
    response = await stranger.client.get("/desk", allow_redirects=False)
    assert response.status == 303
    assert "/login" in response.headers["Location"]
