"""Programs listen in: with a scope of their own, on the user's phone, within the user's rights."""

from datetime import timedelta
from uuid import UUID

import pytest

import storage.agents
import storage.rights
import storage.supervisions
import storage.teams
from fixtures.calls import NOW, Teller
from storage.rules.permissions import Permission, RoleName, Scope
from storage.rules.supervisions import Mode
from storage.supervisions import Order
from web.telephony import Attending, Audible

KEY = "0123456789abcdef"


@pytest.fixture
async def sue(program, sign_in, stage, database):
    """A supervisor's program; amy is of her team, cleo of another; each has a phone."""
    client = await program("supervisor", "supervise")
    client.amy, client.cleo = [(await sign_in("agent", name)).user for name in ("amy", "cleo")]
    async with database.writing() as session:
        team = await storage.teams.create(session, name="Sales", now=NOW, by=None)
        for key in (client.amy.id, client.user.id, *stage.users):  # who is told to talk, too
            await storage.teams.place(session, key, {team.id}, by=None)
        for number, user in enumerate((client.amy, client.cleo, client.user), 301):
            await storage.agents.create(
                session, user_id=user.id, pbx_id=stage.pbx, extension=str(number), now=NOW, by=None
            )
    return client


@pytest.fixture
async def call(sue, stage, store, controls) -> UUID:
    """A call that goes on, in which both talk."""
    stored = await store(Teller(stage.pbx).talking(), stage.context())
    controls.supervising.talks = tuple(
        Audible(call=stored.id, leg=f"leg-{user.login}", extension=extension, user=user.id)
        for user, extension in ((sue.amy, "301"), (sue.cleo, "302"))
    )
    return stored.id


async def test_a_program_finds_begins_changes_and_ends_it(sue, call, controls) -> None:
    answer = await (await sue.get("/api/v1/supervisions")).json()
    [talk] = answer["talks"]
    assert (answer["own"], talk["extension"], talk["name"]) == (None, "301", sue.amy.name)
    assert (talk["call"], talk["modes"]) == (str(call), ["listen", "whisper", "barge"])
    path = f"/api/v1/calls/{call}/supervisions"
    answer = await sue.post(path, json={"mode": "listen", "key": KEY})
    assert answer.status == 202
    [(user, phone, one, mode, key)] = controls.supervising.asked
    assert (user, phone.extension, one.leg) == (sue.user.id, "303", "leg-amy")
    assert (mode, key) == (Mode.LISTEN, KEY)
    controls.supervising.own = Attending(call=call, leg="leg-amy", mode=mode, started_at=NOW)
    answer = await sue.post(path, json={"mode": "barge", "key": KEY, "extension": "301"})
    now = await answer.json()
    assert (answer.status, now["call"], now["mode"]) == (202, str(call), "listen")
    assert (await sue.get("/api/v1/supervisions")).status == 200
    assert (await sue.post("/api/v1/supervision-ends")).status == 204
    assert controls.supervising.asked[-1] == (sue.user.id,)


async def test_what_is_beyond_the_rights_is_refused(sue, call, controls, database) -> None:
    path = f"/api/v1/calls/{call}/supervisions"
    for wrong in ({"extension": "302"}, {"mode": "sing"}, {"key": "!"}, {"extension": "999"}):
        answer = await sue.post(path, json={"mode": "listen", "key": KEY} | wrong)
        assert answer.status == 422, wrong
    async with database.writing() as session:
        wanted = {Permission.LISTEN_IN: Scope.ALL}
        await storage.rights.give(session, RoleName.SUPERVISOR, wanted, by=None)
    answer = await sue.post(path, json={"mode": "listen", "key": KEY})
    assert (answer.status, "say which" in (await answer.json())["detail"]) == (422, True)
    assert controls.supervising.asked == []


async def test_a_token_without_the_scope_or_the_right_hears_nothing(program, call) -> None:
    for role, scopes in (("supervisor", ("read", "write", "dial")), ("agent", ("supervise",))):
        client = await program(role, *scopes)
        for path in ("supervisions", f"calls/{call}/supervisions"):
            assert (await client.get(f"/api/v1/{path}")).status == 403


async def test_who_was_in_a_call_is_listed_as_far_as_the_right_reaches(
    sue, call, stage, database
) -> None:
    async with database.writing() as session:
        for number, agent in enumerate((sue.amy, sue.cleo)):
            order = Order(
                key=f"key-{number}", pbx_id=stage.pbx, channel_id="", user_id=sue.user.id,
                extension="303", call_id=call, leg=f"leg-{number}", agent_id=agent.id,
                agent_extension=f"30{number + 1}", mode=Mode.WHISPER, shown=True,
            )  # fmt: skip
            row, _ = await storage.supervisions.claim(session, order, now=NOW)
            await storage.supervisions.began(session, row.id, NOW)
            await storage.supervisions.ended(session, row.id, NOW + timedelta(seconds=9))
    answer = await sue.get(f"/api/v1/calls/{call}/supervisions")
    [one] = (await answer.json())["supervisions"]
    assert (one["by"], one["agent"], one["mode"]) == (sue.user.name, sue.amy.name, "whisper")
    assert (one["shown"], one["end_heard"], one["ended_at"] > one["started_at"]) == (
        True, True, True,
    )  # fmt: skip
