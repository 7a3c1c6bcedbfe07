"""Calls and their recordings through the API: whole, paged, and only those one may see."""

import pytest

import storage.recording_comments
import storage.recordings
import storage.recoveries
import storage.teams
from fixtures.calls import CALLER, Teller, after, set_stage
from storage.recoveries import Reason

pytestmark = pytest.mark.usefixtures("ears")

API = "/api/v1"


@pytest.fixture
async def supervisor(program):
    return await program("supervisor", "read", "recordings")


@pytest.fixture
async def call(stage, store, make_tone):
    return await store(Teller(stage.pbx).ended(), stage.context(), sound=make_tone(2))


async def test_a_call_is_told_with_all_its_parts(supervisor, call) -> None:
    told = await (await supervisor.get(f"{API}/calls/{call.id}")).json()
    assert (told["id"], told["e164"], told["result"]) == (str(call.id), CALLER, "answered")
    assert len(told["legs"]) == len(call.legs)
    assert {offer["end"] for offer in told["offers"]} == {str(o.end) for o in call.offers}
    kinds = [segment["kind"] for segment in told["segments"]]
    assert sorted(kinds) == sorted(str(segment.kind) for segment in call.segments)
    assert all(segment["parties"] for segment in told["segments"] if segment["kind"] == "talk")


async def test_a_call_that_the_books_told_says_what_is_uncertain(
    supervisor, call, database
) -> None:
    heard = await (await supervisor.get(f"{API}/calls/{call.id}")).json()
    assert heard["recovery"] is None
    async with database.writing() as session:
        await storage.recoveries.note(
            session, call.id, reason=Reason.RECOVERED, gap_id=None, is_new=True,
            uncertain={"hold"}, at=after(90),
        )  # fmt: skip
    told = (await (await supervisor.get(f"{API}/calls/{call.id}")).json())["recovery"]
    assert (told["reason"], told["uncertain"]) == ("recovered", ["hold"])


async def test_pages_of_calls_follow_each_other(supervisor, stage, store) -> None:
    for n in range(5):
        teller = Teller(stage.pbx, after(600 * n), tag=f"{n}.0")
        await store(teller.ended(), stage.context())
    seen, params = [], {"limit": "2"}
    while True:
        page = await (await supervisor.get(f"{API}/calls", params=params)).json()
        seen += [one["started_at"] for one in page["calls"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


async def test_an_agent_sees_and_hears_only_their_own_calls(
    program, database, store, make_tone
) -> None:
    mine = await program("agent", "read", "recordings")
    other = await program("agent", "read", "recordings")
    stage = await set_stage(database, [other.user, mine.user])  # 102 answers: that is `mine`
    call = await store(Teller(stage.pbx).ended(), stage.context(), sound=make_tone(1))
    [recording] = call.recordings
    assert len((await (await mine.get(f"{API}/calls")).json())["calls"]) == 1
    opened = await mine.post(f"{API}/recordings/{recording.id}/plays")
    assert opened.status == 201
    refused = await other.post(f"{API}/recordings/{recording.id}/plays")
    assert refused.status == 403
    play = await opened.json()
    assert (await other.get(play["url"])).status == 404


async def test_a_recording_says_how_it_stands(supervisor, call) -> None:
    team = await supervisor.get(f"{API}/recordings/{call.recordings[0].id}")
    assert (await team.json())["state"] == "ready"


@pytest.mark.parametrize("scopes", [("read",), ("write",)])
async def test_a_token_without_the_scope_hears_nothing(program, call, scopes) -> None:
    client = await program("administrator", *scopes)
    response = await client.post(f"{API}/recordings/{call.recordings[0].id}/plays")
    assert response.status == 403


async def test_a_play_gives_the_bytes_that_are_asked_for(program, call) -> None:
    client = await program("administrator", "read", "recordings")
    opened = await client.post(f"{API}/recordings/{call.recordings[0].id}/plays")
    url = (await opened.json())["url"]
    whole = await (await client.get(url)).read()
    part = await client.get(url, headers={"Range": "bytes=44-143"})
    assert part.status == 206
    assert await part.read() == whole[44:144]
    assert part.headers["Content-Range"] == f"bytes 44-143/{len(whole)}"


@pytest.mark.parametrize(
    "params", [{"since": "yesterday"}, {"limit": "0"}, {"user": "ann"}, {"page": "2"}]
)
async def test_a_question_that_makes_no_sense_is_refused(supervisor, params) -> None:
    response = await supervisor.get(f"{API}/calls", params=params)
    assert response.status == 422


async def test_calls_are_narrowed_by_how_they_went(
    supervisor, stage, store, call, database
) -> None:
    long = Teller(stage.pbx, after(600), tag="2.0").ended(seconds=600)
    await store(long, stage.context())

    async def found(**params: str) -> set[str]:
        answer = await supervisor.get(f"{API}/calls", params=params)
        assert answer.status == 200, await answer.text()
        return {one["id"] for one in (await answer.json())["calls"]}

    both = {str(call.id), str(long.id)}
    assert await found(talk_from="300") == {str(long.id)}
    assert await found(talk_to="300", wait_from="0") == {str(call.id)}
    assert await found(recording="true") == {str(call.id)}
    assert await found(review="no") == both
    async with database.writing() as session:
        recording = await storage.recordings.get(session, call.recordings[0].id)
        await storage.recording_comments.add(
            session, recording, 1.0, "Kindly", by=stage.users[0], now=after(90)
        )
    assert await found(comment="kind") == set()  # nobody whom this supervisor may hear
    async with database.writing() as session:
        team = await storage.teams.create(session, name="t", now=after(90), by=None)
        members = [supervisor.user.id, stage.users[1]]
        await storage.teams.change(session, team.id, name="t", user_ids=members, by=None)
    assert await found(comment="kind") == {str(call.id)}
    assert await found(transferred="yes") == await found(held="true") == set()
    assert await found(pbx=str(stage.pbx), match="unknown", dialled=call.dialled) == both
    assert (await supervisor.get(f"{API}/calls?talk_from=nan")).status == 422
