"""Narrowing a list of calls by what was made of them: recordings, tags, comments, reviews."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, exists

from storage.calls.tables import CallAgent, CallRecord
from storage.recording_comments import RecordingComment
from storage.recordings import AUDIBLE, Recording
from storage.reviews.tables import Review, ReviewKind, ReviewState
from storage.tags import CallTag

Reach = frozenset[UUID] | None  # whose calls; None is everyone's


class Reviewed(StrEnum):
    """What came of a call's review by a supervisor."""

    YES = "yes"
    NO = "no"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a list is narrowed to; comments and reviews count as far as the asker may know them."""

    has_recording: bool | None = None
    tag_id: UUID | None = None
    comment: str = ""  # all of these words, in one comment
    heard: Reach = frozenset()  # whose recordings the asker may hear
    reviewed: Reviewed | None = None
    rated: Reach = frozenset()  # whose reviews the asker may see


EVERYTHING = About()


def conditions(about: About) -> Iterator[ColumnElement[bool]]:
    """Yield what a call has to meet."""
    if about.has_recording is not None:
        there = exists().where(Recording.call_id == CallRecord.id, Recording.state.in_(AUDIBLE))
        yield there if about.has_recording else ~there
    if about.tag_id is not None:
        yield exists().where(CallTag.call_id == CallRecord.id, CallTag.tag_id == about.tag_id)
    if words := about.comment.split():
        yield exists().where(
            RecordingComment.recording_id == Recording.id,
            Recording.call_id == CallRecord.id,
            RecordingComment.removed_at.is_(None),
            *(RecordingComment.text.icontains(word, autoescape=True) for word in words),
        )
        if about.heard is not None:
            yield exists().where(
                CallAgent.call_id == CallRecord.id, CallAgent.user_id.in_(about.heard)
            )
    if about.reviewed is not None:
        yield _reviewed(about.reviewed, about.rated)


def _reviewed(wanted: Reviewed, rated: Reach) -> ColumnElement[bool]:
    """Reviews that are done; a call without one counts as not reviewed once somebody talked."""
    done = [
        Review.call_id == CallRecord.id,
        Review.kind == ReviewKind.SUPERVISOR,
        Review.state != ReviewState.DRAFT,
    ]
    if rated is not None:
        done.append(Review.agent_id.in_(rated))
    if wanted is Reviewed.FAILED:
        done.append(Review.failed.is_(True))
    if wanted is Reviewed.NO:
        return CallRecord.answered_at.is_not(None) & ~exists().where(*done)
    return exists().where(*done)
