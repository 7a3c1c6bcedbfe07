"""Where the next page begins, as an opaque word for the client."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import orjson
from aiohttp import web

BY_TIME: tuple[Callable[[str], object], ...] = (datetime.fromisoformat, UUID)
P = TypeVar("P")
R = TypeVar("R")


def place(cursor: str, make: Callable[..., P], *kinds: Callable[[str], object]) -> P | None:
    """Return where a page begins, `make` of the cursor's parts, each read by its kind.

    Without kinds the parts are a time and an id. None without a cursor; raises 422 for any text
    but one that we wrote.
    """
    if not cursor:
        return None
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        listed = parts if isinstance(parts, list) else []
        read = zip(kinds or BY_TIME, listed, strict=True)
        return make(*(kind(str(part)) for kind, part in read))
    except ValueError:
        raise web.HTTPUnprocessableEntity(text="this cursor is none of ours") from None


def cut(
    rows: Sequence[R], limit: int, at: Callable[[R], tuple[object, ...]]
) -> tuple[Sequence[R], str | None]:
    """Return the rows of a page, of which one more was read, and the cursor of the next page."""
    shown = rows[:limit]
    return shown, written(*at(shown[-1])) if len(rows) > limit else None


def written(*parts: object) -> str:
    """Return the cursor of a place in a list."""
    texts = [part.isoformat() if isinstance(part, datetime) else str(part) for part in parts]
    return base64.urlsafe_b64encode(orjson.dumps(texts)).decode()
