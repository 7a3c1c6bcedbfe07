"""Whether the visitor holds a right over the recordings of a call: own, the team's or all."""

from uuid import UUID

from aiohttp import web

import storage.calls
from storage.database import Session
from storage.rules.permissions import Permission
from web.i18n import _
from web.keys import Visitor


async def may(session: Session, visitor: Visitor, right: Permission, call_id: UUID) -> bool:
    """Whether the right reaches to the call: to those who talked in it."""
    reach = await storage.calls.reach(session, visitor.user_id, visitor.scope(right))
    if reach is None:
        return True
    return not reach.isdisjoint(await storage.calls.talkers(session, call_id))


async def require(session: Session, visitor: Visitor, right: Permission, call_id: UUID) -> None:
    """Raise 403 where the right does not reach to the call."""
    if not await may(session, visitor, right, call_id):
        raise web.HTTPForbidden(text=_("Your role does not allow this for this recording."))
