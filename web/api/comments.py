"""Comments at moments of recordings, for programs: with the rights of the token's user."""

from datetime import UTC, datetime
from http import HTTPStatus

import storage.recording_comments
import storage.recordings
from storage.database import Session
from storage.recordings import Recording
from storage.rules.permissions import Permission
from web import listening
from web.api import models
from web.api.operations import Ask, operation
from web.keys import DATABASE

LISTEN, COMMENT = Permission.LISTEN_RECORDINGS, Permission.COMMENT_RECORDINGS


@operation(
    "GET", "/recordings/{id}/comments", name="api.comments", scope="recordings",
    permission=LISTEN, gives=models.Comments,
)  # fmt: skip
async def listed(ask: Ask) -> models.Comments:
    """Read what is said about a recording, in the order of its moments."""
    async with ask.request.app[DATABASE].reading() as session:
        recording = await storage.recordings.get(session, ask.key())
        await listening.require(session, ask.visitor, LISTEN, recording.call_id)
        threads = await storage.recording_comments.threads(session, [recording.id])
    rows = [said.comment for one in threads[recording.id] for said in (one.said, *one.answers)]
    return models.Comments(comments=[models.Comment.model_validate(row) for row in rows])


@operation(
    "POST", "/recordings/{id}/comments", name="api.comments.create", scope="recordings",
    permission=COMMENT, body=models.NewComment, gives=models.Comment, status=HTTPStatus.CREATED,
)  # fmt: skip
async def create(ask: Ask) -> models.Comment:
    """Say something about a moment of a recording."""
    async with ask.request.app[DATABASE].writing() as session:
        recording = await storage.recordings.get(session, ask.key())
        await listening.require(session, ask.visitor, COMMENT, recording.call_id)
        row = await storage.recording_comments.add(
            session, recording, ask.body.moment, ask.body.text,
            by=ask.visitor.user_id, now=datetime.now(UTC),
        )  # fmt: skip
        return models.Comment.model_validate(row)


@operation(
    "POST", "/comments/{id}/answers", name="api.comment_answers.create", scope="recordings",
    permission=COMMENT, body=models.CommentText, gives=models.Comment, status=HTTPStatus.CREATED,
)  # fmt: skip
async def answer(ask: Ask) -> models.Comment:
    """Answer a comment."""
    async with ask.request.app[DATABASE].writing() as session:
        await _recording(ask, session)
        row = await storage.recording_comments.answer(
            session, ask.key(), ask.body.text, by=ask.visitor.user_id, now=datetime.now(UTC)
        )
        return models.Comment.model_validate(row)


@operation(
    "PATCH", "/comments/{id}", name="api.comment.change", scope="recordings", permission=COMMENT,
    body=models.CommentText, gives=models.Comment,
)  # fmt: skip
async def change(ask: Ask) -> models.Comment:
    """Say one's own comment in other words."""
    async with ask.request.app[DATABASE].writing() as session:
        await _recording(ask, session)
        await storage.recording_comments.edit(
            session, ask.key(), ask.body.text, by=ask.visitor.user_id, now=datetime.now(UTC)
        )
        row = await storage.recording_comments.get(session, ask.key())
        return models.Comment.model_validate(row)


@operation(
    "DELETE", "/comments/{id}", name="api.comment.remove", scope="recordings",
    permission=COMMENT, status=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def remove(ask: Ask) -> None:
    """Take one's own comment back: its text goes, its answers stay."""
    async with ask.request.app[DATABASE].writing() as session:
        await _recording(ask, session)
        await storage.recording_comments.remove(
            session, ask.key(), by=ask.visitor.user_id, now=datetime.now(UTC)
        )


OPERATIONS = [listed, create, answer, change, remove]


async def _recording(ask: Ask, session: Session) -> Recording:
    """Return the recording of the comment in the path; raises NotFound, and 403."""
    comment = await storage.recording_comments.get(session, ask.key())
    recording = await storage.recordings.get(session, comment.recording_id)
    await listening.require(session, ask.visitor, COMMENT, recording.call_id)
    return recording
