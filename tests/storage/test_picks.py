"""Rules fill the list of calls to review; each call is there once, with why; on both engines."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

import storage.calls
import storage.picks
from fixtures.calls import NOW, Stage, Teller, audited, set_stage
from fixtures.scorecards import make, reviewed
from fixtures.scripts import Filling, call_of
from fixtures.scripts import make as make_script
from pbx_bridge.call import Call, SegmentKind
from pbx_bridge.ids import uuid7
from storage.database import Database
from storage.errors import Conflict, Refused
from storage.picks import PickState, RuleChanged, RuleFacts
from storage.picks import keeping as rules
from storage.recording_comments import RecordingComment
from storage.rules.picks import Rule, RuleKind

ZONE = ZoneInfo("UTC")
SOON = NOW + timedelta(hours=1)
NONE = UUID(int=0)


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await set_stage(database)


async def add_rule(database: Database, kind: RuleKind, name: str = "Rule", **terms: object) -> UUID:
    facts = RuleFacts(name=name, rule=Rule(id=NONE, kind=kind, **terms))
    async with database.writing() as session:
        return (await rules.create(session, facts, by=None, now=NOW)).id


async def fill(database: Database, now=SOON) -> int:
    async with database.reading() as session:
        wanted = await storage.picks.wanted(session, now=now, zone=ZONE)
    async with database.writing() as session:
        return await storage.picks.add(session, wanted, now=now)


async def lines(database: Database, *states: PickState, reach=None):
    async with database.reading() as session:
        return await storage.picks.listed(session, states or (PickState.OPEN,), reach=reach)


def held(call: Call, seconds: float) -> Call:
    """The call with a hold in the middle of its talk."""
    talk = call.segments[-1]
    hold = talk.__class__(
        id=UUID(int=call.id.int ^ 1), kind=SegmentKind.HOLD, started_at=talk.started_at,
        ended_at=talk.started_at + timedelta(seconds=seconds), parties=talk.parties,
    )  # fmt: skip
    return call.__class__(
        **{f: getattr(call, f) for f in call.__dataclass_fields__}
        | {"segments": (*call.segments, hold)}
    )


async def test_each_rule_finds_its_calls_and_a_call_is_listed_once_with_every_reason(
    database: Database, stage: Stage
) -> None:
    bob = stage.users[1]
    script = await make_script(database, stage)
    calls = [Teller(stage.pbx, tag=f"{n}.1").ended() for n in range(1, 5)]
    calls[0] = held(calls[0], 40)
    async with database.writing() as session:
        for call in calls:
            await storage.calls.save(session, call, context=stage.context())
        await storage.calls.wrap_up(
            session, calls[1].id, user_id=bob, outcome_id=stage.outcome, note="", by=bob
        )
    filling = Filling(database, stage, calls[0], script.id)
    await filling.give("f1", "no")
    await add_rule(database, RuleKind.HOLD, "Long hold", limit=30)
    await add_rule(database, RuleKind.TALK, "Long talk", limit=60)
    await add_rule(database, RuleKind.OUTCOME, "Orders", outcomes=frozenset({str(stage.outcome)}))
    await add_rule(database, RuleKind.RANDOM, "None", least=1)  # the week is not over
    assert await fill(database) == 4
    assert await fill(database) == 0
    found = {
        line.pick.call_id: [name for name, _ in line.reasons] for line in await lines(database)
    }
    assert found == {
        calls[0].id: ["Long hold", "Long talk"], calls[1].id: ["Long talk", "Orders"],
        calls[2].id: ["Long talk"], calls[3].id: ["Long talk"],
    }  # fmt: skip
    [line, *_] = [one for one in await lines(database) if one.pick.call_id == calls[0].id]
    assert line.reasons[0][1].why == {"value": 40, "limit": 30}
    assert (line.agent, line.queue, line.caller) == ("Bob", "Sales line", "Zoë O'Brien")
    assert await lines(database, reach=frozenset({stage.users[0]})) == []
    assert len(await audited(database, "pick.made")) == 4


async def test_feedback_is_what_a_script_asked_for_as_a_number(
    database: Database, stage: Stage
) -> None:
    script = await make_script(database, stage)
    for tag, answer in (("1.1", "3"), ("2.1", "9"), ("3.1", "late")):
        filling = Filling(database, stage, await call_of(database, stage, tag), script.id)
        await filling.give("f1", "no")
        await filling.go_on("s1")
        await filling.give("f2", answer)
    await add_rule(
        database, RuleKind.FEEDBACK, script=str(script.script_id), question="f2", limit=6
    )
    assert await fill(database) == 1
    [line] = await lines(database)
    assert line.reasons[0][1].why == {"answer": 3.0, "limit": 6}


async def test_moments_that_colleagues_commented_on_pick_the_call(
    database: Database, stage: Stage
) -> None:
    call, _quiet = [await call_of(database, stage, tag) for tag in ("1.1", "2.1")]
    async with database.writing() as session:
        session.add(
            RecordingComment(
                id=uuid7(NOW), recording_id=call.recordings[0].id, parent_id=None,
                user_id=stage.users[2], moment=9.0, text="Hear this", created_at=NOW,
            )
        )  # fmt: skip
    await add_rule(database, RuleKind.COMMENTS, limit=1)
    assert await fill(database) == 1
    [line] = await lines(database)
    assert (line.pick.call_id, line.reasons[0][1].why) == (call.id, {"value": 1, "limit": 1})


async def test_chance_fills_up_a_week_that_is_over(database: Database, stage: Stage) -> None:
    for n in range(1, 4):
        await call_of(database, stage, f"{n}.1")
    await add_rule(database, RuleKind.RANDOM, share=0, least=2)
    assert await fill(database) == 0
    assert await fill(database, NOW + timedelta(days=5)) == 2
    assert await fill(database, NOW + timedelta(days=6)) == 0
    again = await fill(database, NOW + timedelta(days=30))  # weeks ago: nobody looks there
    assert again == 0


async def one_pick(database: Database, stage: Stage):
    await call_of(database, stage)
    await add_rule(database, RuleKind.TALK, limit=1)
    await fill(database)
    [line] = await lines(database)
    return line.pick


async def test_two_do_not_review_the_same_call(database: Database, stage: Stage) -> None:
    pick = await one_pick(database, stage)
    ann, _bob, cyd = stage.users
    async with database.writing() as session:
        for _ in range(2):
            await storage.picks.take(session, pick.id, by=cyd, now=NOW)
        with pytest.raises(Conflict, match="Cyd has taken"):
            await storage.picks.take(session, pick.id, by=ann, now=NOW)
        await storage.picks.give_back(session, pick.id, by=cyd)
        with pytest.raises(Refused, match="Say why"):
            await storage.picks.skip(session, pick.id, " ", by=ann, now=NOW)
        await storage.picks.skip(session, pick.id, "A test call", by=ann, now=NOW)
        with pytest.raises(Conflict, match="dealt with"):
            await storage.picks.take(session, pick.id, by=cyd, now=NOW)
    assert await lines(database, PickState.OPEN, PickState.TAKEN) == []
    [line] = await lines(database, PickState.SKIPPED)
    assert (line.pick.reason, line.user) == ("A test call", "Ann")
    async with database.writing() as session:
        assert await storage.picks.erase_texts(session, [pick.call_id], by=None) == 1
    assert (await lines(database, PickState.SKIPPED))[0].pick.reason == ""


async def test_a_review_that_is_submitted_does_the_pick_and_undone_it_waits(
    database: Database, stage: Stage
) -> None:
    pick = await one_pick(database, stage)
    cyd = stage.users[2]
    version = await make(database, stage)
    call = Teller(stage.pbx, tag="1.1").ended()
    review = await reviewed(database, call, pick.agent_id, version, by=cyd)
    async with database.writing() as session:
        for _ in range(2):
            await storage.picks.begun(session, call.id, pick.agent_id, review.id, by=cyd, now=NOW)
        await storage.picks.settled(session, review.id, done=True, by=cyd, now=NOW)
    [line] = await lines(database, PickState.DONE)
    assert line.pick.review_id == review.id
    async with database.writing() as session:
        await storage.picks.settled(session, review.id, done=False, by=cyd, now=NOW)
    assert [one.user for one in await lines(database, PickState.TAKEN)] == ["Cyd"]


async def test_a_rule_is_changed_by_one_at_a_time_and_takes_what_only_it_picked(
    database: Database, stage: Stage
) -> None:
    await one_pick(database, stage)
    async with database.writing() as session:
        [row] = await rules.listed(session)
        facts = RuleFacts(name="Longer", rule=Rule(id=NONE, kind=RuleKind.TALK, limit=9))
        await rules.change(session, row.id, facts, version=1, by=None, now=NOW)
        with pytest.raises(RuleChanged):
            await rules.change(session, row.id, facts, version=1, by=None, now=NOW)
        assert storage.picks.rule_of(row).limit == 9
        for bad, said in (
            (Rule(id=NONE, kind=RuleKind.RANDOM), "which share"),
            (Rule(id=NONE, kind=RuleKind.OUTCOME), "Choose the outcomes"),
            (Rule(id=NONE, kind=RuleKind.FEEDBACK), "Choose the question"),
            (Rule(id=NONE, kind=RuleKind.WAIT), "from how much"),
        ):
            with pytest.raises(Refused, match=said):
                await rules.create(session, RuleFacts(name="x", rule=bad), by=None, now=NOW)
        with pytest.raises(Refused, match="a name"):
            await rules.create(session, RuleFacts(name=" ", rule=facts.rule), by=None, now=NOW)
    async with database.writing() as session:
        await rules.remove(session, row.id, by=None)
    assert await lines(database) == []
