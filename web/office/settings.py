"""The company: its name, and the time zone that every page shows times in."""

from typing import Annotated
from zoneinfo import available_timezones

from aiohttp import web
from pydantic import StringConstraints, field_validator

import storage.settings
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.office import forms
from web.render import redirect, render, url


class Company(forms.Fields):
    """What the company chooses."""

    company_name: Annotated[str, StringConstraints(max_length=120)] = ""
    time_zone: str

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(_("Choose one of the list."))
        return name


def zones() -> list[tuple[str, str]]:
    """Return the places of the time zone database, Europe/Berlin and the like, and UTC."""
    places = sorted(name for name in available_timezones() if _is_a_place(name))
    return [(name, name.replace("_", " ")) for name in ("UTC", *places)]


def _is_a_place(name: str) -> bool:
    return "/" in name and not name.startswith(("Etc/", "SystemV/", "US/", "Canada/", "Brazil/"))


@requires(Permission.MANAGE_SETTINGS)
async def edit(request: web.Request) -> web.Response:
    """The form."""
    async with request.app[DATABASE].reading() as session:
        typed = {
            "company_name": await storage.settings.company_name(session),
            "time_zone": await storage.settings.time_zone(session),
        }
    return render(request, "settings/edit.html", typed=typed, errors={}, zones=zones())


@requires(Permission.MANAGE_SETTINGS)
async def update(request: web.Request) -> web.Response:
    """Store both; the next page shows its times in the new zone."""
    form = await forms.read(request, Company)
    if form.fields is None:
        return render(
            request,
            "settings/edit.html",
            status=422,
            typed=form.typed,
            errors=form.errors,
            zones=zones(),
        )
    async with request.app[DATABASE].writing() as session:
        by = request[VISITOR].user_id
        name, zone = form.fields.company_name, form.fields.time_zone
        await storage.settings.put(session, "company_name", {"text": name}, by=by)
        await storage.settings.put(session, "time_zone", {"name": zone}, by=by)
    return redirect(request, url(request, "settings.edit"), flash=_("Saved."))


routes = [
    web.get("/administration/company", edit, name="settings.edit"),
    web.post("/administration/company", update, name="settings.update"),
]
