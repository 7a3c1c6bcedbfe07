"""Transcripts, comments and links of recordings through the API, with the user's own rights."""

import pytest

import storage.rights
from fixtures.calls import audited
from fixtures.readings import keep_words, said
from fixtures.talks import conversation, talkative
from storage.rules.permissions import Permission, RoleName, Scope

CHANGES = {
    Permission.LISTEN_RECORDINGS: Scope.ALL, Permission.COMMENT_RECORDINGS: Scope.ALL,
    Permission.SHARE_RECORDINGS: Scope.ALL, Permission.REVIEW_RECORDINGS: Scope.ALL,
}  # fmt: skip


@pytest.fixture
async def told(stage, store, database, app, program):
    """A recording with words, and what two administrators may say of it."""
    async with database.writing() as session:
        await storage.rights.give(session, RoleName.ADMINISTRATOR, CHANGES, by=None)
    call = await store(talkative(stage), stage.context(), sound=conversation())
    words = [
        *said("Hello.", 21), *said("4111 1111 1111 1111", 26),
        *said("Such a nuisance.", 70, channel=1),
    ]  # fmt: skip
    async with database.writing() as session:
        await keep_words(app, session, call.recordings[0].id, words)
    place = f"/api/v1/recordings/{call.recordings[0].id}"
    return await program("administrator", "recordings"), await program("agent", "recordings"), place


async def asked(client, method: str, path: str, status: int = 200, **body):
    response = await client.request(method, path, **({"json": body} if body else {}))
    assert response.status == status, await response.text()
    return await response.json() if status not in (204, 403) else None


async def test_a_transcript_is_read_by_one_audited_post(told, database) -> None:
    client, agent, place = told
    given = await asked(client, "POST", f"{place}/readings")
    assert [word["text"] for word in given["words"]] == ["Hello.", "•", "•", "•", "•"]
    assert len(given["cards"]) == 1
    [aside] = given["withheld"]  # the right to hear internal talk is another one
    assert aside["begins"] < 70 < aside["ends"]
    assert given["channels"] == ["", "Bob, Cyd"]
    await asked(agent, "POST", f"{place}/readings", 403)
    rows = await audited(database, "recording.read")
    assert [row.user_id for row in rows] == [client.user.id]


async def test_comments_are_made_answered_changed_and_taken_back(told, database, program) -> None:
    client, agent, place = told
    other = await program("administrator", "recordings")
    await asked(agent, "GET", f"{place}/comments", 403)
    await asked(client, "POST", f"{place}/comments", 422, moment=9999, text="Late")
    await asked(client, "POST", f"{place}/comments", 422, moment=1, text=" ")
    made = await asked(client, "POST", f"{place}/comments", 201, moment=21.4, text="Kindly")
    path = f"/api/v1/comments/{made['id']}"
    await asked(other, "POST", f"{path}/answers", 201, text="Indeed")
    await asked(other, "PATCH", path, 422, text="Rudely")  # another's
    await asked(agent, "POST", f"{path}/answers", 403, text="No")
    far = await program("supervisor", "recordings")  # may comment, but nobody of their team talked
    await asked(far, "POST", f"{place}/comments", 403, moment=1, text="No")
    await asked(far, "POST", f"{path}/answers", 403, text="No")
    await asked(far, "PATCH", path, 403, text="No")
    await asked(far, "DELETE", path, 403)
    changed = await asked(client, "PATCH", path, text="Very kindly")
    assert changed["edited_at"] is not None
    told_ = (await asked(client, "GET", f"{place}/comments"))["comments"]
    assert [(one["text"], one["moment"]) for one in told_] == [
        ("Very kindly", 21.4), ("Indeed", 21.4),
    ]  # fmt: skip
    assert told_[1]["parent_id"] == made["id"]
    await asked(other, "DELETE", path, 422)
    await asked(client, "DELETE", path, 204)
    await asked(client, "DELETE", path, 404)
    [gone, kept] = (await asked(client, "GET", f"{place}/comments"))["comments"]
    assert (gone["text"], kept["text"]) == ("", "Indeed")
    assert gone["removed_at"] is not None
    rows = await audited(database, "comment.written")
    assert {row.user_id for row in rows} == {client.user.id, other.user.id}


async def test_links_are_made_listed_and_withdrawn(told, stranger, settings, program) -> None:
    client, agent, place = told
    await asked(agent, "POST", f"{place}/shares", 403, hours=1, plays=1)
    await asked(client, "POST", f"{place}/shares", 422, hours=1)  # for whom, or how often?
    await asked(client, "POST", f"{place}/shares", 422, hours=721, plays=1)
    made = [
        await asked(client, "POST", f"{place}/shares", 201, hours=1, plays=n, tells=["when"])
        for n in (1, 2)
    ]
    head, secret = made[1]["url"].split("#")
    assert head == f"{settings.public_url}/shared"
    first = await asked(client, "GET", "/api/v1/shares?limit=1")
    second = await asked(client, "GET", f"/api/v1/shares?limit=1&cursor={first['next']}")
    assert [one["id"] for one in (*first["shares"], *second["shares"])] == [
        made[1]["id"], made[0]["id"],
    ]  # fmt: skip
    assert second["next"] is None
    assert secret not in str(first)
    far = await program("supervisor", "recordings")  # may share, but nobody of their team talked
    await asked(far, "POST", f"{place}/shares", 403, hours=1, plays=1)
    await asked(far, "POST", f"/api/v1/shares/{made[1]['id']}/withdrawals", 403)
    assert (await asked(far, "GET", "/api/v1/shares"))["shares"] == []
    ended = await asked(client, "POST", f"/api/v1/shares/{made[1]['id']}/withdrawals")
    assert ended["withdrawn_at"] is not None
    headers = {"Origin": settings.public_origin}
    gone = await stranger.client.post("/shared/plays", data={"secret": secret}, headers=headers)
    assert gone.status == 404
    await asked(client, "GET", "/api/v1/shares?cursor=x", 422)
