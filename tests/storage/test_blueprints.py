"""Scripts and scorecards alike: two who edit lose nothing, and what is published is a version."""

from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

import storage.scorecards
import storage.scripts
from fixtures import scorecards, scripts
from fixtures.calls import NOW, Stage, audited, set_stage
from fixtures.doors import NOBODY as NOTHING
from storage.blueprints import Blueprints, ChangedMeanwhile, NotUsable
from storage.database import Database
from storage.errors import NotFound, Refused


class Kind(NamedTuple):
    """One kind of blueprint, an outline that can be used, another, and what the first one lacks."""

    kept: Blueprints[Any, Any, Any]
    outline: Any
    other: Any
    lacks: list[str]


_STEPS, _SECTIONS = scripts.OUTLINE.steps, scorecards.OUTLINE.sections
SCRIPTS = Kind(
    storage.scripts.BLUEPRINTS,
    scripts.OUTLINE,
    replace(scripts.OUTLINE, steps=(replace(_STEPS[0], say="Good day"), *_STEPS[1:])),
    ["“” says nothing and asks nothing.", "Step 1 needs a title."],
)
SCORECARDS = Kind(
    storage.scorecards.BLUEPRINTS,
    scorecards.OUTLINE,
    replace(scorecards.OUTLINE, sections=(replace(_SECTIONS[0], weight=5), *_SECTIONS[1:])),
    ["Section 1 needs a title.", "In “” an item has no words."],
)


@pytest.fixture(params=[pytest.param(one, id=one.kept.noun) for one in (SCRIPTS, SCORECARDS)])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def make(database: Database, kind: Kind) -> Any:
    async with database.writing() as session:
        row = await kind.kept.create(session, " Quality\n", by=None, now=NOW)
        return await kind.kept.save(
            session, row.id, "Quality", kind.outline, version=1, by=None, now=NOW
        )


async def test_two_who_edit_at_once_lose_nothing(database, stage: Stage, kind: Kind) -> None:
    row, ann = await make(database, kind), stage.users[0]
    of_ann = {"version": 2, "by": ann, "now": NOW}
    async with database.writing() as session:
        await kind.kept.save(session, row.id, "Ann's", kind.other, **of_ann)
    with pytest.raises(ChangedMeanwhile, match="A colleague has changed this") as raised:
        async with database.writing() as session:
            await kind.kept.save(session, row.id, "Bob's", kind.outline, **of_ann)
    theirs = (raised.value.name, raised.value.outline, raised.value.version)
    assert theirs == ("Ann's", kind.other, 3)
    async with database.writing() as session:
        same = await kind.kept.save(session, row.id, "Ann's", kind.other, **of_ann)
        assert (same.version, same.updated_by) == (3, ann)
        with pytest.raises(ChangedMeanwhile):
            await kind.kept.publish(session, row.id, **of_ann)


async def test_a_change_is_published_as_another_version_and_can_be_withdrawn(
    database, kind: Kind
) -> None:
    row = await make(database, kind)
    async with database.writing() as session:
        first = await kind.kept.publish(session, row.id, version=2, by=None, now=NOW)
        await kind.kept.save(session, row.id, "B", kind.other, version=2, by=None, now=NOW)
        again = await kind.kept.publish(session, row.id, version=3, by=None, now=NOW)
        same = await kind.kept.publish(session, row.id, version=3, by=None, now=NOW)
        assert (first.number, again.number, same.id) == (1, 2, again.id)
        kept = await kind.kept.versions(session, row.id)
        assert [kind.kept.from_data(one.outline) for one in kept] == [kind.other, kind.outline]
        assert (await kind.kept.version(session, row.id, 1)).id == first.id
        assert [(one.published, n) for one, n in await kind.kept.listed(session)] == [(2, 2)]
        await kind.kept.withdraw(session, row.id, by=None)
    async with database.reading() as session:
        assert [(one.published, n) for one, n in await kind.kept.listed(session)] == [(None, 2)]
        with pytest.raises(NotFound):
            await kind.kept.version(session, row.id, 3)
    told = await audited(database, f"{kind.kept.noun}.published")
    assert sorted(entry.details["number"] for entry in told) == [1, 2, 2]
    for action in ("created", "changed", "withdrawn"):
        assert await audited(database, f"{kind.kept.noun}.{action}")


async def test_what_cannot_be_used_is_not_published_and_says_all_that_is_wrong(
    database, kind: Kind
) -> None:
    async with database.writing() as session:
        row = await kind.kept.create(session, " New\n", by=None, now=NOW)
        assert row.name == "New"
        with pytest.raises(NotUsable) as raised:
            await kind.kept.publish(session, row.id, version=1, by=None, now=NOW)
        with pytest.raises(Refused, match="needs a name"):
            await kind.kept.create(session, " \n", by=None, now=NOW)
        with pytest.raises(NotFound):
            await kind.kept.get(session, NOTHING)
        assert not (await session.scalars(select(kind.kept.version_table))).all()
    assert [str(problem) for problem in raised.value.problems] == kind.lacks
