"""A company's people and a person's companies, from the card of either."""

from sqlalchemy import select

from storage.contacts import Contact
from storage.customers import CustomerKind
from storage.database import Database


async def test_a_role_begins_on_the_card_of_either_and_ends(
    sign_in, database: Database, add, pops
) -> None:
    erika = await add("Erika")
    acme = await add("Acme", kind=CustomerKind.COMPANY)
    agent = await sign_in("agent")
    form = {"other": str(acme.id), "role": "buyer", "began_on": "2026-01-31"}
    response = await agent.post(f"/customers/{erika.id}/contacts", form)
    assert response.status == 303
    assert set(pops.told) == {("customer_changed", (one.id,)) for one in (erika, acme)}
    assert "since 31 Jan 2026" in await agent.get(f"/customers/{acme.id}")
    assert "buyer" in await agent.get(f"/customers/{erika.id}")
    async with database.reading() as session:
        contact = (await session.scalars(select(Contact))).one()
    await agent.post(f"/customers/{acme.id}/contacts/{contact.id}/ends")
    assert "until " in await agent.get(f"/customers/{acme.id}")
    form = {"other": str(erika.id), "role": "head"}
    response = await agent.post(f"/customers/{acme.id}/contacts", form)
    assert response.status == 303


async def test_a_wrong_role_comes_back_with_a_sentence(sign_in, add) -> None:
    erika, max_ = await add("Erika"), await add("Max")
    acme = await add("Acme", kind=CustomerKind.COMPANY)
    agent = await sign_in("agent")
    await agent.post(f"/customers/{erika.id}/contacts", {"other": str(acme.id)})
    for other, status, sentence in (
        ("", 422, "Choose someone from the list."),
        (str(max_.id), 422, "Only a person can speak for a company."),
        (str(acme.id), 409, "Erika already speaks for Acme."),
    ):
        response = await agent.post(f"/customers/{erika.id}/contacts", {"other": other})
        assert (response.status, sentence in await response.text()) == (status, True)
    form = {"other": str(acme.id), "began_on": "yesterday"}
    response = await agent.post(f"/customers/{max_.id}/contacts", form)
    assert "This is no date." in await response.text()
