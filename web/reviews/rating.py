"""The page on which a call is rated, and what its form sends; for reviewers and for agents."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web

import storage.calls
import storage.outcomes
import storage.picks
import storage.reviews
from storage.database import Session
from storage.errors import Refused
from storage.reviews import (
    Appeal,
    MarkedMeanwhile,
    MarkRefused,
    Review,
    ReviewKind,
    ReviewState,
    Sheet,
    Unfinished,
)
from storage.rules import scorecards as rules
from web.i18n import _, gettext, number, told
from web.keys import DATABASE, VISITOR
from web.render import redirect, render
from web.reviews import forms


async def page(
    request: web.Request,
    review: Review,
    *,
    place: str,
    errors: dict[str, str] | None = None,
    decision: str = "",
    status: int = HTTPStatus.OK,
) -> web.Response:
    """The review as it is written now, beside its call."""
    async with request.app[DATABASE].reading() as session:
        sheet = await storage.reviews.sheet(session, review.id)
        beside = None
        if review.kind is ReviewKind.SUPERVISOR and review.state is not ReviewState.DRAFT:
            beside = await storage.reviews.beside(session, review)
        story = await storage.calls.get(session, review.call_id)
        outcomes = await storage.outcomes.listed(session, closed=True)
        reasons = await storage.picks.reasons_of(session, review.call_id, review.agent_id)
        appeals = await storage.reviews.appeals(session, review.id)
        context = {
            "appeals": appeals,
            "tasks": await storage.reviews.tasks(session, review.id),
            "revisions": await storage.reviews.revisions(session, review.id),
        }
    return render(
        request, "reviews/show.html", status=status, sheet=sheet, review=sheet.review,
        beside=beside, call=story.call, story=story, reasons=reasons, errors=errors or {},
        writes=_writes(review, request), wait=_waiting(appeals), place=place,
        decision=decision, choices=rules.choices,
        outcomes={str(one.id): one.name for one in outcomes}, **context,
    )  # fmt: skip


async def update(request: web.Request, review: Review, place: str) -> web.Response:
    """Keep what the form says; then submit or release, where its button says so."""
    posted = await request.post()
    wants_json = "application/json" in request.headers.get("Accept", "")
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    deed = str(posted.get("deed", ""))
    async with request.app[DATABASE].reading() as session:
        sheet = await storage.reviews.sheet(session, review.id)
    keys = [item.key for _section, item in sheet.outline.items()]
    errors, theirs = {}, {}
    for item, said, seen in forms.read(posted, keys):
        name = item or forms.PREFIX
        try:
            async with request.app[DATABASE].writing() as session:
                await storage.reviews.say(session, review.id, item, said, seen=seen, by=by, now=now)
        except MarkRefused as error:
            errors[name] = gettext(error.reason.text).format(**error.reason.params)
        except MarkedMeanwhile as error:
            theirs[name] = _theirs(error, sheet)
            errors[name] = told(error)
    if wants_json:
        return await _told(request, review, errors, theirs)
    if not errors and deed in {"submit", "release"}:
        errors = await _submit(request, review, deed)
    if errors:
        return await page(request, review, errors=errors, place=place, status=422)
    sentences = {
        "submit": _("Submitted. The agent reads it once you release it."),
        "release": _("Released: the agent reads it now."),
    }
    if review.kind is not ReviewKind.SUPERVISOR:
        sentences["submit"] = _("Submitted.")
    return redirect(request, place, flash=sentences.get(deed, _("Saved.")))


async def _submit(request: web.Request, review: Review, deed: str) -> dict[str, str]:
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    try:
        async with request.app[DATABASE].writing() as session:
            await storage.reviews.submit(session, review.id, by=by, now=now)
            await storage.picks.settled(session, review.id, done=True, by=by, now=now)
            if deed == "release":
                await storage.reviews.release(session, review.id, by=by, now=now)
    except Unfinished as error:
        return {item.key: _("This is not rated yet.") for item in error.items}
    except Refused as error:
        return {"": told(error)}
    return {}


async def _told(
    request: web.Request,
    review: Review,
    errors: dict[str, str],
    theirs: dict[str, dict[str, object]],
) -> web.Response:
    """What a script of the page draws: versions, the score so far, what a colleague said."""
    async with request.app[DATABASE].reading() as session:
        sheet = await storage.reviews.sheet(session, review.id)
    score = sheet.score
    data = {
        "versions": {key or forms.PREFIX: said.version for key, said in sheet.marks.items()},
        "score": percent(score.percent),
        "failed": [item.label for item in score.failed],
        "missing": len(score.missing),
        "sections": {key: percent(value) for key, value in score.sections.items()},
        "errors": errors,
        "theirs": theirs,
    }
    status = HTTPStatus.CONFLICT if theirs else HTTPStatus.OK
    if errors and not theirs:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return web.json_response(data, status=status)


def percent(value: object) -> str:
    """A score as people write it, or a dash."""
    return "\N{EN DASH}" if value is None else f"{number(float(str(value)), 1)} %"


def _theirs(error: MarkedMeanwhile, sheet: Sheet) -> dict[str, object]:
    return {
        "mark": error.mark,
        "note": error.note,
        "at": error.at_seconds,
        "version": error.version,
        "by": sheet.names.get(error.user_id, ""),
    }


def _writes(review: Review, request: web.Request) -> bool:
    """Whether the visitor may write at it now."""
    if review.kind is ReviewKind.SUPERVISOR:
        return review.state in {ReviewState.DRAFT, ReviewState.APPEALED} and (
            request[VISITOR].user_id != review.agent_id
        )
    return review.state is ReviewState.DRAFT and review.reviewer_id == request[VISITOR].user_id


def _waiting(appeals: Sequence[Appeal]) -> Appeal | None:
    """The appeal that is not decided."""
    return next((one for one in appeals if one.row.decided_at is None), None)


async def linked(session: Session, review: Review, request: web.Request) -> None:
    """Say of a picked call that this review of it was begun."""
    await storage.picks.begun(
        session, review.call_id, review.agent_id, review.id, by=request[VISITOR].user_id,
        now=datetime.now(UTC),
    )  # fmt: skip
