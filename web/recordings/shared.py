"""A recording by a link: a page for those who have no account, and the sound alone.

The link's secret stands behind the # of its address, which no server, log or other site is told;
the page sends it in a form, and gets a cookie for the sound.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from aiohttp import hdrs, web

import storage.attempts
import storage.calls
import storage.shares
import storage.withheld
from storage.database import Session
from storage.errors import NotFound, Refused
from storage.recordings import Recording
from storage.rules.withheld import Window, mark
from storage.shares import Share
from web.auth import client_address, public
from web.filters import local_time
from web.i18n import _, gettext
from web.keys import DATABASE, SETTINGS, VISITOR
from web.listening import sounds
from web.listening.answers import answer
from web.listening.sounds import PATIENCE, Preparing
from web.render import render, url

COOKIE = "ringbook-shared"
GUESSES = "a shared recording"  # under this name wrong secrets are counted, by address
LONGEST = 200  # characters that a secret may have at most
PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@public
async def show(request: web.Request) -> web.Response:
    """The page of a shared recording; what it is about, it learns with the sound."""
    response = render(request, "shares/shared.html")
    response.headers.update(PRIVATE)
    return response


@public
async def create(request: web.Request) -> web.Response:
    """Open one play by a link: counted, audited, and answered with the address of the sound."""
    secret = str((await request.post()).get("secret", ""))[:LONGEST]
    now, address = datetime.now(UTC), client_address(request)
    async with request.app[DATABASE].writing() as session:
        attempt = await storage.attempts.begin(session, login=GUESSES, address=address, now=now)
    if attempt.wait:
        text = _("Too many links were tried from here. Try again in a few minutes.")
        return _refused(HTTPStatus.TOO_MANY_REQUESTS, text)
    try:
        return await _open(request, secret, address, now)
    except NotFound:
        text = _("This link has ended, or never was. Ask whoever sent it for another one.")
        return _refused(HTTPStatus.NOT_FOUND, text)
    except Refused as error:
        return _refused(HTTPStatus.FORBIDDEN, gettext(error.text))
    except Preparing:
        return web.json_response({"preparing": True}, status=HTTPStatus.ACCEPTED, headers=PRIVATE)


@public
async def audio(request: web.Request) -> web.StreamResponse:
    """Give the sound of a play that was opened by a link, whole or one range of it."""
    secret = request.cookies.get(COOKIE, "")[:LONGEST]
    async with request.app[DATABASE].reading() as session:
        recording, silenced = await storage.shares.played(
            session, UUID(request.match_info["id"]), secret, now=datetime.now(UTC)
        )
        sound = await sounds.played(session, recording, silenced)
    return await answer(request, sound)


async def _open(request: web.Request, secret: str, address: str, now: datetime) -> web.Response:
    visitor = request.get(VISITOR)
    user_id = visitor.user_id if visitor else None
    async with request.app[DATABASE].reading() as session:
        share, recording = await storage.shares.find(session, secret, user_id=user_id, now=now)
        silent = await _silent(request, session, share, recording)
        told = await _told(session, share, recording)
    async with request.app[DATABASE].writing() as session:  # it was no guess
        await storage.attempts.succeeded(session, login=GUESSES, address=address)
    await sounds.prepared(request, recording, silent, patience=PATIENCE)
    by = user_id if share.for_user_id else None
    async with request.app[DATABASE].writing() as session:
        play, key = await storage.shares.open_play(
            session, share.id, mark(silent), user_id=by, now=now
        )
    left = None if share.plays_allowed is None else share.plays_allowed - share.plays_used - 1
    response = web.json_response(
        {
            "url": url(request, "shared.audio", id=play.id),
            "seconds": recording.seconds,
            "told": told,
            "left": left,
        },
        status=HTTPStatus.CREATED,
        headers=PRIVATE,
    )
    response.set_cookie(
        COOKIE, key, path="/shared", httponly=True, samesite="Strict",
        secure=request.app[SETTINGS].public_url.startswith("https:"), max_age=2 * 3600,
    )  # fmt: skip
    return response


async def _silent(
    request: web.Request, session: Session, share: Share, recording: Recording
) -> tuple[Window, ...]:
    """Return what is silent: for a colleague as elsewhere, for others all internal talk."""
    if share.for_user_id is not None:
        return await sounds.silent_for(session, request[VISITOR], recording)
    return await storage.withheld.of_strangers(session, recording)


async def _told(session: Session, share: Share, recording: Recording) -> list[str]:
    """Return what the sharer ticked, as sentences."""
    story = await storage.calls.get(session, recording.call_id)
    who = story.customer.name if story.customer else story.call.name or story.call.number
    agents = ", ".join(sorted(story.names[user] for user in story.talked if user in story.names))
    told = {
        "when": local_time(story.call.started_at),
        "customer": gettext("With %(name)s") % {"name": who},
        "agent": agents,
    }
    return [told[one] for one in share.tells if told[one]]


def _refused(status: int, text: str) -> web.Response:
    return web.json_response(
        {"problem": text}, status=status, headers=PRIVATE | {hdrs.RETRY_AFTER: "60"}
    )
