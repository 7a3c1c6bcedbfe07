"""Two calls become one: what each of them knew is kept, and told as one story."""

from dataclasses import replace
from datetime import datetime

from pbx_bridge.call import CONSENT_REFUSED, Direction, SegmentKind
from pbx_bridge.tracker.stories import LiveLeg, Story

CONVERSATIONS = (SegmentKind.TALK, SegmentKind.CONSULT)


def add_leg(story: Story, live: LiveLeg) -> None:
    """Add a leg; a call that had ended goes on."""
    story.legs.append(live)
    story.started_at = min(story.started_at, live.leg.started_at)
    story.is_changed = True
    if live.is_party:
        _reopen(story)


def absorb(stays: Story, gone: Story) -> None:
    """Let the older call tell the younger one's story too."""
    for live in gone.legs:
        live.story = stays
    stays.legs = sorted(stays.legs + gone.legs, key=lambda live: live.leg.started_at)
    _take_nature(stays, gone)
    _take_consent(stays, gone)
    _take_segments(stays, gone)
    _take_offers(stays, gone)
    _take_dials(stays, gone)
    stays.recordings |= gone.recordings
    stays.linkedids |= gone.linkedids
    stays.aliases += (gone.id, *gone.aliases)
    stays.joined += gone.joined
    if gone.told is not None:
        stays.joined.append(gone.id)
    if stays.is_alive:
        _reopen(stays)
    stays.is_changed = True


def _reopen(story: Story) -> None:
    story.ended_at = None
    story.result = None


def _take_nature(stays: Story, gone: Story) -> None:
    """A conversation with someone outside is that, whichever half of it was seen first."""
    outside = Direction.INTERNAL
    if stays.direction is outside and (stays.origin is None or gone.direction is not outside):
        stays.direction = gone.direction
        stays.number, stays.name, stays.dialled = gone.number, gone.name, gone.dialled
        stays.origin, stays.customer = gone.origin, gone.customer
        stays.queue_was_last = gone.queue_was_last
    stays.queue = stays.queue or gone.queue
    stays.was_lost |= gone.was_lost


def _take_consent(stays: Story, gone: Story) -> None:
    """A refusal of either is one of both; else what was told last."""
    told = [story for story in (stays, gone) if story.consent_at is not None]
    best = max(told, key=_weight, default=stays)
    stays.consent, stays.consent_at = best.consent, best.consent_at


def _weight(story: Story) -> tuple[bool, datetime]:
    assert story.consent_at is not None  # noqa: S101 - a slip of the caller
    return story.consent == CONSENT_REFUSED, story.consent_at


def _take_segments(stays: Story, gone: Story) -> None:
    """A talk of ours without the customer was a consultation all along."""
    merged = sorted(
        (stays.segments | gone.segments).values(), key=lambda segment: segment.started_at
    )
    stays.segments = {segment.id: segment for segment in merged}
    stays.bridges |= gone.bridges
    stays.talks |= gone.talks
    stays.optimising |= gone.optimising
    for segment in merged:
        if segment.kind in CONVERSATIONS:
            kind = conversation_kind(stays, {party.leg for party in segment.parties})
            stays.segments[segment.id] = replace(segment, kind=kind)
    talks = (s.started_at for s in stays.segments.values() if s.kind is SegmentKind.TALK)
    first = min(talks, default=None)
    stays.answered_at = max(first, stays.started_at) if first else None


def conversation_kind(story: Story, legs: set[object]) -> SegmentKind:
    """Tell whether these legs talk with the other side, or only among themselves."""
    if story.direction is Direction.INTERNAL:
        return SegmentKind.TALK
    with_customer = story.customer is not None and story.customer.leg.id in legs
    return SegmentKind.TALK if with_customer else SegmentKind.CONSULT


def _take_offers(stays: Story, gone: Story) -> None:
    """An agent who was offered both halves has the younger one's attempts counted on."""
    for offer in gone.offers.values():
        attempt = stays.attempts.get(offer.extension, 0) + 1
        stays.attempts[offer.extension] = attempt
        stays.offers[offer.id] = replace(offer, attempt=attempt)
    stays.ringing = gone.ringing | stays.ringing
    stays.contacts |= gone.contacts
    stays.notices += gone.notices


def _take_dials(stays: Story, gone: Story) -> None:
    stays.open_dials |= gone.open_dials
    stays.dial_ends += gone.dial_ends
