"""Calls as they were stored, read back into the tracker's words when the server starts."""

from collections.abc import Iterable
from uuid import UUID

import structlog

import storage.calls
from pbx_bridge.call import Call, Leg, Offer, Party, RecordingFile, RecordingPause, Segment
from storage.calls import LegRecord, OfferRecord, Parts, SegmentStory, Story
from storage.database import Database
from storage.errors import NotFound
from storage.recordings import Recording

log = structlog.get_logger(__name__)


async def open_calls(database: Database, pbx: UUID) -> list[Call]:
    """Return the PBX's calls that had not ended when they were last stored."""
    return await calls(database, await open_keys(database, pbx))


async def open_keys(database: Database, pbx: UUID) -> set[UUID]:
    """Return the ids of the PBX's calls that had not ended when they were last stored."""
    async with database.reading() as session:
        return {leg.call_id for leg in await storage.calls.open_legs(session, pbx)}


async def calls(database: Database, keys: Iterable[UUID]) -> list[Call]:
    """Return the stored calls of these ids."""
    return [call_of(story) for story in await stories(database, keys)]


async def stories(database: Database, keys: Iterable[UUID]) -> list[Story]:
    """Return what is stored of the calls of these ids."""
    found = []
    async with database.reading() as session:
        for key in sorted(keys):
            try:
                found.append(await storage.calls.get(session, key))
            except NotFound:
                log.debug("stored.not_there", call=str(key))
    return found


def call_of(story: Story | Parts) -> Call:
    """Return the call that a story tells."""
    row = story.call
    return Call(
        id=row.id,
        pbx=row.pbx_id,
        direction=row.direction,
        number=row.number,
        name=row.name,
        dialled=row.dialled,
        started_at=row.started_at,
        state=row.state,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        result=row.result,
        queue=row.queue,
        legs=tuple(_leg(leg) for leg in story.legs),
        segments=tuple(_segment(segment) for segment in story.segments),
        offers=tuple(_offer(offer, story) for offer in story.offers),
        recordings=tuple(_recording(r, story) for r in story.recordings if r.leg_id),
        revision=row.revision,
    )


def _leg(row: LegRecord) -> Leg:
    return Leg(
        id=row.id,
        uniqueid=row.uniqueid,
        linkedid=row.linkedid,
        channel=row.channel,
        interface=row.interface,
        number=row.number,
        name=row.name,
        extension=row.extension,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        hangup_cause=row.hangup_cause,
    )


def _segment(story: SegmentStory) -> Segment:
    row = story.segment
    parties = (Party(leg=p.leg_id, extension=p.extension, number=p.number) for p in story.parties)
    return Segment(
        id=row.id,
        kind=row.kind,
        started_at=row.started_at,
        ended_at=row.ended_at,
        exit_reason=row.exit_reason,
        queue=row.queue,
        parties=tuple(parties),
    )


def _offer(row: OfferRecord, story: Story | Parts) -> Offer:
    """Its legs are not stored: those of the phone that rang while it did are taken."""
    until = row.ended_at if row.answered_at is None else None
    legs = (
        leg.id
        for leg in story.legs
        if leg.extension == row.extension and (until is None or leg.started_at <= until)
    )
    return Offer(
        id=row.id,
        extension=row.extension,
        attempt=row.attempt,
        legs=tuple(legs),
        queue=row.queue,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        end=row.end,
        outgoing=row.outgoing,
    )


def _recording(row: Recording, story: Story | Parts) -> RecordingFile:
    if row.leg_id is None:
        raise ValueError("a recording of no leg")
    pauses = (
        RecordingPause(id=p.id, started_at=p.started_at, ended_at=p.ended_at, end=p.end)
        for p in story.pauses.get(row.id, ())
    )
    return RecordingFile(
        id=row.id,
        leg=row.leg_id,
        path=row.path_there,
        pauses=tuple(pauses),
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
