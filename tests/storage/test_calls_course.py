"""Lists of calls narrowed by how the calls went, on both engines."""

from dataclasses import replace

import pytest

import storage.calls
from fixtures.calls import Teller, after, set_stage
from pbx_bridge.call import Segment, SegmentKind
from pbx_bridge.matching import Level
from storage.calls import CallFilters, Course, Transferred


@pytest.fixture
async def found(database):
    """A way to the names of the calls that meet a course, the stage and some of the calls."""
    stage = await set_stage(database)
    short = replace(Teller(stage.pbx, tag="1.0").ended(seconds=20), dialled="+493012345")
    long = Teller(stage.pbx, tag="2.0").ended(seconds=600)
    hold = Segment(
        id=Teller(stage.pbx, tag="2.0").key(after(60), "hold"), kind=SegmentKind.HOLD,
        started_at=after(60), ended_at=after(90),
    )  # fmt: skip
    long = replace(long, segments=(*long.segments, hold))
    passed, lost = [Teller(stage.pbx, tag=f"{n}.0").ended(seconds=60) for n in (3, 4)]
    passed, lost = [
        replace(call, segments=(*call.segments[:-1], replace(call.segments[-1], exit_reason=why)))
        for call, why in ((passed, "transferred"), (lost, "lost_in_transfer"))
    ]
    missed = Teller(stage.pbx, tag="5.0").abandoned()
    names = {short.id: "short", long.id: "long", passed.id: "passed", lost.id: "lost",
             missed.id: "missed"}  # fmt: skip
    async with database.writing() as session:
        for call in (short, long, passed, lost, missed):
            match = Level.WITHHELD if call is missed else Level.UNKNOWN
            await storage.calls.save(session, call, context=stage.context(match=match))
        await storage.calls.wrap_up(
            session, long.id, user_id=stage.users[1], outcome_id=None, note="Wants 100% back",
            by=stage.users[1],
        )  # fmt: skip

    async def find(**course: object) -> set[str]:
        wanted = CallFilters(course=Course(**course))
        async with database.reading() as session:
            page = await storage.calls.listed(session, wanted, reach=None)
        return {names[line.call.id] for line in page.lines}

    return find, stage, {call.id: call for call in (short, long, missed)}


async def test_a_list_is_narrowed_by_how_its_calls_went(found) -> None:
    find, stage, calls = found
    everything = {"short", "long", "passed", "lost", "missed"}
    waits = sorted({call.wait_seconds for call in calls.values() if call.wait_seconds})
    assert await find() == everything
    assert await find(talk_from=500.0) == {"long"}
    assert await find(talk_to=30.0) == {"short"}  # and not the one in which nobody talked
    assert await find(talk_from=30.0, talk_to=100.0) == {"passed", "lost"}
    assert await find(wait_from=waits[-1] + 1) == set()
    assert "missed" in await find(wait_from=waits[0])
    assert await find(transferred=Transferred.YES) == {"passed", "lost"}
    assert await find(transferred=Transferred.LOST) == {"lost"}
    assert await find(transferred=Transferred.NO) == {"short", "long", "missed"}
    assert await find(held=True) == {"long"}
    assert await find(held=False) == everything - {"long"}
    assert await find(dialled="030 12345") == {"short"}
    assert await find(note="100% wants") == {"long"}
    assert await find(note="100_") == set()
    assert await find(pbx_id=stage.pbx) == everything
    assert await find(pbx_id=stage.users[0]) == set()
    assert await find(match=Level.WITHHELD) == {"missed"}
