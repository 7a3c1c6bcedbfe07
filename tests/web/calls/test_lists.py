"""The lists: filters narrow them, agents see their own, text from callers stays text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import storage.calls
from fixtures.calls import Teller, add_customer, set_stage

EVIL = "<script>alert(1)</script>{{ 7*7 }}"


def ago(**times: float) -> datetime:
    return datetime.now(UTC) - timedelta(**times)


async def test_a_supervisor_finds_every_call_and_its_story(sign_in, stage, store, database) -> None:
    customer = await add_customer(database, "Zoë Brown")
    known = await store(
        Teller(stage.pbx, ago(hours=1)).ended(), stage.context(customer_id=customer)
    )
    missed = await store(
        replace(Teller(stage.pbx, ago(hours=2), tag="2.0").abandoned(), name=EVIL), stage.context()
    )
    browser = await sign_in("supervisor")
    page = await browser.get("/calls")
    for text in (f"/calls/{known.id}", f"/calls/{missed.id}", "Zoë Brown", "Sales line", "Bob",
                 "Hung up waiting", "1:01", "2 calls on this page"):  # fmt: skip
        assert text in page, text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page
    narrowed = await browser.get("/calls?result=missed&period=today&queue=sales")
    assert f"/calls/{known.id}" not in narrowed
    empty = await browser.get(f"/calls?customer={customer}&result=busy")
    assert "No calls here" in empty
    assert "Zoë Brown" in empty


async def test_an_agent_sees_the_calls_that_rang_at_them(sign_in, database, store) -> None:
    browser = await sign_in("agent")
    stage = await set_stage(database, [browser.user])
    mine = await store(Teller(stage.pbx, ago(hours=1), rings=1).ended("101"), stage.context())
    rang = await store(
        Teller(stage.pbx, ago(hours=2), tag="2.0", rings=2).ended("102"), stage.context()
    )
    others = Teller(stage.pbx, ago(hours=3), tag="3.0", rings=1).ended("101")
    others = await store(others, replace(stage, users=(stage.users[1],)).context())
    page = await browser.get("/calls")
    assert f"/calls/{mine.id}" in page
    assert f"/calls/{rang.id}" in page
    assert f"/calls/{others.id}" not in page
    assert "All agents" not in page
    response = await browser.client.get(f"/calls/{others.id}")
    assert response.status == 404
    assert (await browser.client.get("/calls/in-progress")).status == 403


async def test_pages_follow_each_other_and_keep_the_filters(sign_in, stage, store) -> None:
    for n in range(60):
        await store(
            Teller(stage.pbx, ago(hours=1, seconds=n), tag=f"{n}.0").ended(), stage.context()
        )
    browser = await sign_in("supervisor")
    first = await browser.get("/calls?period=30&queue=sales")
    assert "50 calls on this page" in first
    link = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = await browser.get(link)
    assert "10 calls on this page" in second
    assert "period=30" in link
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


async def test_a_mistake_in_the_address_is_said_at_its_field(sign_in, stage) -> None:
    browser = await sign_in("supervisor")
    address = "/calls?period=custom&since=2026-11-02&until=2026-11-01&q=Zo%C3%AB"
    response = await browser.client.get(address)
    page = await response.text()
    assert response.status == 422
    assert "The last day is before the first." in page
    assert 'value="2026-11-02"' in page
    assert 'value="Zoë"' in page
    for query in ("after=x", f"customer={uuid4()}", "before=2026_1"):
        assert (await browser.client.get(f"/calls?{query}")).status == 200
    assert (await browser.client.get("/calls?agent=%00&period=%ff")).status == 422


async def test_calls_in_progress_say_who_waits_rings_and_talks(
    sign_in, stage, store, database
) -> None:
    customer = await add_customer(database, "Zoë Brown")
    await store(Teller(stage.pbx, ago(seconds=60)).talking(), stage.context(customer_id=customer))
    await store(Teller(stage.pbx, ago(seconds=20), tag="2.0").ringing(), stage.context())
    over = await store(Teller(stage.pbx, ago(seconds=90), tag="3.0").ended(), stage.context())
    browser = await sign_in("supervisor")
    page = await browser.get("/calls/in-progress")
    fragment = await browser.get("/calls/in-progress", headers={"HX-Request": "true"})
    for text in (page, fragment):
        assert "Zoë Brown" in text
        assert "Ann, Bob, Cyd" in text
        assert "data-since" in text
        assert str(over.id) not in text
    assert "<html" in page
    assert "<html" not in fragment
    async with database.reading() as session:
        lines = await storage.calls.in_progress(session)
    async with database.writing() as session:
        keys = [line.call.id for line in lines]
        await storage.calls.close_lost(session, keys, at=ago(), reason="test")
    assert "Nobody is on the phone" in await browser.get("/calls/in-progress")


async def test_the_list_asks_for_reviews_and_comments_of_those_who_may_know_them(
    sign_in, stage, store
) -> None:
    await store(Teller(stage.pbx, ago(hours=1)).ended(), stage.context())
    agent, sue = await sign_in("agent"), await sign_in("supervisor")
    page = await sue.get("/calls?recording=no&review=no")
    assert "1 call on this page" in page
    assert 'name="comment"' in page
    assert "No call fits" in await sue.get("/calls?comment=rude")
    assert 'name="review"' not in await agent.get("/calls")
    assert (await sue.client.get("/calls?review=maybe&tag=none")).status == 422
