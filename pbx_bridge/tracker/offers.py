"""A call rings at a phone of ours, once: an offer.

Two contacts of one phone are one offer, which lasts until the last of them stops ringing. Only a
phone that rang out counts as missed; one that lost the race to a colleague, or whose caller gave
up, does not.
"""

from dataclasses import replace
from datetime import datetime

from pbx_bridge.call import Direction, Offer, OfferEnd
from pbx_bridge.changes import OfferAnswered, OfferBegan, OfferEnded
from pbx_bridge.ids import derived_uuid7
from pbx_bridge.tracker.stories import LiveLeg, Story

# What is learnt of an end after it: the reason that came first was only the nearest guess.
BETTER = frozenset(
    {
        (OfferEnd.CANCELLED, OfferEnd.ELSEWHERE),
        (OfferEnd.CANCELLED, OfferEnd.MISSED),
    }
)


def ring(live: LiveLeg, at: datetime, *, queue: str | None) -> None:
    """The phone rings: its offer begins, or has one contact more."""
    extension, story = live.extension, live.story
    if extension is None or live.offer is not None:
        return
    if extension in story.ringing:
        _add_contact(story, live, extension)
        return
    offer = _begin(live, extension, at, queue=queue)
    story.ringing[extension] = offer.id
    story.contacts[offer.id] = {live.uniqueid}


def dial_out(live: LiveLeg, at: datetime) -> None:
    """The phone calls someone outside: its agent gets the card of the call they place."""
    if live.extension is not None and live.offer is None:
        _begin(live, live.extension, at, queue=None, outgoing=True)


def stop(live: LiveLeg, at: datetime, why: OfferEnd) -> None:
    """The phone's contact rings no longer; the offer ends with its last contact."""
    story = live.story
    if live.offer is None:
        return
    offer = story.offers[live.offer]
    if (offer.end, why) in BETTER:
        story.put_offer(replace(offer, end=why))
    if offer.end is not None:
        return
    contacts = story.contacts.get(offer.id, set())
    contacts.discard(live.uniqueid)
    if contacts:
        return
    _close(story, offer)
    ended_at = max(at, offer.started_at)
    story.put_offer(replace(offer, ended_at=ended_at, end=why), OfferEnded)


def correct(live: LiveLeg, why: OfferEnd) -> None:
    """Tell anew why the phone stopped ringing, where that was only guessed."""
    offer = live.story.offers[live.offer] if live.offer else None
    if offer is not None and offer.end in {OfferEnd.CANCELLED, OfferEnd.MISSED}:
        live.story.put_offer(replace(offer, end=why))


def name_queue(live: LiveLeg, queue: str) -> None:
    """It is told only now that the phone rings for a queue."""
    offer = live.story.offers[live.offer] if live.offer else None
    if offer is not None and offer.queue is None and offer.end is None:
        live.story.put_offer(replace(offer, queue=queue))


def talk(live: LiveLeg, at: datetime) -> None:
    """The phone talks: its offer is answered; one that got the call unoffered has it now."""
    extension, story = live.extension, live.story
    if extension is None or _is_calling_inside(live):
        return
    if live.offer is None and not _join_own_device(story, live, extension):
        _begin(live, extension, at, queue=live.queue)
    if live.offer is None or story.offers[live.offer].end is OfferEnd.ANSWERED:
        return
    offer = story.offers[live.offer]
    _close(story, offer)
    at = max(at, offer.started_at)
    answered = replace(offer, answered_at=at, ended_at=at, end=OfferEnd.ANSWERED)
    story.put_offer(answered, OfferAnswered)


def _begin(
    live: LiveLeg, extension: str, at: datetime, *, queue: str | None, outgoing: bool = False
) -> Offer:
    story = live.story
    attempt = story.attempts[extension] = story.attempts.get(extension, 0) + 1
    offer = Offer(
        id=derived_uuid7(at, story.pbx, "offer", extension, live.uniqueid, at),
        extension=extension,
        attempt=attempt,
        legs=(live.leg.id,),
        queue=queue,
        started_at=at,
        outgoing=outgoing,
    )
    live.offer = offer.id
    story.put_offer(offer, OfferBegan)
    return offer


def _add_contact(story: Story, live: LiveLeg, extension: str) -> None:
    offer = story.offers[story.ringing[extension]]
    live.offer = offer.id
    story.contacts[offer.id].add(live.uniqueid)
    story.put_offer(replace(offer, legs=(*offer.legs, live.leg.id)))


def _join_own_device(story: Story, live: LiveLeg, extension: str) -> bool:
    """The agent goes on at another device of the same extension: no second card."""
    for other in story.legs:
        if other.extension == extension and other.offer is not None and other.is_alive:
            offer = story.offers[other.offer]
            live.offer = offer.id
            story.put_offer(replace(offer, legs=(*offer.legs, live.leg.id)))
            return True
    return False


def _close(story: Story, offer: Offer) -> None:
    story.contacts.pop(offer.id, None)
    if story.ringing.get(offer.extension) == offer.id:
        del story.ringing[offer.extension]


def _is_calling_inside(live: LiveLeg) -> bool:
    story = live.story
    return live is story.origin and story.direction is Direction.INTERNAL
