"""The list, its live search, and the search of the desk."""

from urllib.parse import parse_qs, urlsplit

import pytest

import storage.searches
from storage.customers import CustomerKind

FRAGMENT = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


async def test_the_list_shows_those_we_serve(sign_in, database, add) -> None:
    await add("Erika", "020 7946 0018", address_as="Dr Muster", email="erika@example.org")
    agent = await sign_in("agent")
    page = await agent.get("/customers")
    for text in ("Erika", "+44 20 7946 0018", "Dr Muster", "erika@example.org", "One customer"):
        assert text in page


async def test_an_empty_base_says_how_to_begin(sign_in) -> None:
    page = await (await sign_in("agent")).get("/customers")
    assert "No customers yet" in page
    assert "/customers/imports/new" not in page
    page = await (await sign_in("administrator")).get("/customers")
    assert "/customers/imports/new" in page


@pytest.mark.parametrize("text", ["eri", "MUSTER", "(020) 7946-0018", "0018"])
async def test_what_is_typed_narrows_the_list_alone(sign_in, add, text: str) -> None:
    await add("Erika Muster", "020 7946 0018")
    await add("Max", "020 7946 0019")
    agent = await sign_in("agent")
    fragment = await agent.get("/customers", params={"q": text}, headers=FRAGMENT)
    assert "Erika Muster" in fragment
    assert "Max" not in fragment
    assert "<html" not in fragment


async def test_who_is_not_found_can_be_made_a_customer(sign_in) -> None:
    agent = await sign_in("agent")
    assert "/customers/new?name=Nobody" in await agent.get("/customers?q=Nobody")
    assert "/customers/new?number=0207946" in await agent.get("/customers?q=0207946")


async def test_the_list_can_be_narrowed_by_kind_and_to_closed_ones(sign_in, add) -> None:
    await add("Erika")
    await add("Acme", kind=CustomerKind.COMPANY)
    closed = await add("Gone")
    agent = await sign_in("agent")
    await agent.post(f"/customers/{closed.id}/closures")

    async def shown(show: str) -> set[str]:
        page = await agent.get("/customers", params={"show": show}, headers=FRAGMENT)
        return {name for name in ("Erika", "Acme", "Gone") if name in page}

    assert await shown("") == {"Erika", "Acme"}
    assert await shown("person") == {"Erika"}
    assert await shown("company") == {"Acme"}
    assert await shown("closed") == {"Gone"}
    assert await shown("rubbish") == {"Erika", "Acme"}
    assert "Gone" in await agent.get("/customers?q=gone")


async def test_pages_follow_one_another_to_the_end(sign_in, add, monkeypatch) -> None:
    monkeypatch.setattr(storage.searches.listed, "__kwdefaults__", {
        **storage.searches.listed.__kwdefaults__, "limit": 2,
    })  # fmt: skip
    for name in ("Anna", "Berta", "Clara"):
        await add(name)
    agent = await sign_in("agent")
    first = await agent.get("/customers")
    assert "Anna" in first
    assert "Clara" not in first
    [href] = [part.split('"')[0] for part in first.split('href="') if "after_id=" in part]
    address = urlsplit(href.replace("&amp;", "&"))
    assert parse_qs(address.query)["after"] == ["berta"]
    second = await agent.get(address.geturl())
    assert "Clara" in second
    assert "Anna" not in second
    assert "Back to the start" in second


async def test_a_broken_place_shows_the_first_page(sign_in, add) -> None:
    await add("Erika")
    agent = await sign_in("agent")
    assert "Erika" in await agent.get("/customers?after=x&after_id=rubbish")


async def test_the_desk_gets_those_who_fit_as_data(sign_in, add) -> None:
    erika = await add("Erika", "020 7946 0018")
    gone = await add("Erik")
    agent = await sign_in("agent")
    await agent.post(f"/customers/{gone.id}/closures")
    response = await agent.client.get("/customers/search?q=eri", headers=JSON)
    assert await response.json() == {
        "customers": [
            {"id": str(erika.id), "name": "Erika", "kind": "person", "numbers": ["+442079460018"]}
        ],
        "more": False,
    }
    assert "application/json" in response.headers["Content-Type"]


async def test_a_form_gets_those_who_fit_to_choose_from(sign_in, add) -> None:
    await add("Acme", kind=CustomerKind.COMPANY)
    await add("Acme Erika")
    agent = await sign_in("agent")
    fragment = await agent.get("/customers/search?q=acme&kind=company", headers=FRAGMENT)
    assert 'type="radio"' in fragment
    assert "Erika" not in fragment
    assert "Nobody found" in await agent.get("/customers/search?q=zzz&kind=odd")
    assert "Nobody found" not in await agent.get("/customers/search?q=")
