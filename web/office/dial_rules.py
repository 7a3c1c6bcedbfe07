"""Which numbers each role may dial, and how many calls at once."""

from collections.abc import Mapping
from typing import Annotated

from aiohttp import web
from pydantic import Field

import storage.dial_rules
from pbx_bridge.matching import msgid
from storage.dial_rules import MOST
from storage.rules.dialling import DialCaps, DialRule, NumberKind
from storage.rules.permissions import Permission, RoleName
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.office import forms
from web.render import redirect, render, url

Cap = Annotated[int, Field(ge=0, le=MOST)]
CHOICES = (
    (NumberKind.INTERNAL, msgid("Internal"), msgid("extensions and queues")),
    (NumberKind.NATIONAL, msgid("National"), msgid("of the country of the PBX")),
    (NumberKind.INTERNATIONAL, msgid("International"), msgid("also by satellite")),
    (NumberKind.PREMIUM, msgid("Premium rate"), msgid("also shared cost and directory enquiries")),
    (NumberKind.SERVICE, msgid("Service codes"), msgid("* and #: they can forward phones")),
    (NumberKind.UNREAD, msgid("Unknown ranges"), msgid("whose price nobody can tell")),
)


class RuleFields(forms.Fields):
    """What a role may dial."""

    kinds: list[NumberKind] = []
    per_minute: Cap
    at_once: Cap


class CapFields(forms.Fields):
    """What all may place together."""

    per_minute: Cap
    at_once: Cap
    from_hour: Annotated[int, Field(ge=0, le=23)] = 0
    to_hour: Annotated[int, Field(ge=0, le=24)] = 24


@requires(Permission.MANAGE_SETTINGS)
async def index(request: web.Request) -> web.Response:
    """The rules of each role, and the caps of all."""
    return await _page(request)


async def _page(
    request: web.Request, *, wrong: str = "", errors: Mapping[str, str] | None = None
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        rules = await storage.dial_rules.of_all(session)
        caps = await storage.dial_rules.caps(session)
    return render(
        request,
        "dial_rules/index.html",
        status=422 if wrong else 200,
        rules=rules,
        caps=caps,
        choices=CHOICES,
        wrong=wrong,
        errors=errors or {},
    )


@requires(Permission.MANAGE_SETTINGS)
async def update(request: web.Request) -> web.Response:
    """Store the rule of one role, or the caps of all."""
    whose = request.match_info["whose"]
    if whose == "all":
        return await _update_caps(request)
    if whose not in set(RoleName):
        raise web.HTTPNotFound(text=_("There is no such role."))
    form = await forms.read(request, RuleFields, many=("kinds",))
    if form.fields is None:
        return await _page(request, wrong=whose, errors=form.errors)
    rule = DialRule(
        kinds=frozenset(form.fields.kinds),
        per_minute=form.fields.per_minute,
        at_once=form.fields.at_once,
    )
    async with request.app[DATABASE].writing() as session:
        by = request[VISITOR].user_id
        await storage.dial_rules.choose(session, RoleName(whose), rule, by=by)
    return redirect(request, url(request, "dial_rules.index"), flash=_("Saved."))


async def _update_caps(request: web.Request) -> web.Response:
    form = await forms.read(request, CapFields)
    if form.fields is None:
        return await _page(request, wrong="all", errors=form.errors)
    wanted = DialCaps(**form.fields.model_dump())
    async with request.app[DATABASE].writing() as session:
        await storage.dial_rules.choose_caps(session, wanted, by=request[VISITOR].user_id)
    return redirect(request, url(request, "dial_rules.index"), flash=_("Saved."))


routes = [
    web.get("/administration/dialling", index, name="dial_rules.index"),
    web.post("/administration/dialling/{whose}", update, name="dial_rules.update"),
]
