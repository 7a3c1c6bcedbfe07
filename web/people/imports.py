"""Importing a customer file: upload, name the columns, look at the dry run, import."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

import storage.importers
import storage.imports
import storage.numbers
from storage.errors import Refused
from storage.imports import ImportRun, ImportState
from storage.rules import files
from storage.rules.drafts import Column
from storage.rules.imports import Verdict
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, VISITOR
from web.people import dry_runs, forms
from web.render import redirect, render, url

REGION_LETTERS = 2
MENDABLE_FIRST = (Verdict.REFUSED, Verdict.DOUBTFUL, Verdict.ACCEPTED, Verdict.PRESENT)


@requires(Permission.IMPORT_CUSTOMERS)
async def new(request: web.Request) -> web.Response:
    """Choose a file."""
    return render(request, "imports/new.html", errors={})


@requires(Permission.IMPORT_CUSTOMERS)
async def create(request: web.Request) -> web.Response:
    """Keep the uploaded file, and guess how it reads."""
    posted = (await request.post()).get("file")
    if not isinstance(posted, FileField):
        return _refuse_file(request, _("Choose a file."))
    content = posted.file.read()
    try:
        run = await _keep(request, posted.filename, content)
    except Refused as refusal:
        return _refuse_file(request, told(refusal))
    return redirect(request, url(request, "imports.show", id=run.id))


@requires(Permission.IMPORT_CUSTOMERS)
async def show(request: web.Request) -> web.Response:
    """Where an import stands: its columns to name, its dry run, or what came of it."""
    async with request.app[DATABASE].reading() as session:
        run = await storage.imports.get(session, forms.key_of(request), now=datetime.now(UTC))
        rows = await storage.imports.rows_of(session, run.id)
    if run.state is ImportState.DONE:
        return render(request, "imports/done.html", run=run)
    if run.state is ImportState.CHECKED and "columns" not in request.query:
        return render(
            request,
            "imports/dry_run.html",
            run=run,
            rows=rows,
            verdicts=list(Verdict),
            listed=MENDABLE_FIRST,
        )
    return await _columns_page(request, {})


@requires(Permission.IMPORT_CUSTOMERS)
async def check(request: web.Request) -> web.Response:
    """Take what was said of the columns and make the dry run."""
    key, now = forms.key_of(request), datetime.now(UTC)
    posted = await request.post()
    try:
        said = _said(posted)
        async with request.app[DATABASE].writing() as session:
            home = await storage.numbers.home(session)
            await storage.imports.describe(session, key, **said, now=now)
        await dry_runs.make(request.app[DATABASE], key, home=home, now=now)
    except Refused as refusal:
        return await _columns_page(request, {"": told(refusal)})
    return redirect(request, url(request, "imports.show", id=key))


@requires(Permission.IMPORT_CUSTOMERS)
async def carry_out(request: web.Request) -> web.Response:
    """Import what the dry run accepted, all or nothing."""
    key = forms.key_of(request)
    with_doubtful = (await request.post()).get("with_doubtful") == "1"
    async with request.app[DATABASE].writing() as session:
        await storage.importers.carry_out(
            session,
            key,
            with_doubtful=with_doubtful,
            by=request[VISITOR].user_id,
            now=datetime.now(UTC),
        )
    return redirect(request, url(request, "imports.show", id=key), flash=_("Imported."))


@requires(Permission.IMPORT_CUSTOMERS)
async def forget(request: web.Request) -> web.Response:
    """Throw the file away."""
    async with request.app[DATABASE].writing() as session:
        await storage.imports.forget(session, forms.key_of(request), by=request[VISITOR].user_id)
    return redirect(request, url(request, "imports.new"), flash=_("The file is thrown away."))


async def _keep(request: web.Request, file_name: str, content: bytes) -> ImportRun:
    async with request.app[DATABASE].reading() as session:
        home = await storage.numbers.home(session)
    look = await dry_runs.look(content, home.region)
    async with request.app[DATABASE].writing() as session:
        return await storage.imports.begin(
            session,
            file_name=file_name,
            content=content,
            encoding=look.encoding,
            delimiter=look.delimiter,
            has_header=look.has_header,
            region=look.region,
            columns=look.columns,
            by=request[VISITOR].user_id,
            now=datetime.now(UTC),
        )


def _said(posted: Any) -> dict[str, Any]:  # noqa: ANN401 - aiohttp's multi-dict of strings and files
    """Return what the form says of the file; raises Refused for what no form of ours says."""
    try:
        held = [Column(str(value)) for value in posted.getall("column", [])]
    except ValueError:
        raise Refused(_("Choose from the list what each column holds.")) from None
    encoding, delimiter = str(posted.get("encoding", "")), str(posted.get("delimiter", ""))
    delimiter = "\t" if delimiter == "tab" else delimiter
    region = str(posted.get("region", "")).strip().upper()
    if encoding not in files.ENCODINGS or delimiter not in files.DELIMITERS:
        raise Refused(_("Choose the encoding and the separator from their lists."))
    if len(region) != REGION_LETTERS or not (region.isascii() and region.isalpha()):
        raise Refused(_("The country of the numbers is two letters, as in DE."))
    if not set(held) & {Column.NAME, Column.LAST_NAME, Column.COMPANY, Column.NUMBER}:
        raise Refused(_("Say at least which column holds the name or the number."))
    return {
        "encoding": encoding,
        "delimiter": delimiter,
        "has_header": posted.get("has_header") == "1",
        "region": region,
        "columns": held,
    }


async def _columns_page(request: web.Request, errors: dict[str, str]) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        run = await storage.imports.get(
            session, forms.key_of(request), now=datetime.now(UTC), with_content=True
        )
    try:
        sample = await dry_runs.sample(run)
    except Refused as refusal:
        sample, errors = dry_runs.Sample([""] * len(run.columns), []), {"": told(refusal)} | errors
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return render(
        request,
        "imports/columns.html",
        status=status,
        run=run,
        sample=sample,
        errors=errors,
        choices=list(Column),
        encodings=files.ENCODINGS,
    )


def _refuse_file(request: web.Request, sentence: str) -> web.Response:
    return render(
        request,
        "imports/new.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        errors={"file": sentence},
    )
