"""What was said in recordings, and what is said about them, as the API takes and gives it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from web.api.models.given import Given, Taken

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]


class SpokenWord(Given):
    """One word; times in seconds from the recording's beginning."""

    text: str = Field(description="a dot where the number of a card is said")
    begins: float
    ends: float
    channel: int = Field(description="from 0; `channels` names who spoke in it")
    confidence: float | None = Field(description="0 to 1, where the engine says it")


class Silence(Given):
    """A part of the recording that the token's user does not hear, in seconds."""

    begins: float
    ends: float


class Transcript(Given):
    """What was said in a recording, as far as the token's user may hear it."""

    recording_id: UUID
    engine: str
    created_at: datetime
    channels: list[str] = Field(description="our people's names; empty: the other side, or all")
    words: list[SpokenWord]
    withheld: list[Silence] = Field(description="our people among themselves: no word of it")
    cards: list[Silence] = Field(description="where the number of a card is said")


class Comment(Given):
    """What a colleague said about a moment of a recording, or answered."""

    id: UUID
    recording_id: UUID
    parent_id: UUID | None = Field(description="the comment that it answers")
    user_id: UUID
    moment: float = Field(description="seconds from the recording's beginning")
    text: str
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None = Field(description="taken back: only its place is left")


class Comments(Given):
    """All that is said about a recording: by moment, each comment before its answers."""

    comments: list[Comment]


class NewComment(Taken):
    """Something to say about a moment."""

    moment: float = Field(ge=0, le=1e6, allow_inf_nan=False, description="seconds")
    text: Said


class CommentText(Taken):
    """The words of an answer, or other words for a comment."""

    text: Said
