"""A link leads to a recording for its time, its person or its plays, and no longer."""

import asyncio
from datetime import timedelta

import pytest

import storage.consents
import storage.recordings
import storage.shares
import storage.tombstones
from fixtures.calls import NOW, Teller, after, audited, saved, set_stage
from storage.consents import ConsentSource
from storage.errors import NotFound, Refused
from storage.recordings import Sound
from storage.rules.retention import Consent, Ground
from storage.shares import Wanted

DAY = timedelta(days=1)


@pytest.fixture
async def shelved(database):
    """A recording, and three colleagues: 102 talked."""
    stage = await set_stage(database)
    story = await saved(database, Teller(stage.pbx).ended(), stage.context())
    key = story.recordings[0].id
    async with database.writing() as session:
        sound = Sound("2026/11/22/x", "audio/wav", 9, 60.0, "0" * 64)
        await storage.recordings.shelved(session, key, sound)
    async with database.reading() as session:
        return await storage.recordings.get(session, key), stage.users


async def made(database, shelved, **wanted: object):
    recording, (ann, *_) = shelved
    async with database.writing() as session:
        wish = Wanted(**{"lasts": DAY, "plays": 2} | wanted)
        return await storage.shares.create(session, recording, wish, by=ann, now=NOW)


async def found(database, secret: str, *, user_id=None, now=NOW):
    async with database.reading() as session:
        return await storage.shares.find(session, secret, user_id=user_id, now=now)


async def opened(database, share, *, now=NOW) -> bool:
    try:
        async with database.writing() as session:
            await storage.shares.open_play(session, share.id, "", user_id=None, now=now)
    except NotFound:
        return False
    return True


async def test_many_at_once_open_no_more_plays_than_it_allows(database, shelved) -> None:
    share, secret = await made(database, shelved, plays=3)
    assert sum(await asyncio.gather(*(opened(database, share) for _ in range(8)))) == 3
    rows = await audited(database, "recording.shared_played")
    assert [row.details["share"] for row in rows] == [str(share.id)] * 3
    assert {row.user_id for row in rows} == {None}
    with pytest.raises(NotFound):
        await found(database, secret)


async def test_it_ends_with_its_time_and_at_once_when_it_is_withdrawn(database, shelved) -> None:
    recording, (_, bob, _) = shelved
    share, secret = await made(database, shelved)
    assert (await found(database, secret))[1].id == recording.id
    for wrong in ("", secret[:-1], secret.swapcase()):
        with pytest.raises(NotFound):
            await found(database, wrong)
    with pytest.raises(NotFound):
        await found(database, secret, now=NOW + DAY)
    assert not await opened(database, share, now=NOW + DAY)
    async with database.writing() as session:
        play, key = await storage.shares.open_play(session, share.id, "m", user_id=None, now=NOW)
    async with database.reading() as session:
        assert (await storage.shares.played(session, play.id, key, now=after(9)))[1] == "m"
        for secret_of_play, at in (("other", after(9)), (key, after(7200))):
            with pytest.raises(NotFound):
                await storage.shares.played(session, play.id, secret_of_play, now=at)
    async with database.writing() as session:
        await storage.shares.withdraw(session, share.id, by=bob, now=after(10))
    async with database.reading() as session:
        with pytest.raises(NotFound):
            await storage.shares.played(session, play.id, key, now=after(11))
    with pytest.raises(NotFound):
        await found(database, secret)
    assert len(await audited(database, "share.withdrawn")) == 1
    text = str([row.details for row in await audited(database, "share.made")]) + str(vars(share))
    assert secret not in text


async def refuse(session, recording) -> None:
    await storage.consents.tell(
        session, recording.call_id, Consent.REFUSED, source=ConsentSource.PERSON, by=None, now=NOW
    )


async def delete(session, recording) -> None:
    await storage.tombstones.delete_recording(session, recording.id, Ground.HAND, by=None, now=NOW)


@pytest.mark.parametrize("end", [refuse, delete])
async def test_an_old_link_and_an_open_play_give_nothing_that_nobody_may_hear(
    database, shelved, end
) -> None:
    share, secret = await made(database, shelved)
    async with database.writing() as session:
        play, key = await storage.shares.open_play(session, share.id, "", user_id=None, now=NOW)
    async with database.writing() as session:
        await end(session, shelved[0])
    with pytest.raises((NotFound, Refused)):
        await found(database, secret)
    with pytest.raises((NotFound, Refused)):
        async with database.writing() as session:
            await storage.shares.open_play(session, share.id, "", user_id=None, now=NOW)
    async with database.reading() as session:
        with pytest.raises(NotFound):
            await storage.shares.played(session, play.id, key, now=after(1))
    with pytest.raises((NotFound, Refused)):
        await made(database, shelved)
    assert len(await audited(database, "recording.shared_played")) == 1


async def test_one_for_a_colleague_is_for_nobody_else(database, shelved) -> None:
    _, (ann, bob, _) = shelved
    _, secret = await made(database, shelved, plays=None, for_user_id=bob)
    assert await found(database, secret, user_id=bob)
    for other in (None, ann):
        with pytest.raises(Refused, match="Log in"):
            await found(database, secret, user_id=other)


@pytest.mark.parametrize(
    "wanted",
    [
        {"plays": None}, {"plays": 0}, {"plays": 101}, {"lasts": timedelta(minutes=5)},
        {"lasts": timedelta(days=31)}, {"plays": -1},
    ],
)  # fmt: skip
async def test_what_would_never_end_is_not_made(database, shelved, wanted) -> None:
    with pytest.raises(Refused):
        await made(database, shelved, **wanted)


async def test_links_are_listed_for_those_whose_calls_they_lead_to(database, shelved) -> None:
    _, (ann, bob, cyd) = shelved
    await made(database, shelved)
    await made(database, shelved, plays=None, for_user_id=cyd, tells=("agent", "when", "age"))
    async with database.reading() as session:
        lines = await storage.shares.listed(session, None)
        mine = await storage.shares.listed(session, frozenset({bob}))
        others = await storage.shares.listed(session, frozenset({ann}))
    told = {line.to: line for line in lines}
    assert {(line.by, line.to) for line in lines} == {("Ann", "Cyd"), ("Ann", None)}
    assert told["Cyd"].share.tells == ["when", "agent"]
    assert (len(mine), len(others)) == (2, 0)  # Bob talked, Ann's phone only rang
