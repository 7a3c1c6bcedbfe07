"""What came of a script: a page, and a list for a spreadsheet."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from aiohttp import web

import storage.scripts
from storage.database import Session
from storage.errors import NotFound
from storage.rules import scripts as rules
from storage.rules import sheets
from storage.rules.permissions import Permission
from storage.scripts import Period, RunRow, Script, ScriptVersion
from web import filters
from web.auth import requires
from web.drafting import key_of
from web.i18n import _
from web.keys import DATABASE
from web.render import render

USUAL = timedelta(days=29)  # before today


class Asked(NamedTuple):
    """Which version, and which days, the last one too."""

    number: int | None
    since: date
    until: date

    @classmethod
    def of(cls, request: web.Request) -> "Asked":
        """Read the address; what cannot be read asks for the usual."""
        today = datetime.now(UTC).astimezone(filters.zone()).date()
        until = _day(request.query.get("until", ""), today)
        since = _day(request.query.get("since", ""), until - USUAL)
        number = request.query.get("version", "")
        is_number = number.isascii() and number.isdecimal() and len(number) < 9  # noqa: PLR2004
        return cls(int(number) if is_number else None, min(since, until), until)

    @property
    def period(self) -> Period:
        """The days in the company's zone."""
        zone = filters.zone()
        begin = datetime.combine(self.since, time(), zone)
        end = datetime.combine(self.until + timedelta(days=1), time(), zone)
        return Period(begin.astimezone(UTC), end.astimezone(UTC))


@requires(Permission.SEE_REPORTS)
async def show(request: web.Request) -> web.Response:
    """How often a version was begun, finished, left and where, and each answer."""
    asked = Asked.of(request)
    async with request.app[DATABASE].reading() as session:
        script = await storage.scripts.get(session, key_of(request))
        versions = await storage.scripts.versions(session, script.id)
        version = _chosen(script, versions, asked)
        told = await storage.scripts.report(session, version, asked.period) if version else None
    return render(
        request,
        "scripts/report.html",
        script=script,
        versions=versions,
        version=version,
        asked=asked,
        report=told,
    )


@requires(Permission.SEE_REPORTS)
async def export(request: web.Request) -> web.StreamResponse:
    """Every run of a version in the period, a row each, with a column for each question."""
    asked = Asked.of(request)
    async with request.app[DATABASE].reading() as session:
        script = await storage.scripts.get(session, key_of(request))
        versions = await storage.scripts.versions(session, script.id)
        version = _chosen(script, versions, asked)
        if version is None:
            raise NotFound("version", asked.number)
        name = f"script-version-{version.number}.csv"
        response = web.StreamResponse(
            headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )
        response.content_type, response.charset = "text/csv", "utf-8"
        await response.prepare(request)
        await _write(response, session, version, asked)
    await response.write_eof()
    return response


async def _write(
    response: web.StreamResponse, session: Session, version: ScriptVersion, asked: Asked
) -> None:
    outline = rules.from_data(version.outline)
    fields = [field for _step, field in outline.fields()]
    titles = {step.key: step.title for step in outline.steps}
    first = [_("Began"), _("Agent"), _("Id of the call"), _("Customer"), _("Finished"), _("Step")]
    await response.write(sheets.line([*first, *(field.label for field in fields)], begins=True))
    async for row in storage.scripts.rows(session, version.id, asked.period):
        await response.write(sheets.line(_cells(row, titles, [field.key for field in fields])))


def _cells(row: RunRow, titles: dict[str, str], fields: Sequence[str]) -> list[str]:
    run = row.run
    return [
        run.started_at.astimezone(filters.zone()).isoformat(timespec="seconds"),
        row.agent or "",
        str(run.call_id),
        str(row.customer_id or ""),
        _("yes") if run.finished_at else _("no"),
        titles.get(run.step, run.step),
        *(", ".join(rules.words_of(row.answers.get(key, ""))) for key in fields),
    ]


def _chosen(
    script: Script, versions: Sequence[ScriptVersion], asked: Asked
) -> ScriptVersion | None:
    """The version that was asked for, else the one in use, else the newest."""
    wanted = asked.number or script.published
    return next((one for one in versions if one.number == wanted), next(iter(versions), None))


def _day(text: str, usual: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return usual
