"""Pause reasons: why an agent takes no calls for a while, and in which order they stand."""

from typing import Any

import storage.pause_reasons
from storage.database import Session
from web.office.choices import Place, routes_of


async def _nothing(_session: Session) -> dict[str, Any]:
    return {}


routes = routes_of(
    Place(
        "pause_reasons",
        "/administration/pause-reasons",
        "pause_reason_moves.create",
        storage.pause_reasons.LIST,
        _nothing,
    )
)
