"""Promises are given, kept and broken on the card."""

from sqlalchemy import select

from storage.database import Database
from storage.promises import Promise

JSON = {"Accept": "application/json"}


async def only_promise(database: Database) -> Promise:
    async with database.reading() as session:
        return (await session.scalars(select(Promise))).one()


async def test_a_promise_is_given_and_kept_once(sign_in, database: Database, add, pops) -> None:
    erika = await add("Erika")
    agent = await sign_in("agent")
    form = {"text": "call back", "due_on": "2030-01-31"}
    response = await agent.post(f"/customers/{erika.id}/promises", form)
    assert response.headers["Location"] == f"/customers/{erika.id}#promises"
    promise = await only_promise(database)
    assert "31 Jan 2030" in await agent.get(f"/customers/{erika.id}")
    response = await agent.post(f"/promises/{promise.id}/keepings")
    assert response.status == 303
    assert (await only_promise(database)).kept_at is not None
    response = await agent.post(f"/promises/{promise.id}/breaks")
    assert response.status == 409
    assert pops.told == [("customer_changed", (erika.id,))] * 2


async def test_a_broken_promise_stays_in_the_history(sign_in, database: Database, add) -> None:
    erika = await add("Erika")
    agent = await sign_in("agent")
    form = {"text": "call back", "due_on": "2030-01-31"}
    response = await agent.post(f"/customers/{erika.id}/promises", form, headers=JSON)
    assert response.status == 201
    key = (await response.json())["id"]
    response = await agent.post(f"/promises/{key}/breaks", headers=JSON)
    assert response.status == 200
    page = await agent.get(f"/customers/{erika.id}")
    assert "Broken" in page
    assert "Nothing is promised." in page


async def test_a_promise_without_a_day_or_text_comes_back(sign_in, add) -> None:
    erika = await add("Erika")
    agent = await sign_in("agent")
    response = await agent.post(f"/customers/{erika.id}/promises", {"text": "call", "due_on": "x"})
    page = await response.text()
    assert response.status == 422
    assert "This is no date." in page
    assert 'value="call"' in page
    response = await agent.post(
        f"/customers/{erika.id}/promises", {"due_on": "2030-01-31"}, headers=JSON
    )
    assert await response.json() == {"errors": {"text": "This is needed."}}
