"""Where the next page begins, as an opaque word for the client."""

import base64
import binascii

import orjson
from aiohttp import web


def written(*parts: object) -> str:
    """Return the cursor of a place in a list."""
    return base64.urlsafe_b64encode(orjson.dumps([str(part) for part in parts])).decode()


def read(cursor: str, count: int) -> list[str]:
    """Return the `count` parts of a cursor that we wrote; raises 422 for any other text."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, binascii.Error, UnicodeEncodeError):
        parts = None
    if not isinstance(parts, list) or len(parts) != count:
        raise web.HTTPUnprocessableEntity(text="this cursor is none of ours")
    return [str(part) for part in parts]
