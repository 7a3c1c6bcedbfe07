"""The script of an own call: given to whom it rings at, filled by who talks, and by nobody else."""

from uuid import UUID

import pytest

import storage.queues
import storage.scripts
from fixtures.calls import NOW
from fixtures.scripts import OUTLINE
from storage.audit import AuditEntry
from storage.rules.scripts import Outline, Step
from storage.scripts import ScriptAnswer


@pytest.fixture
async def version(desk) -> str:
    """The id of the published script of the calls' queue."""
    async with desk.database.writing() as session:
        queue = await storage.queues.ensure(session, desk.stage.pbx, "sales")
        script = await storage.scripts.create(session, "Survey", by=None, now=NOW)
        await storage.scripts.save(
            session, script.id, "Survey", OUTLINE, version=1, by=None, now=NOW
        )
        await storage.scripts.assign(session, script.id, [queue.id], by=None)
        made = await storage.scripts.publish(session, script.id, version=2, by=None, now=NOW)
        return str(made.id)


async def state(desk, call, *, by=None) -> dict:
    answer = await (by or desk.ann).client.get(f"/desk/calls/{call.id}/script")
    assert answer.status == 200
    return (await answer.json())["script"]


def keys(shown: dict) -> list[str]:
    return [step["key"] for step in shown["steps"]]


async def test_each_answer_is_kept_and_leads_on(desk, version, pops) -> None:
    call = await desk.call()
    shown = await state(desk, call)
    assert (keys(shown), shown["editable"], shown["ended"]) == (["s1"], True, False)
    path = f"/desk/calls/{call.id}/script"
    given = {"version": version, "field": "f1", "answer": "no", "seen": 0}
    told = await (await desk.send(f"{path}/answers", given)).json()
    assert told["script"]["steps"][0]["fields"][0]["answer"] == "no"
    assert pops.told[-1] == (
        "script_changed",
        (*sorted(UUID(str(u)) for u in desk.stage.users), call.id),
    )
    told = await (await desk.send(f"{path}/steps", {"version": version, "step": "s1"})).json()
    assert keys(told["script"]) == ["s1", "s2"]
    [row] = await desk.rows(ScriptAnswer)
    assert (row.answer, row.user_id) == ("no", desk.ann.user.id)
    assert len(await desk.rows(AuditEntry, action="script.answered")) == 1


async def test_what_is_wrong_is_said_at_the_question(desk, version) -> None:
    call = await desk.call()
    path = f"/desk/calls/{call.id}/script"
    bad = await desk.send(
        f"{path}/answers", {"version": version, "field": "f1", "answer": "perhaps"}
    )
    assert (bad.status, await bad.json()) == (
        422, {"errors": {"f1": "Choose one of the list."}}
    )  # fmt: skip
    early = await desk.send(f"{path}/steps", {"version": version, "step": "s1"})
    assert (await early.json()) == {"errors": {"f1": "This is needed."}}


async def test_a_colleagues_answer_is_not_overwritten_unseen(desk, version) -> None:
    call = await desk.call()
    path = f"/desk/calls/{call.id}/script/answers"
    async with desk.database.writing() as session:
        await storage.scripts.give(
            session, call.id, UUID(version), "f1", "no", seen=0, by=desk.bob.user.id, now=NOW
        )
    late = {"version": version, "field": "f1", "answer": "yes", "seen": 0}
    answer = await desk.send(path, late)
    assert answer.status == 422
    assert (await answer.json())["errors"]["f1"].startswith("A colleague answered “no” meanwhile")
    shown = (await state(desk, call))["steps"][0]["fields"][0]
    assert (shown["answer"], shown["by"]) == ("no", desk.bob.user.name)
    assert (await desk.send(path, late | {"seen": shown["seen"]})).status == 200


async def test_who_only_heard_it_ring_can_read_and_not_answer(desk, version) -> None:
    call = await desk.call(by="101")
    shown = await state(desk, call, by=desk.bob)
    assert not shown["editable"]
    answer = await desk.send(
        f"/desk/calls/{call.id}/script/answers",
        {"version": version, "field": "f1", "answer": "no"}, by=desk.bob,
    )  # fmt: skip
    assert answer.status == 404
    assert await desk.rows(ScriptAnswer) == []


async def test_a_call_that_is_not_stored_yet_is_asked_for_again(desk, version) -> None:
    nobody = "01a00000-0000-7000-8000-000000000007"
    answer = await desk.ann.client.get(f"/desk/calls/{nobody}/script")
    assert (await answer.json()) == {"script": None, "soon": True}


async def test_the_form_for_later_begins_with_the_outcome_that_the_script_came_to(desk) -> None:
    outcome = str(desk.stage.outcome)
    async with desk.database.writing() as session:
        queue = await storage.queues.ensure(session, desk.stage.pbx, "sales")
        script = await storage.scripts.create(session, "Short", by=None, now=NOW)
        short = Outline((Step(key="s1", title="Thanks", say="Thank you", outcome=outcome),))
        await storage.scripts.save(session, script.id, "S", short, version=1, by=None, now=NOW)
        await storage.scripts.assign(session, script.id, [queue.id], by=None)
        made = await storage.scripts.publish(session, script.id, version=2, by=None, now=NOW)
    call = await desk.call()
    chosen = f'value="{outcome}" checked'
    assert chosen not in await desk.ann.get(f"/desk/calls/{call.id}/wrap-up")
    step = {"version": str(made.id), "step": "s1"}
    told = await (await desk.send(f"/desk/calls/{call.id}/script/steps", step)).json()
    assert (told["script"]["ended"], told["script"]["outcome"]) == (True, outcome)
    assert chosen in await desk.ann.get(f"/desk/calls/{call.id}/wrap-up")
