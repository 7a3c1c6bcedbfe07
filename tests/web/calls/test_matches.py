"""A wrong match is put right from the call's page: the call, its number, its like, the pops."""

from uuid import uuid4

import storage.numbers
from fixtures.calls import CALLER, Teller, add_customer, after
from pbx_bridge.matching import Level
from storage.calls import CallRecord


async def record(database, key) -> CallRecord:
    async with database.reading() as session:
        return await session.get_one(CallRecord, key)


async def numbers(database, customer) -> list[str]:
    async with database.reading() as session:
        return [one.e164 for one in await storage.numbers.of_customer(session, customer)]


async def test_an_unknown_caller_and_earlier_calls_become_the_chosen_customers(
    sign_in, stage, store, database, pops
) -> None:
    customer = await add_customer(database, "Zoë")
    earlier = await store(Teller(stage.pbx).ended(), stage.context())
    call = await store(Teller(stage.pbx, after(500), tag="2.0").ended(), stage.context())
    browser = await sign_in("supervisor")
    form = {"customer": str(customer), "number": "1"}
    response = await browser.post(f"/calls/{call.id}/customer", form)
    assert response.status == 303
    assert response.headers["Location"] == f"/calls/{call.id}"
    found = await record(database, call.id)
    assert (found.customer_id, found.matched_by_hand) == (customer, True)
    assert (await record(database, earlier.id)).customer_id == customer
    assert await numbers(database, customer) == [CALLER]
    assert pops.told == [("call_matched", (call.id,))]
    assert "1 earlier call followed." in await browser.get(f"/calls/{call.id}")


async def test_the_number_can_be_taken_from_whom_the_call_was_taken_for(
    sign_in, stage, store, database
) -> None:
    wrong = await add_customer(database, "Wrong", CALLER)
    right = await add_customer(database, "Right")
    call = await store(Teller(stage.pbx).ended(), stage.context(customer_id=wrong))
    browser = await sign_in("supervisor")
    form = {"customer": str(right), "number": "1", "take_away": "1"}
    await browser.post(f"/calls/{call.id}/customer", form)
    assert (await record(database, call.id)).customer_id == right
    assert (await numbers(database, wrong), await numbers(database, right)) == ([], [CALLER])


async def test_the_call_alone_can_be_put_right(sign_in, stage, store, database) -> None:
    wrong = await add_customer(database, "Wrong", CALLER)
    right = await add_customer(database, "Right")
    call = await store(Teller(stage.pbx).ended(), stage.context(customer_id=wrong))
    browser = await sign_in("supervisor")
    await browser.post(f"/calls/{call.id}/customer", {"customer": str(right)})
    assert (await record(database, call.id)).customer_id == right
    assert await numbers(database, right) == []
    await browser.post(f"/calls/{call.id}/customer", {"customer": "nobody"})
    found = await record(database, call.id)
    assert (found.customer_id, found.match) == (None, Level.UNKNOWN)


async def test_without_a_choice_nothing_changes(sign_in, stage, store, database, pops) -> None:
    customer = await add_customer(database, "Zoë")
    call = await store(Teller(stage.pbx).ended(), stage.context(customer_id=customer))
    browser = await sign_in("supervisor")
    for form in ({}, {"customer": "x"}, {"customer": ""}):
        response = await browser.post(f"/calls/{call.id}/customer", form)
        assert response.status == 303
    assert (await record(database, call.id)).customer_id == customer
    assert pops.told == []
    assert "Choose a customer first." in await browser.get(f"/calls/{call.id}")
    response = await browser.post(f"/calls/{call.id}/customer", {"customer": str(uuid4())})
    assert response.status == 404


async def test_an_agent_puts_right_only_what_they_may_see(sign_in, stage, store, database) -> None:
    customer = await add_customer(database, "Zoë")
    call = await store(Teller(stage.pbx).ended(), stage.context())
    browser = await sign_in("agent")
    response = await browser.post(f"/calls/{call.id}/customer", {"customer": str(customer)})
    assert response.status == 404
    assert (await record(database, call.id)).customer_id is None


async def test_candidates_are_found_by_name_and_number(sign_in, stage, store, database) -> None:
    customer = await add_customer(database, "Zoë <Brown>", CALLER)
    call = await store(Teller(stage.pbx).ended(), stage.context())
    browser = await sign_in("supervisor")
    for text in ("brow", "020 7123 4567"):
        found = await browser.get(f"/calls/{call.id}/candidates", params={"q": text})
        assert f'value="{customer}"' in found
        assert "Zoë &lt;Brown&gt;" in found
    assert "Nobody fits this." in await browser.get(f"/calls/{call.id}/candidates?q=xyz")
    assert "Nobody" not in await browser.get(f"/calls/{call.id}/candidates")
