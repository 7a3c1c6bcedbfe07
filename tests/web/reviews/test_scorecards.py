"""Scorecards are made, changed and published by supervisors; two at once lose nothing."""

from dataclasses import replace

import pytest

import storage.scorecards
from fixtures.calls import NOW
from fixtures.cast import Browser
from fixtures.filled import fields_of
from fixtures.scorecards import OUTLINE
from storage.rules.scorecards import Item, ItemKind, Outline, from_data
from storage.scorecards import Scorecard


@pytest.fixture
async def sue(sign_in) -> Browser:
    return await sign_in("supervisor", "sue")


@pytest.fixture
async def card(database) -> Scorecard:
    async with database.writing() as session:
        made = await storage.scorecards.create(session, "Quality", by=None, now=NOW)
        return await storage.scorecards.save(
            session, made.id, "Quality", OUTLINE, version=1, by=None, now=NOW
        )


async def read(database, key) -> Scorecard:
    async with database.reading() as session:
        return await storage.scorecards.get(session, key)


async def test_the_form_sends_back_exactly_what_is_stored(sue, card, database) -> None:
    page = await sue.get(f"/reviews/scorecards/{card.id}")
    assert (await sue.post(f"/reviews/scorecards/{card.id}", fields_of(page))).status == 303
    assert (await read(database, card.id)).version == card.version  # nothing to save
    assert from_data((await read(database, card.id)).draft) == OUTLINE


async def test_buttons_add_move_and_take_away_and_keep_what_was_typed(sue, card, database) -> None:
    path = f"/reviews/scorecards/{card.id}"

    async def press(deed: str, **typed: str) -> Outline:
        fields = fields_of(await sue.get(path)) | typed | {"deed": deed}
        assert (await sue.post(path, fields)).status == 303
        return from_data((await read(database, card.id)).draft)

    after = await press("add-item:s2", **{"s0.title": "Begin"})
    assert after.sections[0].title == "Begin"
    assert after.sections[1].items[-1] == Item(key="i4")
    after = await press("raise-item:s2:i4", **{"s0.i1.kind": "scale", "s0.i1.highest": "3"})
    assert [item.key for item in after.sections[1].items] == ["i4", "i2"]
    after = await press("remove-item:s2:i4")
    after = await press("add-section")
    assert [section.key for section in after.sections] == ["s1", "s2", "s3"]
    after = await press("up:s3")
    assert [section.key for section in after.sections] == ["s1", "s3", "s2"]
    after = await press("remove-section:s3")
    changed = replace(OUTLINE.sections[0].items[1], kind=ItemKind.SCALE, highest=3)
    begin = replace(
        OUTLINE.sections[0], title="Begin", items=(OUTLINE.sections[0].items[0], changed)
    )
    assert after == Outline((begin, OUTLINE.sections[1]))
    assert await press("nonsense:s9") == after


async def test_it_is_published_once_it_can_be_used(sue, card, database) -> None:
    path = f"/reviews/scorecards/{card.id}"
    fields = fields_of(await sue.get(path))
    await sue.post(path, fields | {"s0.title": "", "deed": "publish"})
    assert "Section 1 needs a title." in await sue.get(path)
    assert (await read(database, card.id)).published is None
    fields = fields_of(await sue.get(path)) | {"s0.title": "<b>Hello</b>", "deed": "publish"}
    await sue.post(path, fields)
    page = await sue.get(path)
    assert "In use: version 1" in page
    assert "&lt;b&gt;Hello" in page
    assert "25 % of the score" in page
    await sue.post(f"{path}/withdrawals")
    assert "Withdrawn" in await sue.get("/reviews/scorecards")


async def test_two_who_edit_at_once_see_what_the_other_saved(sue, card, sign_in) -> None:
    path = f"/reviews/scorecards/{card.id}"
    theirs = fields_of(await sue.get(path))
    tom = await sign_in("supervisor", "tom")
    mine = fields_of(await tom.get(path)) | {"s0.i0.label": "Said the name", "name": "Tom's"}
    await tom.post(path, mine)
    answer = await sue.post(path, theirs | {"s1.title": "Sue's words"})
    page = await answer.text()
    assert answer.status == 409
    assert "Sue&#39;s words" in page
    assert "Said the name" in page[page.index("What your colleague saved") :]
    again = fields_of(page)
    assert (await sue.post(path, again)).status == 303


async def test_it_is_meant_for_queues_and_teams_and_needs_a_name(sue, card, database) -> None:
    path = f"/reviews/scorecards/{card.id}"
    assert (await sue.post("/reviews/scorecards", {"name": " "})).status == 422
    answer = await sue.post("/reviews/scorecards", {"name": "Another"})
    assert answer.headers["Location"].startswith("/reviews/scorecards/")
    assert (await sue.post(f"{path}/gifts", {"queues": "x", "teams": "y"})).status == 303
    async with database.reading() as session:
        assert await storage.scorecards.given(session, card.id) == (set(), set())


async def test_agents_make_no_scorecards(card, sign_in) -> None:
    kim = await sign_in("agent", "kim")
    for path in ("/reviews/scorecards", f"/reviews/scorecards/{card.id}", "/reviews/rules"):
        assert (await kim.client.get(path)).status == 403
