"""Those we serve: new, edit, close and serve again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web

import storage.callers
import storage.customers
import storage.numbers
from storage.customers import ChangedMeanwhile, Customer, Profile
from storage.errors import Refused
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, POPS, VISITOR
from web.people import forms
from web.people.forms import CustomerFields, Form, NewCustomerFields
from web.render import redirect, render

BLANK: dict[str, Any] = dict.fromkeys(
    (
        "name",
        "kind",
        "address_as",
        "email",
        "about",
        "lifecycle",
        "version",
        "number",
        "label",
        "call",
    ),
    "",
)


@requires(Permission.EDIT_CUSTOMERS)
async def new(request: web.Request) -> web.Response:
    """An empty form, or one begun with what is known of a caller."""
    given = {name: request.query.get(name, "") for name in ("name", "number", "call", "kind")}
    return _new_page(request, given, {})


@requires(Permission.EDIT_CUSTOMERS)
async def create(request: web.Request) -> web.Response:
    """Add a customer; from a call in one step with its number, itself and its earlier calls."""
    form = await forms.read(request, NewCustomerFields)
    if form.fields is None:
        return _refuse_new(request, form.typed, form.errors)
    try:
        customer = await _create(request, form.fields)
    except Refused as refusal:
        return _refuse_new(request, form.typed, {"number": told(refusal)})
    if form.fields.call is not None:
        await request.app[POPS].call_matched(form.fields.call)
    await request.app[POPS].customer_changed(customer.id)
    if forms.wants_json(request):
        answer = {"id": str(customer.id), "name": customer.name, "kind": customer.kind}
        return web.json_response(answer, status=HTTPStatus.CREATED)
    sentence = _("{name} is a customer now.").format(name=customer.name)
    return redirect(request, forms.card_of(request, customer.id), flash=sentence)


@requires(Permission.EDIT_CUSTOMERS)
async def edit(request: web.Request) -> web.Response:
    """The form with what is stored."""
    async with request.app[DATABASE].reading() as session:
        customer = await storage.customers.get(session, forms.key_of(request))
        numbers = await storage.numbers.of_customer(session, customer.id)
    return _edit_page(request, customer, _values(customer), numbers=numbers)


@requires(Permission.EDIT_CUSTOMERS)
async def update(request: web.Request) -> web.Response:
    """Save an edit; where a colleague was first, both texts are shown."""
    form = await forms.read(request, CustomerFields)
    key, by = forms.key_of(request), request[VISITOR].user_id
    conflict = None
    if form.fields is not None:
        try:
            async with request.app[DATABASE].writing() as session:
                profile, version = form.fields.profile, form.fields.version
                await storage.customers.update(
                    session, key, profile, version=version, by=by, now=datetime.now(UTC)
                )
        except ChangedMeanwhile as changed:
            conflict = changed
        else:
            await request.app[POPS].customer_changed(key)
            return redirect(request, forms.card_of(request, key), flash=_("Saved."))
    return await _refuse_edit(request, form, conflict)


@requires(Permission.EDIT_CUSTOMERS)
async def close(request: web.Request) -> web.Response:
    """Serve a customer no longer."""
    key = forms.key_of(request)
    async with request.app[DATABASE].writing() as session:
        await storage.customers.close(
            session, key, by=request[VISITOR].user_id, now=datetime.now(UTC)
        )
    await request.app[POPS].customer_changed(key)
    sentence = _("No longer served. The history stays, and no call is matched any more.")
    return redirect(request, forms.card_of(request, key), flash=sentence)


@requires(Permission.EDIT_CUSTOMERS)
async def reopen(request: web.Request) -> web.Response:
    """Serve a customer again."""
    key = forms.key_of(request)
    async with request.app[DATABASE].writing() as session:
        await storage.customers.reopen(
            session, key, by=request[VISITOR].user_id, now=datetime.now(UTC)
        )
    await request.app[POPS].customer_changed(key)
    return redirect(request, forms.card_of(request, key), flash=_("Served again."))


async def _create(request: web.Request, fields: NewCustomerFields) -> Customer:
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    async with request.app[DATABASE].writing() as session:
        home = await storage.numbers.home(session)
        if fields.call is not None:
            customer = await storage.callers.create_from_call(
                session, fields.call, fields.profile, by=by, now=now
            )
        else:
            customer = await storage.customers.create(session, fields.profile, by=by, now=now)
        have = {number.e164 for number in await storage.numbers.of_customer(session, customer.id)}
        if fields.number and home.read(fields.number) not in have:
            await storage.callers.give_number(
                session, customer.id, fields.number, home=home, label=fields.label, by=by, now=now
            )
    return customer


async def _refuse_edit(
    request: web.Request, form: Form[CustomerFields], conflict: ChangedMeanwhile | None
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        customer = await storage.customers.get(session, forms.key_of(request))
        numbers = await storage.numbers.of_customer(session, customer.id)
    values: dict[str, Any] = dict(form.typed)
    if conflict is not None:
        values["version"] = conflict.version
    status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY
    return _edit_page(
        request,
        customer,
        values,
        numbers=numbers,
        errors=form.errors,
        theirs=_differences(conflict) if conflict else {},
        status=status,
    )


def _differences(conflict: ChangedMeanwhile) -> dict[str, str]:
    """What the colleague's text says where it is not what was typed here."""
    changes = conflict.theirs.changes_from(conflict.yours)
    return {name: str(value or "") for name, value in changes.items()}


def _refuse_new(
    request: web.Request, typed: Mapping[str, str], errors: dict[str, str]
) -> web.Response:
    if forms.wants_json(request):
        return web.json_response({"errors": errors}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _new_page(request, typed, errors, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _new_page(
    request: web.Request,
    values: Mapping[str, str],
    errors: dict[str, str],
    *,
    status: int = HTTPStatus.OK,
) -> web.Response:
    context = {"values": BLANK | dict(values), "errors": errors, "theirs": {}}
    return render(request, "customers/new.html", status=status, **context)


def _edit_page(
    request: web.Request,
    customer: Customer,
    values: dict[str, Any],
    **context: Any,  # noqa: ANN401 - for the template
) -> web.Response:
    defaults: dict[str, Any] = {"errors": {}, "theirs": {}, "status": HTTPStatus.OK}
    context = defaults | context
    values = BLANK | values
    return render(request, "customers/edit.html", customer=customer, values=values, **context)


def _values(customer: Customer) -> dict[str, Any]:
    profile = Profile.of(customer)
    return {
        "name": profile.name,
        "kind": profile.kind,
        "address_as": profile.address_as or "",
        "email": profile.email or "",
        "about": profile.about,
        "lifecycle": profile.lifecycle or "",
        "version": customer.version,
    }
