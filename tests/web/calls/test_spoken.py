"""Calls are found by what was said; who may not hear it does not read it, and no card is heard."""

import io

import pytest

import storage.transcripts
from fixtures.calls import Teller, audited, set_stage
from fixtures.sounds import heard, strength, tones, written
from recordings.naming import words_key
from recordings.transcripts import written as laid
from storage.rules.transcripts import Word, redacted
from storage.teams import Team, TeamMember
from web.keys import SHELF

SOUND, _ = written(tones((440, 20), (1000, 10), (440, 31)))
SAID = ["please", "bring", "the", "delivery", "to", "<b>Ärztehaus</b>", "and", "my", "card", "is"]


@pytest.fixture
async def people(sign_in, database):
    """Agents at 101 and 102, and the supervisor of their team; a stranger."""
    ann, bob = [await sign_in("agent", name) for name in ("ann", "bob")]
    sue, eve = await sign_in("supervisor", "sue"), await sign_in("supervisor", "eve")
    stage = await set_stage(database, [ann.user, bob.user])
    async with database.writing() as session:
        session.add(Team(id=sue.user.id, name="North"))
        await session.flush()
        session.add_all(
            TeamMember(team_id=sue.user.id, user_id=one.user.id) for one in (ann, bob, sue)
        )
    return stage, bob, sue, eve, ann


@pytest.fixture
async def call(people, store, database, app):
    """A call in which a card number is said while it beeps, from 20 to 30 seconds."""
    stage = people[0]
    made = await store(Teller(stage.pbx).ended(), stage.context(), sound=SOUND)
    words = [Word(text=text, begins=n, ends=n + 0.5, channel=0) for n, text in enumerate(SAID)]
    words += [
        Word(text=text, begins=20 + 2 * n, ends=22 + 2 * n, channel=0)
        for n, text in enumerate(("4111", "1111", "1111", "one one one one".replace(" ", ""), "x"))
    ]
    words[-2] = Word(text="1111", begins=26, ends=30, channel=0)
    told, windows = redacted(words)
    [recording] = made.recordings
    key = words_key(f"2026/11/28/{made.id.hex}-{recording.id.hex}.sealed", "0" * 16)
    app[SHELF].put(io.BytesIO(laid(told)), key)
    async with database.writing() as session:
        await storage.transcripts.keep(
            session, recording.id, shelf_key=key, said=[word.text for word in told],
            windows=windows, engine="test", now=made.started_at,
        )  # fmt: skip
    return made


async def test_words_are_shown_in_context_a_click_away_from_their_sound(people, call) -> None:
    _stage, bob, sue, eve, ann = people
    text = await sue.get("/calls/spoken?q=AERZTEHAUS delivery")
    assert "Nobody said that" in text  # ä is a here, as everywhere
    for who in (bob, sue):
        text = await who.get("/calls/spoken?q=arztehaus deliv")
        assert "<mark>delivery</mark>" in text
        assert "&lt;b&gt;" in text
        assert f"/calls/{call.id}?t=2&amp;recording={call.recordings[0].id}" in text
        assert "4111" not in text
    for who in (eve, ann):  # of another team; and it rang at ann's phone, where nobody talked
        assert "Nobody said that" in await who.get("/calls/spoken?q=delivery")
    assert "Nobody said that" in await sue.get("/calls/spoken?q=4111")
    assert "Beginnings of words" in await sue.get("/calls/spoken")


async def test_whose_words_were_shown_to_whom_is_audited(people, call, database) -> None:
    _stage, bob, sue, eve, _ann = people
    for who in (bob, eve, sue):
        await who.get("/calls/spoken?q=delivery")
    rows = await audited(database, "recording.found")
    assert [row.user_id for row in rows] == [bob.user.id, sue.user.id]
    assert {tuple(row.details["recordings"]) for row in rows} == {(str(call.recordings[0].id),)}
    assert "delivery" not in str([row.details for row in rows])


async def test_nobody_hears_the_number_of_the_card(people, call) -> None:
    bob = people[1]
    response = await bob.post(f"/recordings/{call.recordings[0].id}/plays")
    while response.status == 202:
        response = await bob.post(f"/recordings/{call.recordings[0].id}/plays")
    opened = await response.json()
    [[begins, ends]] = opened["silent"]
    assert begins <= 20
    assert ends >= 30
    sound, rate = heard(await (await bob.client.get(opened["url"])).read())
    assert strength(sound[:, 0], rate, 1000) < 1e-3
    assert strength(sound[: 19 * rate, 0], rate, 440) > 0.2
