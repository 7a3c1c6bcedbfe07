"""The page of calls in progress: whom a supervisor may listen to, and what comes of a click."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

import storage.agents
import storage.pbxs
import storage.rights
import storage.supervisions
import storage.teams
from fixtures.calls import Teller
from storage.rules.permissions import Permission, RoleName, Scope
from storage.rules.supervisions import Disclosure, Mode, is_shown
from storage.supervisions import Order
from web.telephony import Attending, Audible

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
PAGE = "/calls/in-progress"
KEY = "0123456789abcdef"


@pytest.fixture
async def people(sign_in, stage, database):
    """Sue, her agent amy, and cleo of another team; each at a phone."""
    made = {name: await sign_in("agent", name) for name in ("amy", "cleo")}
    made["sue"] = await sign_in("supervisor", "susan")
    made["adam"] = await sign_in("administrator", "adele")
    async with database.writing() as session:
        team = await storage.teams.create(session, name="Sales", now=NOW, by=None)
        for name in ("amy", "sue"):
            await storage.teams.place(session, made[name].user.id, {team.id}, by=None)
        for number, name in enumerate(("amy", "cleo", "sue"), 301):
            await storage.agents.create(
                session, user_id=made[name].user.id, pbx_id=stage.pbx, extension=str(number),
                now=NOW, by=None,
            )  # fmt: skip
    return made


def talks(people, call: UUID) -> tuple[Audible, ...]:
    return tuple(
        Audible(call=call, leg=f"leg-{name}", extension=extension, user=people[name].user.id)
        for name, extension in (("amy", "301"), ("cleo", "302"))
    )


@pytest.fixture
async def call(people, stage, store, controls) -> UUID:
    """A call that goes on, in which amy and cleo talk."""
    stored = await store(Teller(stage.pbx).talking(), stage.context())
    controls.supervising.talks = talks(people, stored.id)
    return stored.id


async def test_a_supervisor_is_offered_the_talks_of_the_team_alone(people, call) -> None:
    text = await people["sue"].get(PAGE)
    assert text.count("data-supervise") == 1
    assert all(f'id="supervise-leg-amy-{mode}"' in text for mode in Mode)
    assert "data-supervise" not in await people["adam"].get(PAGE)  # no phone, and not given


async def test_a_click_rings_the_phone_once_and_is_refused_beyond_the_reach(
    people, call, controls, database
) -> None:
    sue, place = people["sue"], f"/calls/{call}/supervisions"
    fields = {"mode": "whisper", "leg": "leg-amy", "key": KEY}
    assert (await sue.post(place, fields)).status == 303
    [(user, phone, one, mode, key)] = controls.supervising.asked
    assert (user, phone.extension, one.leg) == (sue.user.id, "303", "leg-amy")
    assert (mode, key) == (Mode.WHISPER, KEY)
    for wrong in ({"leg": "leg-cleo"}, {"mode": "sing"}, {"key": ""}, {"leg": "leg-gone"}):
        answer = await sue.post(place, fields | wrong, headers={"Accept": "application/json"})
        assert answer.status == 422, wrong
        assert (await answer.json())["errors"][""]
    assert len(controls.supervising.asked) == 1
    async with database.writing() as session:
        wanted = {Permission.WHISPER: Scope.NONE}
        await storage.rights.give(session, RoleName.SUPERVISOR, wanted, by=None)
    await sue.post(place, fields | {"key": "another-click"})
    assert len(controls.supervising.asked) == 1
    assert 'id="supervise-leg-amy-whisper"' not in await sue.get(PAGE)


async def test_what_goes_on_is_shown_and_can_be_stopped(people, call, controls) -> None:
    sue = people["sue"]
    controls.supervising.own = Attending(
        call=call, leg="leg-amy", mode=Mode.BARGE, started_at=datetime.now(UTC)
    )
    text = await sue.get(PAGE)
    assert "You listen in, and both hear you." in text
    assert 'value="barge" aria-pressed="true"' in text
    assert text.count('" aria-pressed="false" title=') == 2
    await sue.post("/calls/in-progress/supervision-ends")
    assert controls.supervising.asked == [(sue.user.id,)]


async def test_the_page_of_the_call_tells_who_listened_to_those_with_the_right(
    people, call, stage, database
) -> None:
    order = Order(
        key=None, pbx_id=stage.pbx, channel_id="", user_id=people["sue"].user.id, extension="303",
        call_id=call, leg="leg-amy", agent_id=people["amy"].user.id, agent_extension="301",
        mode=Mode.LISTEN, shown=False,
    )  # fmt: skip
    async with database.writing() as session:
        row, _ = await storage.supervisions.claim(session, order, now=NOW)
        await storage.supervisions.began(session, row.id, NOW)
        await storage.supervisions.ended(session, row.id, NOW)
    text = await people["sue"].get(f"/calls/{call}")
    assert "Listened in" in text
    assert "not shown to the agent" in text
    assert "Listened in" not in await people["adam"].get(f"/calls/{call}")


@pytest.mark.parametrize(
    ("teams", "told"),
    [
        ((), {None, *Mode}),
        ((Disclosure.SHOWN, Disclosure.HIDDEN), {None, *Mode}),
        ((Disclosure.SPEAKING,), {Mode.WHISPER, Mode.BARGE}),
        ((Disclosure.SPEAKING, Disclosure.HIDDEN), {Mode.WHISPER, Mode.BARGE}),
        ((Disclosure.HIDDEN,), set()),
    ],
)
def test_the_most_open_team_says_what_an_agent_is_told(teams, told) -> None:
    assert {mode for mode in (None, *Mode) if is_shown(teams, mode)} == told


async def test_a_team_says_whether_its_agents_are_told(people, database) -> None:
    async with database.reading() as session:
        [team] = await storage.teams.listed(session)
    assert team.supervision is Disclosure.SHOWN
    fields = {"name": "Sales", "supervision": "speaking"}
    answer = await people["adam"].post(f"/administration/teams/{team.id}", fields)
    assert answer.status == 303
    async with database.reading() as session:
        [team] = await storage.teams.listed(session)
    assert team.supervision is Disclosure.SPEAKING
    text = await people["adam"].get(f"/administration/teams/{team.id}")
    assert text.count("checked") == 1
