"""Scorecards as supervisors make them: a list, a form for each, publishing, whose calls."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from aiohttp import web

import storage.queues
import storage.scorecards
import storage.teams
from storage.errors import Refused
from storage.rules import scorecards as rules
from storage.rules.permissions import Permission
from storage.rules.scorecards import ItemKind, Outline
from storage.scorecards import ChangedMeanwhile, NotUsable
from web.auth import requires
from web.i18n import _, gettext, told
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url
from web.reviews import drafts

EDIT = Permission.MANAGE_SCORECARDS


@requires(EDIT)
async def index(request: web.Request) -> web.Response:
    """Every scorecard, and the form for another."""
    return await _list(request)


@requires(EDIT)
async def create(request: web.Request) -> web.Response:
    """Begin a scorecard."""
    name = str((await request.post()).get("name", ""))
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    try:
        async with request.app[DATABASE].writing() as session:
            card = await storage.scorecards.create(session, name, by=by, now=now)
    except Refused as error:
        return await _list(request, name, {"name": told(error)}, status=422)
    return redirect(request, url(request, "scorecards.edit", id=card.id))


@requires(EDIT)
async def edit(request: web.Request) -> web.Response:
    """The form of one scorecard."""
    return await _page(request)


@requires(EDIT)
async def update(request: web.Request) -> web.Response:
    """Keep the scorecard as it was written, changed by the button that was pressed."""
    posted = {name: v for name, v in (await request.post()).items() if isinstance(v, str)}
    key, by, now = key_of(request), request[VISITOR].user_id, datetime.now(UTC)
    name, deed = posted.get("name", ""), posted.get("deed", "")
    changed = drafts.change(drafts.read(posted), deed)
    number = posted.get("version", "")
    version = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 0  # noqa: PLR2004
    try:
        async with request.app[DATABASE].writing() as session:
            card = await storage.scorecards.save(
                session, key, name, changed.outline, version=version, by=by, now=now
            )
            version = card.version
        if deed == "publish":
            async with request.app[DATABASE].writing() as session:
                await storage.scorecards.publish(session, key, version=version, by=by, now=now)
    except ChangedMeanwhile as conflict:
        return await _page(request, name, changed.outline, conflict=conflict, status=409)
    except NotUsable:
        sentence = _("Saved, but not published: some things are to be put right first.")
        return redirect(request, _place(request, ""), flash=sentence, kind="bad")
    except Refused as error:
        errors = {"name": told(error)}
        return await _page(request, name, changed.outline, errors=errors, status=422)
    said = {"publish": _("Published: reviews that begin now use it."), "": _("Saved.")}
    return redirect(request, _place(request, changed.part), flash=said.get(deed, ""))


@requires(EDIT)
async def withdraw(request: web.Request) -> web.Response:
    """Let no review begin with it any more."""
    async with request.app[DATABASE].writing() as session:
        by = request[VISITOR].user_id
        await storage.scorecards.withdraw(session, key_of(request), by=by)
    sentence = _("Withdrawn. Reviews that have begun go on with it.")
    return redirect(request, _place(request, ""), flash=sentence)


@requires(EDIT)
async def give(request: web.Request) -> web.Response:
    """Say for whose calls it is meant."""
    posted = await request.post()
    queues = {str(value) for value in posted.getall("queues", [])}
    teams = {str(value) for value in posted.getall("teams", [])}
    async with request.app[DATABASE].writing() as session:
        all_queues = await storage.queues.listed(session)
        all_teams = await storage.teams.listed(session)
        await storage.scorecards.give(
            session, key_of(request), queues=[q.id for q in all_queues if str(q.id) in queues],
            teams=[team.id for team in all_teams if str(team.id) in teams],
            by=request[VISITOR].user_id,
        )  # fmt: skip
    return redirect(request, _place(request, ""), flash=_("Saved."))


def key_of(request: web.Request) -> UUID:
    """Return the thing in the address."""
    return UUID(request.match_info["id"])


def _place(request: web.Request, part: str) -> str:
    return url(request, "scorecards.edit", id=key_of(request)) + (f"#{part}" if part else "")


async def _list(
    request: web.Request,
    name: str = "",
    errors: dict[str, str] | None = None,
    *,
    status: int = HTTPStatus.OK,
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        lines = await storage.scorecards.listed(session)
    return render(
        request, "scorecards/index.html", status=status, lines=lines, written=name,
        errors=errors or {},
    )  # fmt: skip


async def _page(
    request: web.Request,
    name: str | None = None,
    outline: Outline | None = None,
    *,
    conflict: ChangedMeanwhile | None = None,
    errors: dict[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> web.Response:
    key = key_of(request)
    async with request.app[DATABASE].reading() as session:
        card = await storage.scorecards.get(session, key)
        versions = await storage.scorecards.versions(session, key)
        queues = await storage.queues.listed(session)
        teams = await storage.teams.listed(session)
        given = await storage.scorecards.given(session, key)
    written = rules.from_data(card.draft) if outline is None else outline
    used = next((one.outline for one in versions if one.number == card.published), None)
    return render(
        request,
        "scorecards/edit.html",
        status=status,
        card=card,
        called=card.name if name is None else name,
        outline=written,
        version=card.version,
        problems=[gettext(p.text).format(**p.params) for p in rules.check(written)],
        is_published_so=used == rules.to_data(written),
        queues=[(str(queue.id), queue.label) for queue in queues],
        teams=[(str(team.id), team.name) for team in teams],
        given=given,
        theirs=_theirs(conflict, written),
        conflict=conflict,
        errors=errors or {},
        kinds=[(ItemKind.YES_NO, _("yes or no")), (ItemKind.SCALE, _("a scale"))],
        heaviest=rules.HEAVIEST,
        shares=_shares(written),
    )


def _theirs(conflict: ChangedMeanwhile | None, yours: Outline) -> list[str]:
    """What a colleague's scorecard asks that yours does not, or otherwise."""
    if conflict is None:
        return []
    mine = dict.fromkeys(item for _, item in yours.items())
    return [item.label for _, item in conflict.outline.items() if item not in mine]


def _shares(outline: Outline) -> dict[str, float]:
    """How many percent of the score each section is, where all of it applies."""
    counting = [s for s in outline.sections if any(item.weight for item in s.items)]
    total = sum(section.weight for section in counting)
    return {s.key: 100 * s.weight / total for s in counting} if total else {}
