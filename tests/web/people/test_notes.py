"""Notes are written on the card and at the desk."""

from sqlalchemy import select

from storage.database import Database
from storage.notes import Note


async def test_a_note_stands_on_the_card_with_its_author(sign_in, database, add, pops) -> None:
    erika = await add("Erika")
    agent = await sign_in("agent", name="Ann Agent")
    response = await agent.post(f"/customers/{erika.id}/notes", {"text": "likes <tea>"})
    assert response.status == 303
    page = await agent.get(f"/customers/{erika.id}")
    assert "likes &lt;tea&gt;" in page
    assert "Ann Agent" in page
    assert pops.told == [("customer_changed", (erika.id,))]


async def test_an_empty_note_is_refused_on_the_card_and_as_data(
    sign_in, database: Database, add
) -> None:
    erika = await add("Erika")
    agent = await sign_in("agent")
    response = await agent.post(f"/customers/{erika.id}/notes", {"text": " "})
    assert response.status == 422
    assert "This is needed." in await response.text()
    json = {"Accept": "application/json"}
    response = await agent.post(f"/customers/{erika.id}/notes", {"text": ""}, headers=json)
    assert await response.json() == {"errors": {"text": "This is needed."}}
    response = await agent.post(f"/customers/{erika.id}/notes", {"text": "x"}, headers=json)
    assert response.status == 201
    async with database.reading() as session:
        note = (await session.scalars(select(Note))).one()
    assert (await response.json())["id"] == str(note.id)
