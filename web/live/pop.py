"""The screen-pop card: from a call, its offer and its match to the data that screens draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pbx_bridge.call import Call, Offer
from pbx_bridge.matching import Candidate, Match, Reason
from pbx_bridge.waiting import Place, queued_at
from storage.cards import Card, CardCustomer, CardTask, Interaction, StoredWrapUp
from storage.outcomes import ANY, Choices
from web.filters import phone
from web.i18n import gettext

SHOWN_CALLS = 5


class PopState(StrEnum):
    """Where a card stands; a card that went away is told by `pop.closed`."""

    RINGING = "ringing"  # also while our own outgoing call rings there
    ANSWERED = "answered"
    WRAP_UP = "wrap_up"


class Why(StrEnum):
    """Why a card went away."""

    ELSEWHERE = "elsewhere"
    CANCELLED = "cancelled"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # a talk between colleagues is over: nothing to wrap up
    WRAPPED_UP = "wrapped_up"
    DISMISSED = "dismissed"
    CONTINUED = "continued"  # the same call came back to the agent: its newer card replaces this


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The other side of a call, as far as we know by now; no card: it is being looked up."""

    number: str  # as the PBX wrote it
    e164: str | None
    match: Match
    card: Card | None = None


def card_data(
    *,
    pop: UUID,
    state: PopState,
    call: Call,
    offer: Offer,
    caller: Caller,
    queue_label: str | None,
    choices: Choices = ANY,
    place: Place | None = None,
    dialled_as: tuple[str, str] | None = None,  # label and source of our number
    handed_over: dict[str, Any] | None = None,  # who had the call before
    supervised: Sequence[dict[str, Any]] = (),  # who listens in, where the agent is told
    recording: dict[str, Any] | None = None,  # whether it is recorded now
    consent: dict[str, Any] | None = None,  # what the caller says to that
    wrap_up: StoredWrapUp | None,
) -> dict[str, Any]:
    """Return the card as JSON values; a stranger's text stays text."""
    return {
        "id": str(pop),
        "call": str(call.id),
        "state": state.value,
        "direction": call.direction.value,
        "outgoing": offer.outgoing,
        "number": _number(caller),
        "name": call.name,
        "dialled": call.dialled,
        "dialled_as": {"label": dialled_as[0], "source": dialled_as[1]} if dialled_as else None,
        "extension": offer.extension,
        "queue": queue_label,
        "place": {"position": place.position, "waiting": place.waiting} if place else None,
        "waiting_since": iso(call.started_at),
        "queued_at": iso(queued_at(call)),
        "offered_at": iso(offer.started_at),
        "answered_at": iso(offer.answered_at),
        "ended_at": iso(call.ended_at),
        "handed_over": handed_over,
        "supervised": list(supervised),
        "recording": recording,
        "consent": consent,
        "wrap_up": _wrap_up(wrap_up),
        **_chosen(caller.card, choices),
        **_known(call, caller),
    }


def _chosen(card: Card | None, choices: Choices) -> dict[str, Any]:
    """Return what the queue of the call asks for."""
    return {
        "outcome_required": choices.required,
        "scripted": choices.scripted,
        "outcomes": _outcomes(card, choices),
    }


def _number(caller: Caller) -> dict[str, str | None]:
    shown = phone(caller.e164 or caller.number)
    return {"e164": caller.e164, "written": caller.number, "shown": shown}


def _known(call: Call, caller: Caller) -> dict[str, Any]:
    """Return what is known of the other side."""
    card, match = caller.card, caller.match
    customer = card.customer if card else None
    return {
        "match": {"level": match.level.value, "why": sentence(match.why)},
        "customer": _customer(customer),
        "candidates": [_candidate(c) for c in _open_choices(match)],
        "is_complete": card is not None,
        "interactions": _interactions(card, but=call.id),
        "notes": [
            {"at": iso(note.at), "by": note.by, "text": note.text}
            for note in (card.notes if card else ())
        ],
        "tasks": [_task(task) for task in (card.tasks if card else ())],
        "promises": [
            {"id": str(p.id), "text": p.text, "due_on": p.due_on.isoformat(), "by": p.by}
            for p in (card.promises if card else ())
        ],
        "links": _links(call, customer),
    }


def closed_data(card: Mapping[str, Any], why: Why, *, at: datetime) -> dict[str, Any]:
    """Return what is left of a card that went away."""
    customer = card["customer"]
    return {
        "id": card["id"],
        "call": card["call"],
        "why": why.value,
        "at": iso(at),
        "direction": card["direction"],
        "outgoing": card["outgoing"],
        "number": card["number"],
        "name": customer["name"] if customer else card["name"],
        "customer": {"id": customer["id"], "name": customer["name"]} if customer else None,
        "queue": card["queue"],
        "links": card["links"],
    }


def sentence(reason: Reason) -> str:
    """Return why, in the language of this context."""
    return gettext(reason.text).format(**reason.params)


def iso(at: datetime | None) -> str | None:
    """Return a time as messages write it, in UTC with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _customer(customer: CardCustomer | None) -> dict[str, Any] | None:
    if customer is None:
        return None
    first = customer.companies[0] if customer.companies else None
    return {
        "id": str(customer.id),
        "name": customer.name,
        "kind": customer.kind,
        "address_as": customer.address_as,
        "email": customer.email,
        "about": customer.about,
        "lifecycle": customer.lifecycle.value if customer.lifecycle else None,
        "company": {"id": str(first.id), "name": first.name, "role": first.role} if first else None,
    }


def _open_choices(match: Match) -> tuple[Candidate, ...]:
    """The candidates a person may have to choose from: none where it is one and known."""
    return () if match.customer and len(match.candidates) == 1 else match.candidates


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "id": str(candidate.customer),
        "name": candidate.name,
        "kind": candidate.kind,
        "owns_number": candidate.owns,
        "role": candidate.role,
        "last_contact": iso(candidate.last_contact),
    }


def _interactions(card: Card | None, *, but: UUID) -> list[dict[str, Any]]:
    earlier = [i for i in (card.interactions if card else ()) if i.call != but]
    return [_interaction(interaction) for interaction in earlier[:SHOWN_CALLS]]


def _interaction(interaction: Interaction) -> dict[str, Any]:
    return {
        "call": str(interaction.call),
        "at": iso(interaction.at),
        "direction": interaction.direction.value,
        "result": interaction.result.value if interaction.result else None,
        "queue": interaction.queue,
        "agent": interaction.agent,
        "talk_seconds": round(interaction.talk_seconds),
        "outcome": interaction.outcome,
        "note": interaction.note,
        "links": {"call": f"/calls/{interaction.call}"},
    }


def _outcomes(card: Card | None, choices: Choices) -> list[dict[str, str]]:
    """Return what a call of this queue can come to, in its order."""
    offered = card.outcomes if card else ()
    allowed = choices.among([choice.id for choice in offered])
    return [{"id": str(each.id), "name": each.name} for each in offered if each.id in allowed]


def _task(task: CardTask) -> dict[str, Any]:
    return {
        "id": str(task.id),
        "title": task.title,
        "due_at": iso(task.due_at),
        "whose": task.whose,
    }


def _wrap_up(stored: StoredWrapUp | None) -> dict[str, Any] | None:
    if stored is None:
        return None
    outcome = str(stored.outcome) if stored.outcome else None
    return {"outcome": outcome, "note": stored.note}


def _links(call: Call, customer: CardCustomer | None) -> dict[str, str | None]:
    return {
        "call": f"/calls/{call.id}",
        "customer": f"/customers/{customer.id}" if customer else None,
    }
