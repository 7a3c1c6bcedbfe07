"""The chain of custody: whether it held when it was last checked, and its newest entries."""

from aiohttp import web

import storage.custody
import storage.custody_checks
import storage.users
from pbx_bridge.matching import msgid
from storage.rules.custody import Act, Break
from storage.rules.permissions import Permission
from web.auth import requires
from web.keys import DATABASE
from web.render import render, url

PAGE = 50
DIGITS = 9  # of an entry's number in an address
ACTS = {
    Act.STORED: msgid("stored"),
    Act.ADOPTED: msgid("taken into the chain"),
    Act.PLAYED: msgid("heard"),
    Act.READ: msgid("read: what was said"),
    Act.DOWNLOADED: msgid("downloaded"),
    Act.SHARED: msgid("heard by a link"),
    Act.RESEALED: msgid("encrypted anew"),
    Act.REWRAPPED: msgid("given a new key"),
    Act.TRANSCODED: msgid("made into another format"),
    Act.REPLACED: msgid("kept in the other format alone"),
    Act.DELETED: msgid("deleted"),
}
BREAKS = {
    Break.MISSING: msgid("An entry is not there."),
    Break.CHANGED: msgid("An entry says something else than when it was written."),
    Break.DETACHED: msgid("An entry does not follow the one before it."),
    Break.CUT_OFF: msgid("The chain ends earlier than it did when its end was noted."),
    Break.REPLACED: msgid("An entry is another one than the one whose hash was noted."),
    Break.STRANGE: msgid("An entry speaks of a file that was deleted before, or never stored so."),
    Break.FILE_LOST: msgid("A file is not on the shelf."),
    Break.FILE_CHANGED: msgid("A file is another one than was stored, or cannot be opened."),
    Break.ROW_CHANGED: msgid("The base names another file for a recording."),
    Break.ROW_LOST: msgid("The base does not know a recording that was stored."),
    Break.UNKNOWN: msgid("The base names a file that was never stored."),
}


@requires(Permission.SEE_AUDIT)
async def index(request: web.Request) -> web.Response:
    """The last check, and what happened to recordings, newest first."""
    text = request.query.get("before", "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= DIGITS
    before = int(text) if is_number else None
    async with request.app[DATABASE].reading() as session:
        check = await storage.custody_checks.last(session)
        entries = await storage.custody.newest(session, before=before, limit=PAGE + 1)
        names = await storage.users.names(session)
    older = ""
    if entries[PAGE:]:
        older = url(request, "custody.index", before=entries[PAGE - 1].number)
    return render(
        request,
        "custody/index.html",
        check=check,
        entries=entries[:PAGE],
        names=names,
        older=older,
        acts=ACTS,
        breaks=BREAKS,
    )


routes = [web.get("/administration/custody", index, name="custody.index")]
