"""New, edit, close: forms keep what was typed, and nobody overwrites a colleague unseen."""

from uuid import UUID

from sqlalchemy import select, update

import storage.calls
from fixtures.calls import CALLER, Teller, set_stage
from pbx_bridge.matching import Level
from storage.calls import CallRecord
from storage.customers import Customer
from storage.database import Database
from storage.numbers import Number


async def only_customer(database: Database) -> Customer:
    async with database.reading() as session:
        return (await session.scalars(select(Customer))).one()


async def a_call(database: Database, *tags: str) -> list[UUID]:
    stage = await set_stage(database)
    calls = [Teller(stage.pbx, tag=tag).abandoned() for tag in tags]
    async with database.writing() as session:
        for call in calls:
            await storage.calls.save(session, call, context=stage.context())
    return [call.id for call in calls]


async def test_an_agent_adds_a_customer_with_a_number(sign_in, database: Database, pops) -> None:
    agent = await sign_in("agent")
    form = {"name": "Erika Mustermann", "kind": "person", "number": "020 7946 0018", "label": "m"}
    response = await agent.post("/customers", form)
    customer = await only_customer(database)
    assert response.status == 303
    assert response.headers["Location"] == f"/customers/{customer.id}"
    assert pops.told == [("customer_changed", (customer.id,))]
    page = await agent.get(f"/customers/{customer.id}")
    assert "Erika Mustermann is a customer now." in page
    assert "+44 20 7946 0018" in page


async def test_a_form_with_a_mistake_comes_back_with_a_sentence_and_what_was_typed(
    sign_in, database: Database
) -> None:
    agent = await sign_in("agent")
    form = {"name": "Erika", "number": "12 34 56", "email": "no address", "about": "<b>likes</b>"}
    response = await agent.post("/customers", form)
    page = await response.text()
    assert response.status == 422
    assert "This is no e-mail address." in page
    assert "&lt;b&gt;likes&lt;/b&gt;" in page
    response = await agent.post("/customers", form | {"email": ""})
    page = await response.text()
    assert response.status == 422
    assert "is no phone number" in page
    assert 'value="12 34 56"' in page
    response = await agent.post("/customers", {"name": " "})
    assert "This is needed." in await response.text()
    async with database.reading() as session:
        assert (await session.scalars(select(Customer))).all() == []


async def test_an_unknown_caller_becomes_a_customer_in_one_step(
    sign_in, database: Database, pops
) -> None:
    earlier, call = await a_call(database, "1.0", "2.0")
    agent = await sign_in("agent")
    response = await agent.post(
        "/customers",
        {"name": "Erika", "number": CALLER, "call": str(call)},
        headers={"Accept": "application/json"},
    )
    customer = await only_customer(database)
    assert response.status == 201
    assert await response.json() == {"id": str(customer.id), "name": "Erika", "kind": "person"}
    async with database.reading() as session:
        rows = {row.id: row for row in await session.scalars(select(CallRecord))}
        assert (await session.scalars(select(Number.e164))).all() == [CALLER]
    assert (rows[call].customer_id, rows[call].match) == (customer.id, Level.KNOWN)
    assert rows[earlier].customer_id == customer.id
    assert ("call_matched", (call,)) in pops.told


async def test_the_desk_gets_its_mistakes_as_data(sign_in) -> None:
    agent = await sign_in("agent")
    json = {"Accept": "application/json"}
    response = await agent.post("/customers", {"name": "", "call": "x"}, headers=json)
    assert response.status == 422
    errors = (await response.json())["errors"]
    assert errors == {"name": "This is needed.", "call": "This cannot be used here."}


async def test_a_form_begun_from_a_caller_is_filled(sign_in) -> None:
    agent = await sign_in("agent")
    page = await agent.get("/customers/new?number=%2B442079460018&name=Erika")
    assert 'value="+442079460018"' in page
    assert 'value="Erika"' in page


async def test_an_edit_is_saved(sign_in, database: Database, add, pops) -> None:
    customer = await add("Erika", "020 7946 0018")
    agent = await sign_in("agent")
    page = await agent.get(f"/customers/{customer.id}/edit")
    assert 'name="version" value="1"' in page
    assert "+44 20 7946 0018" in page
    form = {"name": "Erika Neu", "kind": "person", "version": "1", "address_as": "Dr Neu"}
    response = await agent.post(f"/customers/{customer.id}", form)
    saved = await only_customer(database)
    assert (response.status, saved.name, saved.address_as) == (303, "Erika Neu", "Dr Neu")
    assert pops.told == [("customer_changed", (customer.id,))]


