"""A recording by a link: an outsider hears it and learns nothing else; who may share rules it."""

import re
from http.cookies import SimpleCookie

import pytest

import storage.rights
from fixtures.calls import Teller, audited
from fixtures.sounds import heard, strength
from fixtures.talks import conversation, talkative
from storage.rules.permissions import Permission, RoleName, Scope
from web.recordings.shared import COOKIE

LINK = re.compile(r"/shared#([\w-]{32})")


@pytest.fixture
async def sharer(sign_in, database, ears):
    """An administrator who was given the right to share."""
    async with database.writing() as session:
        wanted = {Permission.SHARE_RECORDINGS: Scope.ALL}
        await storage.rights.give(session, RoleName.ADMINISTRATOR, wanted, by=None)
    return await sign_in("administrator", "sharer")


@pytest.fixture
async def call(stage, store, make_tone):
    return await store(Teller(stage.pbx).ended(), stage.context(), sound=make_tone(30))


async def shared(browser, call, **form: str) -> str:
    place = f"/recordings/{call.recordings[0].id}/shares"
    response = await browser.post(place, {"hours": "24", "plays": "2", "person": ""} | form)
    assert response.status == 200, await response.text()
    return LINK.search(await response.text())[1]


async def opened(client, settings, secret: str):
    """Ask for a play as the page does, until the sound is prepared."""
    while True:
        response = await client.post(
            "/shared/plays", data={"secret": secret}, headers={"Origin": settings.public_origin}
        )
        if response.status != 202:
            return response


async def listened(client, response) -> bytes:
    key = SimpleCookie(response.headers["Set-Cookie"])[COOKIE].value
    sound = await client.get((await response.json())["url"], headers={"Cookie": f"{COOKIE}={key}"})
    assert sound.status == 200
    return await sound.read()


async def test_an_outsider_hears_it_and_learns_nothing_that_was_not_ticked(
    sharer, call, stranger, settings, database
) -> None:
    page = await stranger.client.get("/shared")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    secret = await shared(sharer, call)
    first = await opened(stranger.client, settings, secret)
    assert first.status == 201
    told = await first.json()
    assert (told["told"], told["left"]) == ([], 1)
    assert call.number not in await first.text()
    content = await listened(stranger.client, first)
    assert content[:4] == b"OggS"
    bare = await sharer.client.get(told["url"], allow_redirects=False)
    assert bare.status == 404  # without the cookie
    assert (await opened(stranger.client, settings, secret)).status == 201
    over = await opened(stranger.client, settings, secret)
    assert over.status == 404
    assert "This link has ended" in (await over.json())["problem"]
    assert len(await audited(database, "recording.shared_played")) == 2
    ticked = await shared(sharer, call, **{"tells-customer": "on", "tells-agent": "on"})
    told = await (await opened(stranger.client, settings, ticked)).json()
    assert told["told"] == ["With Zoë O'Brien", "Bob"]


async def test_it_is_withdrawn_from_the_list_by_those_who_may_share(
    sharer, call, stranger, settings, sign_in
) -> None:
    secret = await shared(sharer, call)
    first = await opened(stranger.client, settings, secret)
    listed = await sharer.get("/recordings/shares")
    assert secret not in listed
    place = re.search(r"/shares/[\w-]+/withdrawals", listed)[0]
    other = await sign_in("supervisor", "other")  # of no team of his
    assert (await other.post(place)).status == 403
    assert (await sharer.post(place)).status == 303
    address = (await first.json())["url"]
    key = SimpleCookie(first.headers["Set-Cookie"])[COOKIE].value
    gone = await stranger.client.get(address, headers={"Cookie": f"{COOKIE}={key}"})
    assert gone.status == 404
    assert (await opened(stranger.client, settings, secret)).status == 404


async def test_one_for_a_colleague_needs_their_log_in(
    sharer, call, stranger, settings, sign_in, database
) -> None:
    bob = await sign_in("agent", "zed")
    secret = await shared(sharer, call, person=str(bob.user.id), plays="")
    refused = await opened(stranger.client, settings, secret)
    assert refused.status == 403
    assert "Log in" in (await refused.json())["problem"]
    assert (await opened(bob.client, settings, secret)).status == 201
    [row] = await audited(database, "recording.shared_played")
    assert row.user_id == bob.user.id


async def test_what_colleagues_said_among_themselves_is_silent_for_outsiders(
    sharer, stage, store, stranger, settings
) -> None:
    call = await store(talkative(stage), stage.context(), sound=conversation(), seconds=171)
    secret = await shared(sharer, call)
    content = await listened(stranger.client, await opened(stranger.client, settings, secret))
    sound, rate = heard(content)
    assert abs(sound[66 * rate : 94 * rate]).max() < 1e-3
    assert strength(sound[60 * rate : 61 * rate].sum(axis=1), rate, 220 + 20 * (60 % 7)) > 0.02


async def test_who_guesses_is_put_off(stranger, settings) -> None:
    answers = [(await opened(stranger.client, settings, f"guess{n}")).status for n in range(12)]
    assert answers[0] == 404
    assert answers[-1] == 429


async def test_what_makes_no_sense_makes_no_link(sharer, call) -> None:
    place = f"/recordings/{call.recordings[0].id}/shares"
    for wrong in ({"hours": "1000", "plays": "1"}, {"hours": "x", "plays": "1"}, {"hours": "24"}):
        response = await sharer.post(place, wrong)
        assert response.status == 303
