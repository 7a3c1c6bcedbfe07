"""Consultations and internal talk are silent for those without the right: whole file and ranges."""

from dataclasses import replace

import pytest

from fixtures.calls import Teller, audited, set_stage
from fixtures.sounds import heard, strength, tones, written
from pbx_bridge.call import Party, RecordingFile, Segment, SegmentKind
from storage.teams import Team, TeamMember

SOUND, _ = written(tones((440, 20), (1000, 20), (440, 21)))  # from 9 to 70 seconds of the call


def consulting(teller: Teller):
    """A call in which 102 speaks with 103 alone from the 29th to the 49th second."""
    call = teller.ended()
    segment = Segment(
        id=teller.key(teller.at(29), "consult"), kind=SegmentKind.CONSULT,
        started_at=teller.at(29), ended_at=teller.at(49),
        parties=tuple(
            Party(leg=call.legs[n].id, extension=call.legs[n].extension, number="")
            for n in (2, 3)
        ),
    )  # fmt: skip
    return replace(call, segments=(*call.segments, segment))


@pytest.fixture
async def people(sign_in, database):
    """Ann at 101, Bob at 102, Cyd at 103, and Sue, in whose team they are."""
    ann, bob, cyd = [await sign_in("agent", name) for name in ("ann", "bob", "cyd")]
    sue = await sign_in("supervisor", "sue")
    stage = await set_stage(database, [ann.user, bob.user, cyd.user])
    async with database.writing() as session:
        session.add(Team(id=sue.user.id, name="North"))
        await session.flush()
        session.add_all(
            TeamMember(team_id=sue.user.id, user_id=one.user.id) for one in (ann, bob, cyd, sue)
        )
    return stage, bob, sue


async def opened(browser, call) -> dict:
    response = await browser.post(f"/recordings/{call.recordings[0].id}/plays")
    while response.status == 202:
        response = await browser.post(f"/recordings/{call.recordings[0].id}/plays")
    assert response.status == 201, await response.text()
    return await response.json()


def energy(content: bytes) -> tuple[float, float]:
    """How much of what the customer heard, and of what was said aside."""
    sound, rate = heard(content)
    return strength(sound[: 19 * rate, 0], rate, 440), strength(sound[:, 0], rate, 1000)


async def test_a_consultation_is_silent_for_who_took_no_part(people, store, database) -> None:
    stage, bob, sue = people
    call = await store(consulting(Teller(stage.pbx)), stage.context(), sound=SOUND)
    his, hers = await opened(bob, call), await opened(sue, call)
    assert his["silent"] == []
    assert hers["silent"] == [[19.75, 40.25]]
    said, aside = energy(await (await bob.client.get(his["url"])).read())
    assert said > 0.2
    assert aside > 0.05
    whole = await (await sue.client.get(hers["url"])).read()
    said, aside = energy(whole)
    assert said > 0.2
    assert aside < 1e-3
    parts = []
    for first in range(0, len(whole), 5000):  # no range gives more than the whole does
        ranged = await sue.client.get(
            hers["url"], headers={"Range": f"bytes={first}-{first + 4999}"}
        )
        parts.append(await ranged.read())
    assert b"".join(parts) == whole
    rows = await audited(database, "recording.played")
    assert [row.details.get("silenced", False) for row in rows] == [False, True]


async def test_it_is_silent_in_every_recording_that_runs_over_it(people, store) -> None:
    """Whichever leg was recorded, and whenever that began: what counts is when they spoke."""
    stage, bob, sue = people
    teller = Teller(stage.pbx)
    call = consulting(teller)
    other = RecordingFile(
        id=teller.key(teller.at(39), "recording"), leg=call.legs[3].id, path="/there/other.wav",
        started_at=teller.at(39), ended_at=teller.at(100),
    )  # fmt: skip
    call = replace(call, recordings=(other, *call.recordings))
    await store(call, stage.context(), sound=SOUND)
    assert (await opened(bob, call))["silent"] == []
    hers = await opened(sue, call)
    assert hers["silent"] == [[0, 10.25]]
    sound, rate = heard(await (await sue.client.get(hers["url"])).read())
    assert strength(sound[: 10 * rate, 0], rate, 440) < 1e-3
    assert strength(sound[11 * rate : 19 * rate, 0], rate, 440) > 0.2


async def test_talk_between_two_of_ours_is_all_silent(people, store) -> None:
    stage, _bob, sue = people
    teller = Teller(stage.pbx)
    call = teller.ended()
    talk = call.segments[1]
    ours = replace(
        talk,
        parties=(talk.parties[1], replace(talk.parties[1], leg=call.legs[1].id, extension="101")),
    )
    call = await store(
        replace(call, segments=(call.segments[0], ours)), stage.context(), sound=SOUND
    )
    hers = await opened(sue, call)
    assert max(energy(await (await sue.client.get(hers["url"])).read())) < 1e-3


async def test_what_cannot_be_silenced_is_not_given_at_all(people, store, database) -> None:
    stage, bob, sue = people
    call = await store(consulting(Teller(stage.pbx)), stage.context(), sound=b"no sound" * 9000)
    assert (await opened(bob, call))["media_type"] == "audio/wav"
    refused = await sue.post(f"/recordings/{call.recordings[0].id}/plays")
    assert refused.status == 422
    assert "speak among themselves" in await refused.text()
    assert len(await audited(database, "recording.played")) == 1
