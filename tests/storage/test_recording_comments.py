"""Comments at moments: by their authors alone, in order, and gone when they are taken back."""

import pytest

import storage.recording_comments as comments
import storage.recordings
import storage.tombstones
from fixtures.calls import NOW, Teller, after, audited, saved, set_stage
from storage.errors import NotFound, Refused
from storage.recordings import RecordingState, Sound
from storage.rules.retention import Ground


@pytest.fixture
async def shelved(database):
    """A recording of a minute, and two colleagues."""
    stage = await set_stage(database)
    story = await saved(database, Teller(stage.pbx).ended(), stage.context())
    key = story.recordings[0].id
    async with database.writing() as session:
        sound = Sound("2026/11/22/x", "audio/wav", 9, 60.0, "0" * 64, RecordingState.READY)
        await storage.recordings.shelved(session, key, sound)
    async with database.reading() as session:
        return await storage.recordings.get(session, key), stage.users


async def told(database, recording) -> list[tuple[float, str, list[str]]]:
    async with database.reading() as session:
        [threads] = (await comments.threads(session, [recording.id])).values()
    return [
        (t.said.comment.moment, t.said.comment.text, [a.comment.text for a in t.answers])
        for t in threads
    ]


async def test_comments_stand_in_order_of_their_moments_with_their_answers(
    database, shelved
) -> None:
    recording, (ann, bob, _) = shelved
    async with database.writing() as session:
        late = await comments.add(session, recording, 41.004, " Well done ", by=ann, now=NOW)
        await comments.add(session, recording, 3, "Greeting\nmissing", by=bob, now=after(1))
        await session.flush()
        first = await comments.answer(session, late.id, "Thanks", by=bob, now=after(2))
        await session.flush()
        await comments.answer(session, first.id, "Really", by=ann, now=after(3))
    assert await told(database, recording) == [
        (3, "Greeting\nmissing", []), (41.0, "Well done", ["Thanks", "Really"]),
    ]  # fmt: skip
    assert len(await audited(database, "comment.written")) == 4
    assert "Thanks" not in str([row.details for row in await audited(database, "comment.written")])


async def test_only_the_author_changes_a_comment_or_takes_it_back(database, shelved) -> None:
    recording, (ann, bob, _) = shelved
    async with database.writing() as session:
        said = await comments.add(session, recording, 5, "One", by=ann, now=NOW)
        await session.flush()
        await comments.answer(session, said.id, "Two", by=bob, now=NOW)
    for deed in (
        lambda session: comments.edit(session, said.id, "Hm", by=bob, now=NOW),
        lambda session: comments.remove(session, said.id, by=bob, now=NOW),
    ):
        async with database.writing() as session:
            with pytest.raises(Refused, match="Only who wrote"):
                await deed(session)
    async with database.writing() as session:
        await comments.edit(session, said.id, "One more", by=ann, now=after(9))
    assert await told(database, recording) == [(5, "One more", ["Two"])]
    async with database.writing() as session:
        await comments.remove(session, said.id, by=ann, now=after(10))
    assert await told(database, recording) == [(5, "", ["Two"])]  # its answers keep their place
    async with database.writing() as session:
        with pytest.raises(NotFound):
            await comments.edit(session, said.id, "Back", by=ann, now=after(11))
        assert await comments.erase(session, [recording.id]) == 2
    assert await told(database, recording) == []


async def test_what_is_said_of_a_recording_goes_with_it(database, shelved) -> None:
    recording, (ann, *_) = shelved
    async with database.writing() as session:
        await comments.add(session, recording, 5, "Her card ends in 4242", by=ann, now=NOW)
    async with database.writing() as session:
        await storage.tombstones.delete_recording(
            session, recording.id, Ground.HAND, by=ann, now=after(1)
        )
    assert await told(database, recording) == []


@pytest.mark.parametrize(("moment", "text"), [(-1, "x"), (70, "x"), (5, " \0 "), (5, "")])
async def test_nothing_is_said_of_no_moment_and_nothing_is_no_comment(
    database, shelved, moment, text
) -> None:
    recording, (ann, *_) = shelved
    async with database.writing() as session:
        with pytest.raises(Refused):
            await comments.add(session, recording, moment, text, by=ann, now=NOW)
    assert await told(database, recording) == []
