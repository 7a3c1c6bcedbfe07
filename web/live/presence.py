"""An agent's presence as it crosses the wire; docs/live-protocol.md explains each member."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pbx_bridge.presences import Presence, Standing, Wish, WrapUp
from web.live.pop import iso


def presence_data(
    pbx: UUID,
    extension: str,
    presence: Presence,
    *,
    labels: Mapping[str, str],
    joinable: Sequence[str],
) -> dict[str, Any]:
    """Return the data of `presence.changed`; `joinable` names the queues to log in to."""
    return {
        "pbx": str(pbx),
        "extension": extension,
        "state": presence.state.value,
        "why": presence.why,
        "since": iso(presence.since),
        "by": presence.by.value if presence.by else None,
        "queues": [_queue(each, labels) for each in presence.standings],
        "joinable": [{"name": name, "label": labels.get(name, name)} for name in joinable],
        "wrap_up": _wrap_up(presence.wrap_up, labels) if presence.wrap_up else None,
        "asking": _wish(presence.wish, labels) if presence.wish else None,
    }


def _queue(standing: Standing, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": standing.queue,
        "label": labels.get(standing.queue, standing.queue),
        "paused": standing.paused,
        "reason": standing.reason,
        "since": iso(standing.since),
        "by": standing.by.value if standing.by else None,
        "can_leave": not standing.is_static,
    }


def _wrap_up(wrap_up: WrapUp, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "queue": labels.get(wrap_up.queue, wrap_up.queue),
        "since": iso(wrap_up.since),
        "until": iso(wrap_up.until),
        "holder": wrap_up.holder.value,
        "call": str(wrap_up.call) if wrap_up.call else None,
    }


def _wish(wish: Wish, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "what": wish.kind.value,
        "queue": labels.get(wish.queue, wish.queue) if wish.queue else None,
        "reason": wish.reason,
        "since": iso(wish.at),
        "confirmed": False if wish.trouble else None,
    }
