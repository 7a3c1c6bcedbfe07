"""Scripts as supervisors make them: a list, a form for each, publishing, queues."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from aiohttp import web

import storage.outcomes
import storage.queues
import storage.scripts
from storage.database import Session
from storage.errors import Refused
from storage.rules import scripts as rules
from storage.rules.permissions import Permission
from storage.rules.scripts import FieldKind, Outline, Step
from storage.scripts import ChangedMeanwhile, NotUsable
from web.auth import requires
from web.i18n import _, gettext, told
from web.keys import DATABASE, POPS, VISITOR
from web.render import redirect, render, url
from web.scripts import drafts


@requires(Permission.MANAGE_SCRIPTS)
async def index(request: web.Request) -> web.Response:
    """Every script, and the form for another."""
    return await _list(request)


@requires(Permission.MANAGE_SCRIPTS)
async def create(request: web.Request) -> web.Response:
    """Begin a script."""
    name = str((await request.post()).get("name", ""))
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    try:
        async with request.app[DATABASE].writing() as session:
            script = await storage.scripts.create(session, name, by=by, now=now)
    except Refused as error:
        return await _list(request, name, {"name": told(error)}, status=422)
    return redirect(request, url(request, "scripts.edit", id=script.id))


@requires(Permission.MANAGE_SCRIPTS)
async def edit(request: web.Request) -> web.Response:
    """The form of one script."""
    return await _page(request)


@requires(Permission.MANAGE_SCRIPTS)
async def update(request: web.Request) -> web.Response:
    """Keep the script as it was written, changed by the button that was pressed."""
    posted = {name: v for name, v in (await request.post()).items() if isinstance(v, str)}
    key, by, now = key_of(request), request[VISITOR].user_id, datetime.now(UTC)
    name, deed = posted.get("name", ""), posted.get("deed", "")
    changed = drafts.change(drafts.read(posted), deed)
    version = int(posted.get("version") or 0) if posted.get("version", "").isdecimal() else 0
    try:
        async with request.app[DATABASE].writing() as session:
            script = await storage.scripts.save(
                session, key, name, changed.outline, version=version, by=by, now=now
            )
            version = script.version
        if deed == "publish":
            async with request.app[DATABASE].writing() as session:
                await storage.scripts.publish(session, key, version=version, by=by, now=now)
            await request.app[POPS].phones_changed()  # their cards know that there is one
    except ChangedMeanwhile as conflict:
        return await _page(request, name, changed.outline, conflict=conflict, status=409)
    except NotUsable:
        sentence = _("Saved, but not published: some things are to be put right first.")
        return redirect(request, _place(request, ""), flash=sentence, kind="bad")
    except Refused as error:
        errors = {"name": told(error)}
        return await _page(request, name, changed.outline, errors=errors, status=422)
    said = {"publish": _("Published: calls that begin now have it."), "": _("Saved.")}
    return redirect(request, _place(request, changed.part), flash=said.get(deed, ""))


@requires(Permission.MANAGE_SCRIPTS)
async def withdraw(request: web.Request) -> web.Response:
    """Let no call begin with it any more."""
    async with request.app[DATABASE].writing() as session:
        by = request[VISITOR].user_id
        await storage.scripts.withdraw(session, key_of(request), by=by)
    await request.app[POPS].phones_changed()
    sentence = _("Withdrawn. Calls that have begun it go on with it.")
    return redirect(request, _place(request, ""), flash=sentence)


@requires(Permission.MANAGE_SCRIPTS)
async def assign(request: web.Request) -> web.Response:
    """Say which queues have it."""
    chosen = {str(value) for value in (await request.post()).getall("queues", [])}
    async with request.app[DATABASE].writing() as session:
        queues = [q.id for q in await storage.queues.listed(session) if str(q.id) in chosen]
        by = request[VISITOR].user_id
        await storage.scripts.assign(session, key_of(request), queues, by=by)
    await request.app[POPS].phones_changed()
    return redirect(request, _place(request, ""), flash=_("Saved."))


def key_of(request: web.Request) -> UUID:
    """Return the script in the address."""
    return UUID(request.match_info["id"])


def _place(request: web.Request, part: str) -> str:
    return url(request, "scripts.edit", id=key_of(request)) + (f"#{part}" if part else "")


async def _list(
    request: web.Request,
    name: str = "",
    errors: dict[str, str] | None = None,
    *,
    status: int = HTTPStatus.OK,
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        lines = await storage.scripts.listed(session)
    return render(
        request, "scripts/index.html", status=status, lines=lines, written=name, errors=errors or {}
    )


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
        script = await storage.scripts.get(session, key)
        outcomes = await storage.outcomes.listed(session)
        versions = await storage.scripts.versions(session, key)
        queues, chosen = await _queues(session, key)
    written = rules.from_data(script.draft) if outline is None else outline
    problems = rules.check(written, {str(outcome.id) for outcome in outcomes})
    used = next((one.outline for one in versions if one.number == script.published), None)
    return render(
        request,
        "scripts/edit.html",
        status=status,
        script=script,
        called=script.name if name is None else name,
        outline=written,
        version=script.version,
        problems=[gettext(one.text).format(**one.params) for one in problems],
        is_published_so=used == rules.to_data(written),
        outcomes=[(str(each.id), each.name) for each in outcomes],
        queues=queues,
        chosen=chosen,
        theirs=_theirs(conflict, written) if conflict else (),
        conflict=conflict,
        errors=errors or {},
        **_words(),
    )


async def _queues(session: Session, key: UUID) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Return each queue with the other script that it has, and those that have this one."""
    given = await storage.scripts.queues_of(session)
    names = {line.script.id: line.script.name for line in await storage.scripts.listed(session)}
    rows = []
    for queue in await storage.queues.listed(session):
        owner = given.get(queue.id)
        other = names[owner] if owner is not None and owner != key else ""
        rows.append((str(queue.id), queue.label, other))
    return rows, [str(queue) for queue, owner in given.items() if owner == key]


def _theirs(conflict: ChangedMeanwhile, mine: Outline) -> list[Step]:
    """The steps of the colleague that are not the same here."""
    return [step for step in conflict.outline.steps if step != mine.step(step.key)]


def _words() -> dict[str, Any]:
    """What the page calls kinds of questions and comparisons."""
    return {
        "kinds": [
            (FieldKind.TEXT.value, _("Text")),
            (FieldKind.LONG_TEXT.value, _("Long text")),
            (FieldKind.NUMBER.value, _("Number")),
            (FieldKind.DATE.value, _("Date")),
            (FieldKind.YES_NO.value, _("Yes or no")),
            (FieldKind.CHOICE.value, _("One of a list")),
            (FieldKind.CHOICES.value, _("Several of a list")),
        ],
        "comparisons": [
            ("is", _("is")),
            ("is_not", _("is not")),
            ("at_least", _("is at least")),
            ("at_most", _("is at most")),
            ("answered", _("is answered")),
            ("not_answered", _("is not answered")),
        ],
        "placeholders": ", ".join(f"{{{name}}}" for name in rules.PLACEHOLDERS),
    }
