"""Recordings that are not right: why, and what can be done."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

import storage.pbxs
import storage.repairs
import storage.spools
from storage.recordings import RecordingState
from storage.repairs import LISTED, PAGE, Wanted
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, PICKUP, VISITOR
from web.render import redirect, render, url

Optional = BeforeValidator(lambda value: value or None)


class Question(BaseModel):
    """What the list is asked for in its address."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    state: Annotated[RecordingState | None, Optional] = None
    pbx: Annotated[UUID | None, Optional] = None
    days: Annotated[int | None, Optional] = None
    older_than: Annotated[UUID | None, Optional] = None


@requires(Permission.MEND_RECORDINGS)
async def index(request: web.Request) -> web.Response:
    """Every recording that is not right, the newest first, by state, PBX and time."""
    asked = question(request)
    since = datetime.now(UTC) - timedelta(days=asked.days) if asked.days else None
    state = asked.state if asked.state in LISTED else None
    wanted = Wanted(state=state, pbx_id=asked.pbx, since=since)
    async with request.app[DATABASE].reading() as session:
        found = await storage.repairs.listed(
            session, wanted, older_than=asked.older_than, limit=PAGE + 1
        )
        counts = await storage.repairs.counts(session, wanted)
        orphans = await storage.spools.count(session)
        pbxs = await storage.pbxs.listed(session)
    chosen = {"state": state.value if state else "", "pbx": asked.pbx or "", "days": asked.days}
    chosen = {name: str(value) for name, value in chosen.items() if value}
    older = ""
    if found[PAGE:]:
        last = found[PAGE - 1].recording.id
        older = url(request, "recordings.index", older_than=last, **chosen)
    return render(
        request,
        "recordings/index.html",
        wrongs=found[:PAGE],
        counts=counts,
        orphans=orphans,
        pbxs={pbx.id: pbx.name for pbx in pbxs},
        state=state,
        chosen=chosen,
        older=older,
    )


@requires(Permission.MEND_RECORDINGS)
async def look_again(request: web.Request) -> web.Response:
    """Wait for a recording's file once more."""
    async with request.app[DATABASE].writing() as session:
        await storage.repairs.look_again(session, key_of(request), by=request[VISITOR].user_id)
    tell_pickup(request)
    return _back(request, _("The file is looked for again."))


@requires(Permission.MEND_RECORDINGS)
async def give_up(request: web.Request) -> web.Response:
    """Say why nothing more will come of a recording."""
    form = await request.post()
    async with request.app[DATABASE].writing() as session:
        await storage.repairs.give_up(
            session, key_of(request), str(form.get("reason", "")), by=request[VISITOR].user_id
        )
    return _back(request, _("The reason is kept with the recording."))


def question(request: web.Request) -> Question:
    """Return what is asked for; what makes no sense is not asked."""
    try:
        return Question.model_validate(dict(request.query))
    except ValidationError:
        return Question()


def key_of(request: web.Request) -> UUID:
    """Return the id in the address."""
    return UUID(request.match_info["id"])


def tell_pickup(request: web.Request) -> None:
    """Recordings wait for their files again (after commit)."""
    if PICKUP in request.app:
        request.app[PICKUP].look_again()


def _back(request: web.Request, flash: str) -> web.Response:
    return redirect(request, url(request, "recordings.index"), flash=flash)