async def test_the_second_of_two_edits_shows_both_texts_and_can_be_saved_then(
    sign_in, database: Database, add
) -> None:
    customer = await add("Erika")
    agent = await sign_in("agent")
    first = {"name": "Erika", "about": "theirs", "version": "1"}
    second = {"name": "Erika", "about": "mine", "version": "1"}
    await agent.post(f"/customers/{customer.id}", first)
    response = await agent.post(f"/customers/{customer.id}", second)
    page = await response.text()
    assert response.status == 409
    assert "Your colleague saved: “theirs”" in page
    assert ">mine</textarea>" in page
    assert 'name="version" value="2"' in page
    response = await agent.post(f"/customers/{customer.id}", second | {"version": "2"})
    assert response.status == 303
    assert (await only_customer(database)).about == "mine"


async def test_where_a_customer_stands_is_edited_shown_and_compared(
    sign_in, database: Database, add
) -> None:
    customer = await add("Erika")
    agent = await sign_in("agent")
    path = f"/customers/{customer.id}"
    assert (await agent.post(path, {"name": "Erika", "version": "1", "lifecycle": "loyal"})).ok
    assert "Loyal customer" in await agent.get(path)
    assert 'value="loyal" selected' in await agent.get(f"{path}/edit")
    response = await agent.post(path, {"name": "Erika", "version": "1", "lifecycle": "former"})
    assert response.status == 409
    assert "Your colleague saved: “Loyal customer”" in await response.text()
    response = await agent.post(path, {"name": "Erika", "version": "2", "lifecycle": "friend"})
    assert response.status == 422
    assert "This cannot be used here." in await response.text()
    await agent.post(path, {"name": "Erika", "version": "2", "lifecycle": ""})
    assert (await only_customer(database)).lifecycle is None


async def test_an_edit_with_a_mistake_comes_back(sign_in, add) -> None:
    customer = await add("Erika")
    agent = await sign_in("agent")
    form = {"name": "x" * 201, "version": "1"}
    response = await agent.post(f"/customers/{customer.id}", form)
    assert response.status == 422
    assert "At most 200 characters fit here." in await response.text()


async def test_a_customer_is_served_no_longer_and_again(sign_in, database: Database, add) -> None:
    customer = await add("Erika")
    agent = await sign_in("agent")
    await agent.post(f"/customers/{customer.id}/closures")
    assert (await only_customer(database)).closed_at is not None
    assert "No longer served" in await agent.get(f"/customers/{customer.id}")
    await agent.post(f"/customers/{customer.id}/closures/delete")
    assert (await only_customer(database)).closed_at is None


async def test_markup_in_a_name_is_shown_as_text(sign_in, database: Database, add) -> None:
    customer = await add("<script>alert(1)</script>{{ 7*7 }}", about="<img src=x onerror=alert(1)>")
    agent = await sign_in("agent")
    for path in (f"/customers/{customer.id}", f"/customers/{customer.id}/edit", "/customers"):
        page = await agent.get(path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "{{ 7*7 }}" in page


async def test_a_customer_who_is_not_there_is_a_page_that_says_so(sign_in) -> None:
    agent = await sign_in("agent")
    response = await agent.client.get(f"/customers/{UUID(int=1)}")
    assert response.status == 404
    response = await agent.client.get("/customers/7")
    assert response.status == 404


async def test_a_stranger_is_sent_to_the_log_in(stranger) -> None:
    response = await stranger.client.get("/customers", allow_redirects=False)
    assert response.status == 303
    assert "next" in response.headers["Location"]


async def test_a_call_that_is_not_stored_makes_no_customer(sign_in, database: Database) -> None:
    agent = await sign_in("agent")
    response = await agent.post("/customers", {"name": "Erika", "call": str(UUID(int=1))})
    assert response.status == 404
    async with database.writing() as session:
        assert (await session.scalars(select(Customer))).all() == []
        await session.execute(update(Customer).values(about=""))
