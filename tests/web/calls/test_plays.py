"""Hearing a recording: who may, one audit row per play, exact bytes for every range."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientPayloadError
from sqlalchemy import select, update

from fixtures.calls import Teller, add_customer, set_stage
from storage.audit import AuditEntry
from storage.recordings import Play
from storage.teams import Team, TeamMember
from web.keys import SHELF

pytestmark = pytest.mark.usefixtures("ears")

SOUND = random.Random(7).randbytes(700_003)


@pytest.fixture
async def call(stage, store):
    return await store(Teller(stage.pbx).ended(), stage.context(), sound=SOUND)


async def opened(browser, call) -> str:
    response = await browser.post(f"/recordings/{call.recordings[0].id}/plays")
    assert response.status == 201, await response.text()
    return (await response.json())["url"]


async def audited(database) -> list[AuditEntry]:
    async with database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == "recording.played")
        return list(await session.scalars(query))


async def test_a_play_gives_the_whole_file_and_one_audit_row(sign_in, call, database) -> None:
    browser = await sign_in("administrator")
    address = await opened(browser, call)
    response = await browser.client.get(address)
    assert response.status == 200
    assert await response.read() == SOUND
    headers = response.headers
    assert headers["Content-Type"] == "audio/wav"
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Length"] == str(len(SOUND))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == (
        f'inline; filename="recording-{call.recordings[0].id}.wav"'
    )
    [row] = await audited(database)
    assert (row.user_id, row.key) == (browser.user.id, call.recordings[0].id)
    assert row.details == {"call": str(call.id), "play": address.split("/")[2]}


async def test_thousands_of_overlapping_ranges_give_exact_bytes_and_no_further_audit(
    sign_in, call, database
) -> None:
    browser = await sign_in("administrator")
    address = await opened(browser, call)
    chance = random.Random(11)
    size = len(SOUND)

    async def ask(count: int) -> None:
        for _ in range(count):
            first = chance.randrange(size)
            last = min(size - 1, first + chance.randrange(3000))
            header = chance.choice((f"bytes={first}-{last}", f"bytes=-{size - first}"))
            if header.startswith("bytes=-"):
                first, last = max(first, size - 3000), size - 1
                header = f"bytes=-{size - first}"
            response = await browser.client.get(address, headers={"Range": header})
            assert response.status == 206
            assert response.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
            assert await response.read() == SOUND[first : last + 1]

    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(ask(120))
    assert len(await audited(database)) == 1


async def test_the_head_alone_and_ranges_beyond_the_file(sign_in, call) -> None:
    browser = await sign_in("administrator")
    address = await opened(browser, call)
    head = await browser.client.head(address)
    assert (head.status, head.headers["Content-Length"], await head.read()) == (
        200, str(len(SOUND)), b"",
    )  # fmt: skip
    beyond = await browser.client.get(address, headers={"Range": "bytes=700003-"})
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, "bytes */700003")
    several = await browser.client.get(address, headers={"Range": "bytes=0-1,5-6"})
    assert (several.status, await several.read()) == (200, SOUND)


async def test_a_part_is_continued_only_of_the_same_file(sign_in, call) -> None:
    browser = await sign_in("administrator")
    address = await opened(browser, call)
    etag = (await browser.client.head(address)).headers["ETag"]
    same = {"Range": "bytes=5-9", "If-Range": etag}
    assert (await browser.client.get(address, headers=same)).status == 206
    other = {"Range": "bytes=5-9", "If-Range": '"other"'}
    response = await browser.client.get(address, headers=other)
    assert (response.status, await response.read()) == (200, SOUND)


async def test_an_aborted_listen_leaves_one_audit_row(sign_in, call, database) -> None:
    browser = await sign_in("administrator")
    address = await opened(browser, call)
    for _ in range(3):
        response = await browser.client.get(address)
        await response.content.read(1000)
        response.close()
    assert len(await audited(database)) == 1


async def test_a_play_serves_only_who_opened_it_and_only_for_a_time(
    sign_in, stranger, call, database
) -> None:
    browser = await sign_in("administrator")
    address = await opened(browser, call)
    other = await sign_in("administrator", "other")
    assert (await other.client.get(address)).status == 404
    assert (await stranger.client.get(address, allow_redirects=False)).status == 303
    assert (await browser.client.get(f"/plays/{uuid4()}/audio")).status == 404
    async with database.writing() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        play = UUID(address.split("/")[2])
        await session.execute(update(Play).where(Play.id == play).values(expires_at=past))
    assert (await browser.client.get(address)).status == 404


async def test_who_may_hear_what(sign_in, database, store) -> None:
    agent, boss = await sign_in("agent"), await sign_in("supervisor")
    stage = await set_stage(database, [agent.user])
    customer = await add_customer(database, "Zoë")
    context = stage.context(customer_id=customer)
    mine = await store(Teller(stage.pbx).ended("101"), context, sound=SOUND)
    others = await store(Teller(stage.pbx, tag="2.0").ended("102"), context, sound=SOUND)

    async def asked(browser, call) -> int:
        return (await browser.post(f"/recordings/{call.recordings[0].id}/plays")).status

    assert (await asked(agent, mine), await asked(agent, others)) == (201, 403)
    assert (await asked(boss, mine), await asked(boss, others)) == (403, 403)
    async with database.writing() as session:
        session.add(Team(id=boss.user.id, name="North"))
        await session.flush()
        session.add_all(
            TeamMember(team_id=boss.user.id, user_id=user) for user in (boss.user.id, agent.user.id)
        )
    assert (await asked(boss, mine), await asked(boss, others)) == (201, 403)
    assert len(await audited(database)) == 2


async def test_nothing_is_played_of_what_is_not_ready(sign_in, stage, store, database) -> None:
    browser = await sign_in("administrator")
    pending = await store(Teller(stage.pbx).ended(), stage.context())
    empty = Teller(stage.pbx, tag="2.0").ended()
    await store(empty, stage.context(), state="empty", cause="Only a head.")
    for call, sentence in ((pending, "not complete yet"), (empty, "Only a head.")):
        response = await browser.post(f"/recordings/{call.recordings[0].id}/plays")
        assert response.status == 422
        assert sentence in await response.text()
    assert (await browser.post(f"/recordings/{uuid4()}/plays")).status == 404
    assert await audited(database) == []


async def test_a_file_that_is_gone_from_the_shelf_is_a_clear_error(sign_in, call, app) -> None:
    browser = await sign_in("administrator")
    address = await opened(browser, call)
    for file in app[SHELF].store.root.rglob("*.sealed"):
        file.unlink()
    response = await browser.client.get(address)
    assert response.status == 404
    assert "The file of this recording is gone." in await response.text()


async def test_a_play_is_not_opened_from_another_site(sign_in, call, database) -> None:
    browser = await sign_in("administrator")
    path = f"/recordings/{call.recordings[0].id}/plays"
    for headers in ({"Origin": "http://evil.example"}, {"X-CSRF-Token": "x"}):
        assert (await browser.post(path, headers=headers)).status == 403
    assert await audited(database) == []


async def test_a_file_that_was_changed_on_the_shelf_is_never_given_as_whole(
    sign_in, call, app
) -> None:
    browser = await sign_in("administrator")
    address = await opened(browser, call)
    [file] = app[SHELF].store.root.rglob("*.sealed")
    content = bytearray(file.read_bytes())
    content[300_000] ^= 1
    file.write_bytes(content)
    before = await browser.client.get(address, headers={"Range": "bytes=0-9999"})
    assert await before.read() == SOUND[:10_000]
    response = await browser.client.get(address)
    with pytest.raises(ClientPayloadError):
        await response.read()
    file.write_bytes(content[:-5])
    cut = await browser.client.get(address)
    assert cut.status == 502
    assert "was changed on its disk" in await cut.text()
