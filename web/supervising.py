"""Listening in on agents, for pages and API alike: whom a visitor's rights reach, and a click."""

import re
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

import storage.supervisions
import storage.teams
import storage.users
from storage.agents import Phone
from storage.errors import Refused
from storage.rules.permissions import Permission, Scope
from storage.rules.supervisions import RIGHTS, Mode
from storage.supervisions import Line
from web import dialling
from web.i18n import _
from web.keys import CONTROLS, DATABASE, VISITOR, Visitor
from web.telephony import Audible


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """An agent's talk that the visitor may be in, and how."""

    audible: Audible
    name: str
    modes: tuple[Mode, ...]


async def phone_of(request: web.Request) -> Phone:
    """Return the visitor's own phone; raises Refused where there is none."""
    async with request.app[DATABASE].reading() as session:
        phone, *_rest = await dialling.phone_of(session, request, request[VISITOR].user_id)
    return phone


async def talks(request: web.Request, phone: Phone) -> list[Talk]:
    """Return the talks on this PBX that the visitor's rights reach; nobody listens to themself."""
    visitor, supervising = request[VISITOR], request.app[CONTROLS].supervising
    async with request.app[DATABASE].reading() as session:
        team = await storage.teams.colleagues(session, visitor.user_id)
        names = await storage.users.names(session)
    found = []
    for one in supervising.audible(phone.pbx_id):
        modes = tuple(mode for mode in Mode if _reaches(visitor, mode, one, team))
        if one.extension != phone.extension and modes:
            name = names.get(one.user, one.extension) if one.user else one.extension
            found.append(Talk(audible=one, name=name, modes=modes))
    return found


async def attend(
    request: web.Request, call: UUID, *, mode: Mode, key: str, leg: str = "", extension: str = ""
) -> Audible:
    """Ring the visitor's phone and let it hear the agent, or change what it does in the call.

    The agent is named by leg or by phone, or is the only one who talks. Raises Refused.
    """
    if not re.fullmatch(dialling.KEY, key):
        raise Refused(_("This click has no key. Load the page again and repeat."))
    visitor, supervising = request[VISITOR], request.app[CONTROLS].supervising
    phone = await phone_of(request)
    async with request.app[DATABASE].reading() as session:
        team = await storage.teams.colleagues(session, visitor.user_id)
    there = [
        one
        for one in supervising.audible(phone.pbx_id)
        if one.call == call
        and one.extension != phone.extension
        and leg in {"", one.leg}
        and extension in {"", one.extension}
    ]
    reached = [one for one in there if _reaches(visitor, mode, one, team)]
    if there and not reached:
        raise Refused(_("Your role does not let you do that with this agent."))
    if len(reached) > 1:
        raise Refused(_("Several agents talk in this call: say which."))
    if not reached:
        raise Refused(_("This talk is over."))
    await supervising.attend(visitor.user_id, phone, reached[0], mode, key)
    return reached[0]


async def seen(request: web.Request, call: UUID) -> tuple[Line, ...]:
    """Return who listened in on a call, as far as the visitor may know."""
    visitor = request[VISITOR]
    scope = visitor.scope(Permission.LISTEN_IN)
    if scope not in {Scope.TEAM, Scope.ALL}:
        return ()
    async with request.app[DATABASE].reading() as session:
        lines = await storage.supervisions.of_call(session, call)
        team = await storage.teams.colleagues(session, visitor.user_id)
    return tuple(line for line in lines if scope is Scope.ALL or line.row.agent_id in team)


def _reaches(visitor: Visitor, mode: Mode, one: Audible, team: set[UUID]) -> bool:
    scope = visitor.scope(RIGHTS[mode])
    if one.user == visitor.user_id:
        return False
    return scope is Scope.ALL or (scope is Scope.TEAM and one.user in team)
