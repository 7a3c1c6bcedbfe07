"""What is not right with recordings is listed by its cause, and mended by those who may."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

import storage.recordings
import storage.spools
from fixtures.calls import FOLDER, Teller
from fixtures.doors import NOBODY
from recordings import scans, verdicts
from storage.audit import AuditEntry
from storage.recordings import Recording, RecordingState
from storage.spools import Seen, SpoolFileState

pytestmark = pytest.mark.usefixtures("ears")

NOW = datetime.now(UTC)


@pytest.fixture
async def wrong(stage, store):
    """A call whose recording never came."""
    call = Teller(stage.pbx, NOW - timedelta(hours=1)).ended()
    return await store(call, stage.context(), state="missing", cause=verdicts.NEVER_CAME)


@pytest.fixture
async def orphan(database, stage):
    async with database.writing() as session:
        seen = Seen(
            path="<b>strange</b>.wav", cause=scans.NO_CALL, size=99, seconds=7.0, changed_at=NOW
        )
        await storage.spools.found(session, stage.pbx, seen, now=NOW)
        return (await storage.spools.orphans(session))[0]


async def recording_of(database, call) -> Recording:
    async with database.reading() as session:
        return await storage.recordings.get(session, call.recordings[0].id)


async def actions(database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(AuditEntry.action)))


async def test_what_is_wrong_is_listed_with_its_cause_and_filters(
    sign_in, stage, store, wrong
) -> None:
    fine = Teller(stage.pbx, NOW, tag="2.0").ended()
    await store(fine, stage.context(), sound=bytes(999))
    cut = Teller(stage.pbx, NOW - timedelta(days=3), tag="3.0").ended()
    await store(cut, stage.context(), state="broken", cause=verdicts.NOT_CLOSED)
    browser = await sign_in("supervisor")
    page = await browser.get("/recordings")
    assert f"/calls/{wrong.id}" in page
    assert f"/calls/{cut.id}" in page
    assert f"/calls/{fine.id}" not in page
    assert verdicts.NEVER_CAME in page
    missing = await browser.get("/recordings?state=missing")
    assert f"/calls/{wrong.id}" in missing
    assert f"/calls/{cut.id}" not in missing
    assert f"/calls/{cut.id}" not in await browser.get("/recordings?days=1")
    assert "Nothing of this kind" in await browser.get(f"/recordings?pbx={NOBODY}")
    assert f"/calls/{wrong.id}" in await browser.get("/recordings?state=odd&days=x")


async def test_a_missing_file_is_looked_for_again(sign_in, wrong, database) -> None:
    browser = await sign_in("supervisor")
    key = wrong.recordings[0].id
    assert (await browser.post(f"/recordings/{key}/looks")).status == 303
    found = await recording_of(database, wrong)
    assert (found.state, found.cause) == (RecordingState.PENDING, "")
    assert "recording.looked_for" in await actions(database)
    assert (await browser.post(f"/recordings/{key}/looks")).status == 422
    assert (await browser.post(f"/recordings/{NOBODY}/looks")).status == 404


async def test_giving_up_needs_a_reason_and_is_audited(sign_in, wrong, database) -> None:
    browser = await sign_in("supervisor")
    address = f"/recordings/{wrong.recordings[0].id}/ends"
    assert (await browser.post(address, data={"reason": "  "})).status == 422
    assert (await browser.post(address, data={"reason": "The disk <b>died"})).status == 303
    found = await recording_of(database, wrong)
    assert (found.state, found.reason) == (RecordingState.GIVEN_UP, "The disk <b>died")
    assert "recording.given_up" in await actions(database)
    assert f"/calls/{wrong.id}" not in await browser.get("/recordings")
    assert "The disk &lt;b&gt;died" in await browser.get("/recordings?state=given_up")
    assert "The disk &lt;b&gt;died" in await browser.get(f"/calls/{wrong.id}")


async def test_one_that_is_cut_short_is_accepted_and_still_heard(
    sign_in, stage, store, database
) -> None:
    call = await store(Teller(stage.pbx, NOW).ended(), stage.context(), sound=bytes(999))
    async with database.writing() as session:
        recording = await storage.recordings.get(session, call.recordings[0].id)
        recording.state, recording.cause = RecordingState.TRUNCATED, verdicts.SHORTER
    browser = await sign_in("administrator")
    assert "Cut short" in await browser.get("/recordings")
    assert (await browser.post(f"/recordings/{recording.id}/plays")).status == 201
    address = f"/recordings/{recording.id}/ends"
    assert (await browser.post(address, data={"reason": "Paused for a card"})).status == 303
    assert (await recording_of(database, call)).state is RecordingState.READY
    assert (await browser.post(f"/recordings/{recording.id}/plays")).status == 201


async def test_a_file_of_no_call_is_taken_into_one(sign_in, orphan, wrong, database) -> None:
    browser = await sign_in("supervisor")
    page = await browser.get("/recordings/files")
    assert "&lt;b&gt;strange" in page
    assert "<b>strange" not in page
    address = f"/recordings/files/{orphan.id}/takings"
    for odd in ("", "nonsense", f"http://x/calls/{NOBODY}"):
        assert (await browser.post(address, data={"call": odd})).status == 422
    named = f"https://ringbook.example/calls/{wrong.id}?x"
    assert (await browser.post(address, data={"call": named})).status == 303
    async with database.reading() as session:
        query = select(Recording).where(Recording.call_id == wrong.id, Recording.leg_id.is_(None))
        taken = (await session.scalars(query)).one()
        file = await storage.spools.get(session, orphan.id)
    assert (taken.path_there, taken.state) == (
        f"{FOLDER}/<b>strange</b>.wav", RecordingState.PENDING,
    )  # fmt: skip
    assert file.state is SpoolFileState.TAKEN
    assert "recording.taken" in await actions(database)
    assert (await browser.post(address, data={"call": named})).status == 422


async def test_a_file_of_no_call_is_left_with_a_reason(sign_in, orphan, database) -> None:
    browser = await sign_in("supervisor")
    address = f"/recordings/files/{orphan.id}/leavings"
    assert (await browser.post(address, data={"reason": ""})).status == 422
    assert (await browser.post(address, data={"reason": "An announcement"})).status == 303
    assert "strange" not in await browser.get("/recordings/files")
    assert "spool_file.left" in await actions(database)


async def test_an_agent_mends_nothing(sign_in, orphan, wrong) -> None:
    browser = await sign_in("agent")
    for path in ("/recordings", "/recordings/files"):
        assert (await browser.client.get(path)).status == 403
    for path in (f"{wrong.recordings[0].id}/looks", f"files/{orphan.id}/leavings"):
        assert (await browser.post(f"/recordings/{path}", data={"reason": "x"})).status == 403
