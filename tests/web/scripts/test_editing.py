"""Scripts are made, changed, tried out and published by supervisors; two at once lose nothing."""

import pytest
from sqlalchemy import select

import storage.scripts
from fixtures.calls import NOW
from fixtures.cast import Browser
from fixtures.filled import fields_of
from fixtures.scripts import OUTLINE
from storage.rules.scripts import FieldKind, from_data
from storage.scripts import Script, ScriptVersion


@pytest.fixture
async def sue(sign_in) -> Browser:
    return await sign_in("supervisor", "sue")


@pytest.fixture
async def script(database) -> Script:
    async with database.writing() as session:
        made = await storage.scripts.create(session, "Survey", by=None, now=NOW)
        return await storage.scripts.save(
            session, made.id, "Survey", OUTLINE, version=1, by=None, now=NOW
        )


async def read(database, key) -> Script:
    async with database.reading() as session:
        return await storage.scripts.get(session, key)


async def test_the_form_sends_back_exactly_what_is_stored(sue, script, database) -> None:
    page = await sue.get(f"/scripts/{script.id}")
    answer = await sue.post(f"/scripts/{script.id}", fields_of(page))
    assert answer.status == 303
    assert (await read(database, script.id)).version == script.version  # nothing to save
    assert from_data((await read(database, script.id)).draft) == OUTLINE


async def test_buttons_add_and_take_away_and_keep_what_was_typed(sue, script, database) -> None:
    path = f"/scripts/{script.id}"

    async def press(deed: str, **typed: str):
        fields = fields_of(await sue.get(path)) | typed | {"deed": deed}
        answer = await sue.post(path, fields)
        assert answer.status == 303
        return answer.headers["Location"], from_data((await read(database, script.id)).draft)

    where, outline = await press("add-step", **{"s2.say": "Bye {name}"})
    assert where.endswith("#s4")
    assert (outline.steps[2].say, outline.steps[3].key) == ("Bye {name}", "s4")
    _, outline = await press("add-field:s4", **{"s3.title": "More"})
    assert (outline.steps[3].title, outline.steps[3].fields[0].key) == ("More", "f3")
    typed = {"s3.f0.kind": "choice", "s3.f0.options": "one\n\n two ", "s3.f0.needed": "1"}
    _, outline = await press("add-branch:s4", **typed)
    field = outline.steps[3].fields[0]
    assert (field.kind, field.options, field.needed) == (FieldKind.CHOICE, ("one", "two"), True)
    assert outline.steps[3].branches[0].field == "f3"
    _, outline = await press("remove-branch:s4:0")
    _, outline = await press("remove-field:s4:f3")
    _, outline = await press("up:s4")
    assert [step.key for step in outline.steps] == ["s1", "s2", "s4", "s3"]
    _, outline = await press("remove-step:s4")
    assert [step.key for step in outline.steps] == ["s1", "s2", "s3"]
    _, same = await press("remove-step:s99")
    assert same == outline


async def test_publishing_says_what_is_wrong_or_makes_a_version(sue, script, database) -> None:
    path = f"/scripts/{script.id}"
    fields = fields_of(await sue.get(path))
    bad = fields | {"s0.next": "s9", "deed": "publish"}
    assert (await sue.post(path, bad)).status == 303
    page = await sue.get(path)
    assert "“Greeting” leads to a step that is not there." in page
    good = fields_of(page) | {"s0.next": "s3", "deed": "publish"}
    assert (await sue.post(path, good)).status == 303
    page = await sue.get(path)
    assert "In use: version 1" in page
    assert (await sue.post(f"{path}/withdrawals")).status == 303
    assert "Agents do not see it" in await sue.get(path)
    async with database.reading() as session:
        assert len((await session.scalars(select(ScriptVersion))).all()) == 1


async def test_two_who_edit_at_once_see_both_texts(sue, sign_in, script, database) -> None:
    max_ = await sign_in("administrator", "max")
    path = f"/scripts/{script.id}"
    mine = fields_of(await sue.get(path)) | {"s0.say": "Mine & more"}
    theirs = fields_of(await max_.get(path)) | {
        "s0.say": "Theirs <b>",
        "name": "Their name",
    }
    assert (await max_.post(path, theirs)).status == 303
    answer = await sue.post(path, mine)
    page = await answer.text()
    assert answer.status == 409
    assert "Mine &amp; more" in page
    assert "Theirs &lt;b&gt;" in page
    assert "Their name" in page
    assert (await sue.post(path, fields_of(page))).status == 303
    assert from_data((await read(database, script.id)).draft).steps[0].say == "Mine & more"


async def test_a_script_can_be_tried_out_without_a_trace(sue, script) -> None:
    path = f"/scripts/{script.id}/preview"
    first = await sue.get(path)
    assert "Hello Erika Example" in first
    assert "What went wrong?" not in first
    needed = await sue.get(f"{path}?passed=s1")
    assert "This is needed." in needed
    second = await sue.get(f"{path}?passed=s1&f1=no")
    assert "What went wrong?" in second
    assert "The script is done." in await sue.get(f"{path}?f1=yes&passed=s1&passed=s3")


async def test_a_name_is_needed_and_agents_make_none(sue, sign_in) -> None:
    empty = await sue.post("/scripts", {"name": " "})
    assert empty.status == 422
    made = await sue.post("/scripts", {"name": "<b>New</b>"})
    assert made.status == 303
    assert "&lt;b&gt;New&lt;/b&gt;" in await sue.get("/scripts")
    ann = await sign_in("agent", "ann")
    assert (await ann.post("/scripts", {"name": "x"})).status == 403
