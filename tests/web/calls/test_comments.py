"""Comments on the call's page: written, answered and changed by those who may."""

import pytest

from fixtures.calls import Teller, set_stage
from storage.errors import Refused
from storage.teams import Team, TeamMember
from web.calls.comments import moment_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("83", 83),
        ("1:23", 83),
        (" 0:01.5 ", 1.5),
        ("1:02:03", 3723),
        ("61:00", 3660),
        ("1,25", 1.25),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert moment_of(text) == seconds


@pytest.mark.parametrize("text", ["", "now", "-1", "1:2:3:4", "1e3", "\u0661:\u0662\u0663"])
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(Refused):
        moment_of(text)


async def test_colleagues_talk_about_a_moment(sign_in, database, store, make_tone) -> None:
    agent, sue = await sign_in("agent"), await sign_in("supervisor", "sue")
    tim = await sign_in("supervisor", "tim")
    stage = await set_stage(database, [agent.user])
    async with database.writing() as session:
        session.add(Team(id=sue.user.id, name="North"))
        await session.flush()
        session.add_all(
            TeamMember(team_id=sue.user.id, user_id=one.user.id) for one in (agent, sue, tim)
        )
    call = await store(Teller(stage.pbx).ended("101"), stage.context(), sound=make_tone(30))
    place = f"/recordings/{call.recordings[0].id}/comments"
    piece = {"HX-Request": "true"}
    wrong = await sue.post(place, {"moment": "1:23", "text": "Too late"}, headers=piece)
    text = await wrong.text()
    assert "That moment is not in the recording." in text
    assert "Too late" in text  # nothing typed is lost
    said = await sue.post(place, {"moment": "0:12", "text": "<b>Good</b>"}, headers=piece)
    text = await said.text()
    assert 'data-mark="12.0"' in text
    assert "&lt;b&gt;Good&lt;/b&gt;" in text
    key = text.partition('id="answer-')[2][:36]
    page = await tim.get(f"/calls/{call.id}")
    assert "&lt;b&gt;Good&lt;/b&gt;" in page
    assert f"/comments/{key}/removals" not in page
    answered = await tim.post(f"/comments/{key}/answers", {"text": "Indeed"})
    assert answered.status == 303
    assert (
        "Only who wrote"
        in await (await tim.post(f"/comments/{key}", {"text": "Bad"}, headers=piece)).text()
    )
    changed = await sue.post(f"/comments/{key}", {"text": "Very good"}, headers=piece)
    text = await changed.text()
    assert "Very good" in text
    assert "Indeed" in text
    taken = await sue.post(f"/comments/{key}/removals", headers=piece)
    text = await taken.text()
    assert "Very good" not in text
    assert "Indeed" in text
    heard = await agent.client.get(place, headers=piece)
    assert "Indeed" in await heard.text()  # who may hear it reads what is said
    assert (await agent.post(place, {"moment": "1", "text": "x"})).status == 403
