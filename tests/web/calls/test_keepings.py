"""On the call's page: tags, the caller's consent, holds, and deletion by those who may."""

import pytest

import storage.recordings
from fixtures.calls import Teller, audited
from storage.recordings import RecordingState
from web.keys import DISCARDS

SOUND = b"RIFF" + bytes(400)


@pytest.fixture
async def call(stage, store):
    return await store(Teller(stage.pbx).ended(), stage.context(), sound=SOUND)


@pytest.fixture
def discards(app):
    told = []
    app[DISCARDS] = lambda *given: told.append(given)
    return told


async def test_a_tag_is_put_shown_and_taken_off(sign_in, call, database) -> None:
    sue = await sign_in("supervisor")
    page = f"/calls/{call.id}"
    assert (await sue.post(f"{page}/tags", {"name": "  <b>Complaint "})).status == 303
    text = await sue.get(page)
    assert "&lt;b&gt;Complaint" in text
    assert "<b>Complaint" not in text
    assert (await sue.post(f"{page}/tags", {"name": " "})).status == 422
    [row] = await audited(database, "call.tagged")
    assert (row.user_id, row.key) == (sue.user.id, call.id)
    removal = f"{page}/tags/{row.details['tag']}/removals"
    assert (await sue.post(removal)).status == 303
    assert (await sue.post(removal)).status == 303
    assert len(await audited(database, "call.untagged")) == 1
    assert "No tags" in await sue.get(page)


async def test_a_refusal_is_noted_and_told_to_whoever_deletes(
    discards, sign_in, call, database
) -> None:
    sue = await sign_in("supervisor")
    answer = await sue.post(f"/calls/{call.id}/consents", {"state": "refused"})
    assert answer.status == 303
    assert (await sue.post(f"/calls/{call.id}/consents", {"state": "odd"})).status == 422
    assert discards == [(call.id, "refused")]
    [row] = await audited(database, "call.consent")
    assert row.details == {"state": "refused", "source": "person"}
    assert '<option value="refused" selected>' in await sue.get(f"/calls/{call.id}")


async def test_the_page_of_a_caller_who_refused_has_nothing_to_play(sign_in, call, ears) -> None:
    adam = await sign_in("administrator")
    page, [recording] = f"/calls/{call.id}", call.recordings
    assert "data-player" in await adam.get(page)
    await adam.post(f"{page}/consents", {"state": "refused"})
    text = await adam.get(page)
    assert "did not want to be recorded, so nobody hears this." in text
    assert "data-player" not in text
    assert (await adam.client.get(f"/recordings/{recording.id}/waveform")).status == 422


async def test_what_is_held_is_deleted_by_nobody_until_it_is_lifted(
    discards, sign_in, call, database
) -> None:
    adam, sue = await sign_in("administrator"), await sign_in("supervisor")
    [recording] = call.recordings
    hold = f"/calls/{call.id}/holds"
    assert (await sue.post(hold, {"reason": "x"})).status == 403
    assert (await adam.post(hold, {"reason": " "})).status == 422
    assert (await adam.post(hold, {"reason": "<i>lawsuit"})).status == 303
    assert "&lt;i&gt;lawsuit" in await adam.get(f"/calls/{call.id}")
    assert "&lt;i&gt;lawsuit" in await adam.get("/administration/retention/holds")
    deletion = f"/recordings/{recording.id}/deletions"
    assert (await adam.post(deletion)).status == 422
    [row] = await audited(database, "hold.placed")
    lift = f"/administration/retention/holds/{row.key}/lifts"
    assert (await adam.post(lift)).status == 303
    assert (await sue.post(deletion)).status == 403
    assert (await adam.post(deletion)).status == 303
    assert (await adam.post(deletion)).status == 404
    assert discards == [(call.id, None)]
    async with database.reading() as session:
        found = await storage.recordings.get(session, recording.id)
    assert (found.state, found.shelf_key) == (RecordingState.DELETED, None)
    text = await adam.get(f"/calls/{call.id}")
    assert "Deleted by somebody who may." in text
    assert "SHA-256" in text
    assert (await sue.post(f"/recordings/{recording.id}/plays")).status in {403, 422}
