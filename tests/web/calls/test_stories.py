"""One call's story: all that happened, in words and as a drawing, also under an older id."""

from dataclasses import replace
from uuid import uuid4

import pytest

import storage.calls
from fixtures.calls import NOW, Teller, add_customer, set_stage
from pbx_bridge.call import Direction
from recordings import verdicts
from storage.notes import Note

EVIL = "<img src=x onerror=alert(1)>"


async def test_the_story_tells_who_rang_waited_talked_and_noted(
    sign_in, stage, store, database
) -> None:
    customer = await add_customer(database, "Zoë " + EVIL)
    call = replace(Teller(stage.pbx).ended(), name=EVIL)
    await store(call, stage.context(customer_id=customer))
    async with database.writing() as session:
        await storage.calls.wrap_up(
            session, call.id, user_id=stage.users[1], outcome_id=stage.outcome,
            note="Two boxes " + EVIL, by=stage.users[1],
        )  # fmt: skip
        session.add(
            Note(id=uuid4(), customer_id=customer, call_id=call.id, text=EVIL, created_at=NOW)
        )
    browser = await sign_in("supervisor")
    page = await browser.get(f"/calls/{call.id}")
    for text in ("Waited in Sales line", "Talked with Bob", "Came in on 4000", "1:01", "4 legs",
                 "Taken by a colleague", "Order placed", "Two boxes", "Head office", "<svg",
                 "The telephone system is still finishing the file."):  # fmt: skip
        assert text in page, text
    assert "<img src=x" not in page
    assert 'style="' not in page


async def test_an_old_id_of_a_joined_call_still_opens_it(sign_in, stage, store) -> None:
    gone = uuid4()
    await store(replace(Teller(stage.pbx).ended(), aliases=(gone,)), stage.context())
    browser = await sign_in("supervisor")
    assert "Talked with Bob" in await browser.get(f"/calls/{gone}")
    assert (await browser.client.get(f"/calls/{uuid4()}")).status == 404
    assert (await browser.client.get("/calls/1")).status == 404


@pytest.mark.parametrize(
    "trouble",
    [
        ("missing", verdicts.NEVER_CAME, "Missing"),
        ("empty", verdicts.NOBODY_HEARD, "Empty"),
        ("broken", verdicts.NOT_CLOSED, "Unreadable"),
    ],
)
async def test_a_recording_that_cannot_be_heard_says_why(sign_in, stage, store, trouble) -> None:
    state, cause, word = trouble
    call = await store(Teller(stage.pbx).ended(), stage.context(), state=state, cause=cause)
    page = await (await sign_in("administrator")).get(f"/calls/{call.id}")
    assert cause in page
    assert word in page
    assert "data-player" not in page


@pytest.mark.usefixtures("ears")
async def test_a_recording_on_its_way_asks_again_and_then_stands_there(
    sign_in, stage, store
) -> None:
    call = Teller(stage.pbx).ended()
    await store(call, stage.context())
    browser = await sign_in("administrator")
    fragment = await browser.get(f"/calls/{call.id}", headers={"HX-Request": "true"})
    assert "every 4s" in fragment
    await store(call, stage.context(), sound=b"RIFF" + b"\0" * 16040)
    fragment = await browser.get(f"/calls/{call.id}", headers={"HX-Request": "true"})
    assert "data-player" in fragment
    assert "every 4s" not in fragment
    assert "<html" not in fragment


async def test_a_colleague_reads_a_customers_call_but_hears_only_their_own(
    sign_in, store, database
) -> None:
    browser = await sign_in("agent")
    stage = await set_stage(database, [browser.user])
    customer = await add_customer(database, "Zoë")
    context = stage.context(customer_id=customer)
    others = await store(Teller(stage.pbx).ended("102"), context, sound=b"RIFF" + b"\0" * 16040)
    mine = Teller(stage.pbx, tag="2.0").ended("101")
    mine = await store(mine, context, sound=b"RIFF" + b"\0" * 16040)
    page = await browser.get(f"/calls/{others.id}")
    assert "data-player" not in page
    assert "Your role does not let you hear it." in page
    assert "data-player" in await browser.get(f"/calls/{mine.id}")


async def test_a_call_in_progress_and_one_between_colleagues_have_their_pages(
    sign_in, stage, store
) -> None:
    browser = await sign_in("supervisor")
    live = await store(Teller(stage.pbx).talking(), stage.context())
    page = await browser.get(f"/calls/{live.id}")
    assert "In progress" in page
    assert "so far" in page
    inside = replace(Teller(stage.pbx, tag="2.0").ended(), direction=Direction.INTERNAL)
    page = await browser.get(f"/calls/{(await store(inside, stage.context())).id}")
    assert "Dialled 4000" in page
    assert "Who was on the other side?" not in page


async def test_a_call_without_anything_but_its_beginning_has_a_page(sign_in, stage, store) -> None:
    bare = replace(
        Teller(stage.pbx).ringing(), legs=(), segments=(), offers=(), number="", name="", queue=None
    )
    await store(bare, stage.context(e164=None))
    page = await (await sign_in("supervisor")).get(f"/calls/{bare.id}")
    assert "withheld number" in page
    assert "This call was not recorded." in page
