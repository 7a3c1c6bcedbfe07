"""What was said stands beside the player, for who may hear it, and each reading is audited."""

import pytest

import storage.consents
import storage.transcripts
from fixtures.calls import NOW, Teller, audited, set_stage
from fixtures.readings import keep_words, said
from fixtures.talks import conversation, talkative
from storage.consents import ConsentSource
from storage.rules.retention import Consent
from storage.teams import Team, TeamMember

PIECE = {"HX-Request": "true"}
WORDS = [
    *said("Hello I am <b>Zoe</b>.", 21), *said("Good morning.", 23, channel=1),
    *said("My card is 4111 1111 1111 1111 thanks.", 26),
    *said("This customer is a nuisance.", 70, channel=1),
    *said("Where is my parcel?", 125),
]  # fmt: skip


@pytest.fixture
async def people(sign_in, database):
    """Bob talked, and asked Cyd aside; Sue leads their team; Eve leads another."""
    ann, bob, cyd = [await sign_in("agent", name) for name in ("ann", "bob", "cyd")]
    sue, eve = await sign_in("supervisor", "sue"), await sign_in("supervisor", "eve")
    stage = await set_stage(database, [ann.user, bob.user, cyd.user])
    async with database.writing() as session:
        session.add(Team(id=sue.user.id, name="North"))
        await session.flush()
        session.add_all(
            TeamMember(team_id=sue.user.id, user_id=one.user.id) for one in (bob, cyd, sue)
        )
    return stage, bob, sue, eve


async def test_who_may_hear_reads_it_and_each_time_is_audited(people, store, database, app) -> None:
    stage, bob, sue, eve = people
    call = await store(talkative(stage), stage.context(), sound=conversation())
    place = f"/recordings/{call.recordings[0].id}/readings"
    assert "no speech engine is configured" in await bob.get(f"/calls/{call.id}")
    assert (await bob.post(place, headers=PIECE)).status == 404
    async with database.writing() as session:
        await keep_words(app, session, call.recordings[0].id, WORDS)
    assert "Read what was said" in await bob.get(f"/calls/{call.id}")
    assert "parcel" not in await bob.get(f"/calls/{call.id}")
    text = await (await bob.post(place, headers=PIECE)).text()
    assert "&lt;b&gt;Zoe&lt;/b&gt;." in text
    assert "a nuisance." in text  # he said it himself
    assert "4111" not in text
    assert "My card is <span" in text
    assert 'data-at="125"' in text or 'data-at="125.0"' in text
    assert text.index("Zoe&lt;") < text.index("Good morning.") < text.index("parcel")
    hers = await (await sue.post(place, headers=PIECE)).text()
    assert "nuisance" not in hers
    assert "Withheld: colleagues among themselves" in hers
    assert "Where is my parcel?" in hers
    assert (await eve.post(place, headers=PIECE)).status == 403
    rows = await audited(database, "recording.read")
    assert [row.user_id for row in rows] == [bob.user.id, sue.user.id]
    whole = await (await sue.post(place)).text()  # no scripts: a page of its own
    assert "<html" in whole
    assert "Where is my parcel?" in whole


async def test_who_spoke_is_named_by_channel(people, store, database, app) -> None:
    stage, bob, _, _ = people
    call = await store(talkative(stage), stage.context(), sound=conversation())
    async with database.writing() as session:
        await keep_words(app, session, call.recordings[0].id, WORDS)
    text = await (
        await bob.post(f"/recordings/{call.recordings[0].id}/readings", headers=PIECE)
    ).text()
    first, second = text.index("O&#39;Brien"), text.index("Bob")
    assert first < text.index("Zoe&lt;") < second < text.index("Good morning.")


async def test_the_page_says_why_there_are_no_words(
    people, store, database, settings, monkeypatch
) -> None:
    stage, bob, _, _ = people
    call = await store(Teller(stage.pbx).ended(), stage.context(), sound=conversation())
    key = call.recordings[0].id
    monkeypatch.setattr(type(settings), "hears_words", True)
    page = await bob.get(f"/calls/{call.id}")
    assert "Not heard for words yet" in page
    assert f'hx-get="/recordings/{key}/readings"' in page  # it asks again
    async with database.writing() as session:
        cause = "The speech engine did not end in time."
        await storage.transcripts.give_up(session, key, cause, now=NOW)
    piece = await bob.client.get(f"/recordings/{key}/readings", headers=PIECE)
    assert "No transcript: The speech engine did not end in time." in await piece.text()


async def test_after_a_refusal_nobody_reads_or_finds_a_word(people, store, database, app) -> None:
    stage, bob, sue, _ = people
    call = await store(Teller(stage.pbx).ended(), stage.context(), sound=conversation())
    async with database.writing() as session:
        await keep_words(app, session, call.recordings[0].id, WORDS)
    assert "<mark>parcel?</mark>" in await sue.get("/calls/spoken?q=parcel")
    async with database.writing() as session:
        await storage.consents.tell(
            session, call.id, Consent.REFUSED, source=ConsentSource.PERSON, by=None, now=NOW
        )
    answer = await bob.post(f"/recordings/{call.recordings[0].id}/readings", headers=PIECE)
    assert answer.status == 422
    assert "did not want to be recorded" in await answer.text()
    assert "Nobody said that" in await sue.get("/calls/spoken?q=parcel")
    assert await audited(database, "recording.read") == []
