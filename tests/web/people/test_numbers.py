"""Numbers are added and taken away on the card; a caller is attached in one step."""

from sqlalchemy import select

import storage.calls
from fixtures.calls import CALLER, Teller, set_stage
from storage.calls import CallRecord
from storage.database import Database
from storage.numbers import Number


async def numbers(database: Database) -> list[Number]:
    async with database.reading() as session:
        return list(await session.scalars(select(Number).order_by(Number.id)))


async def a_call(database: Database, tag: str = "1.0") -> CallRecord:
    stage = await set_stage(database)
    call = Teller(stage.pbx, tag=tag).abandoned()
    async with database.writing() as session:
        await storage.calls.save(session, call, context=stage.context())
    return call


async def test_a_number_is_added_and_its_earlier_call_follows(
    sign_in, database: Database, add, pops
) -> None:
    call = await a_call(database)
    erika = await add("Erika")
    agent = await sign_in("agent")
    form = {"number": "020 7123 4567", "label": "office"}
    response = await agent.post(f"/customers/{erika.id}/numbers", form)
    assert response.headers["Location"] == f"/customers/{erika.id}#numbers"
    [number] = await numbers(database)
    assert (number.e164, number.label) == (CALLER, "office")
    assert "one earlier call followed" in await agent.get(f"/customers/{erika.id}")
    async with database.reading() as session:
        assert (await session.get_one(CallRecord, call.id)).customer_id == erika.id
    assert pops.told == [("customer_changed", (erika.id,))]


async def test_what_is_no_number_comes_back_with_a_sentence(
    sign_in, database: Database, add
) -> None:
    erika = await add("Erika", CALLER)
    agent = await sign_in("agent")
    for typed, status, sentence in (
        ("101", 422, "101 is an internal number"),
        ("", 422, "A number is needed."),
        ("020 7123 4567", 409, "Erika already has the number"),
        ("x" * 81, 422, "At most 80 characters"),
    ):
        response = await agent.post(f"/customers/{erika.id}/numbers", {"number": typed})
        assert (response.status, sentence in await response.text()) == (status, True), typed
    response = await agent.post(
        f"/customers/{erika.id}/numbers", {"number": "101"}, headers={"Accept": "application/json"}
    )
    assert "internal number" in (await response.json())["errors"]["number"]
    assert len(await numbers(database)) == 1


async def test_a_caller_is_attached_to_a_customer_in_one_step(
    sign_in, database: Database, add, pops
) -> None:
    call = await a_call(database)
    await add("Max", CALLER)
    erika = await add("Erika")
    agent = await sign_in("agent")
    response = await agent.post(
        f"/customers/{erika.id}/numbers",
        {"call": str(call.id), "number": CALLER, "remember": "1"},
        headers={"Accept": "application/json"},
    )
    assert response.status == 201
    assert (await response.json())["followed"] == 0
    async with database.reading() as session:
        assert (await session.get_one(CallRecord, call.id)).customer_id == erika.id
    theirs = [one for one in await numbers(database) if one.customer_id == erika.id]
    assert [one.chosen_at is not None for one in theirs] == [True]
    assert pops.told == [("call_matched", (call.id,)), ("customer_changed", (erika.id,))]


async def test_a_number_is_taken_away(sign_in, database: Database, add) -> None:
    erika = await add("Erika", CALLER)
    [number] = await numbers(database)
    agent = await sign_in("agent")
    response = await agent.post(f"/customers/{erika.id}/numbers/{number.id}/delete")
    assert response.status == 303
    assert await numbers(database) == []
    response = await agent.post(f"/customers/{erika.id}/numbers/{number.id}/delete")
    assert response.status == 404


async def test_a_number_of_someone_else_is_not_touched(sign_in, database: Database, add) -> None:
    await add("Erika", CALLER)
    other = await add("Max")
    [number] = await numbers(database)
    agent = await sign_in("agent")
    for act in ("delete", "choices", "choices/delete"):
        response = await agent.post(f"/customers/{other.id}/numbers/{number.id}/{act}")
        assert response.status == 404
    assert len(await numbers(database)) == 1


async def test_a_shared_number_can_be_given_to_one_and_back(
    sign_in, database: Database, add
) -> None:
    erika = await add("Erika", CALLER)
    await add("Max", CALLER)
    [number] = [one for one in await numbers(database) if one.customer_id == erika.id]
    agent = await sign_in("agent")
    await agent.post(f"/customers/{erika.id}/numbers/{number.id}/choices")
    assert "Calls from it open this customer" in await agent.get(f"/customers/{erika.id}")
    await agent.post(f"/customers/{erika.id}/numbers/{number.id}/choices/delete")
    assert "Calls from it open this customer" not in await agent.get(f"/customers/{erika.id}")
