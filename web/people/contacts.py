"""Who speaks for which company: begin a role, end it."""

from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp import web

import storage.contacts
import storage.customers
from storage.contacts import Contact
from storage.customers import CustomerKind
from storage.errors import Conflict, Refused
from storage.rules.permissions import Permission
from web import filters
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, POPS, VISITOR
from web.people import cards, forms
from web.people.forms import ContactFields, EndFields, Form
from web.render import redirect


@requires(Permission.EDIT_CUSTOMERS)
async def create(request: web.Request) -> web.Response:
    """Let a person speak for a company, from the card of either."""
    form = await forms.read(request, ContactFields)
    if form.fields is None:
        chosen = {"other": _("Choose someone from the list.")} if "other" in form.errors else {}
        return await _refuse(request, form, form.errors | chosen, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        contact = await _begin(request, form.fields)
    except Refused as refusal:
        errors = {"other": told(refusal)}
        return await _refuse(request, form, errors, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as conflict:
        return await _refuse(request, form, {"other": told(conflict)}, HTTPStatus.CONFLICT)
    for key in (contact.person_id, contact.company_id):
        await request.app[POPS].customer_changed(key)
    to = forms.card_of(request, forms.key_of(request), "contacts")
    return redirect(request, to, flash=_("Added."))


@requires(Permission.EDIT_CUSTOMERS)
async def end(request: web.Request) -> web.Response:
    """The person speaks for the company no longer; both histories keep it."""
    form = await forms.read(request, EndFields)
    today = datetime.now(UTC).astimezone(filters.zone()).date()
    last_day = (form.fields.ended_on if form.fields else None) or today
    async with request.app[DATABASE].writing() as session:
        contact = await storage.contacts.end(
            session,
            forms.key_of(request, "contact"),
            ended_on=min(last_day, today),
            by=request[VISITOR].user_id,
        )
    for key in (contact.person_id, contact.company_id):
        await request.app[POPS].customer_changed(key)
    to = forms.card_of(request, forms.key_of(request), "contacts")
    return redirect(request, to, flash=_("Ended. The history keeps it."))


async def _begin(request: web.Request, fields: ContactFields) -> Contact:
    key = forms.key_of(request)
    async with request.app[DATABASE].writing() as session:
        customer = await storage.customers.get(session, key)
        is_company = customer.kind is CustomerKind.COMPANY
        return await storage.contacts.begin(
            session,
            person_id=fields.other if is_company else key,
            company_id=key if is_company else fields.other,
            role=fields.role,
            began_on=fields.began_on,
            by=request[VISITOR].user_id,
            now=datetime.now(UTC),
        )


async def _refuse(
    request: web.Request, form: Form[ContactFields], errors: dict[str, str], status: HTTPStatus
) -> web.Response:
    wrong = cards.Wrong("contact", errors, form.typed)
    return await cards.page(request, forms.key_of(request), wrong, status=status)
