"""From a number that somebody clicked on to a call that rings at their phone."""

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

import storage.agents
import storage.originates
import storage.pbxs
from storage.agents import Phone
from storage.database import Session
from storage.errors import Refused
from storage.originates import Order, Originate
from storage.pbxs import Pbx
from storage.rules.dialling import classify
from web import filters
from web.i18n import _
from web.keys import CONTROLS, DATABASE, POPS, VISITOR
from web.telephony import Fate, Outcome

LONGEST_KEY = 64
KEY = r"^[A-Za-z0-9_.-]{8,64}$"  # what tells one click from the next


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that was placed, by this click or an earlier one, and what is known of it."""

    originate: Originate
    outcome: Outcome

    @property
    def key(self) -> str:
        """The key of the click that placed it."""
        return self.originate.key.partition(":")[2]


async def place(request: web.Request, number: str, key: str) -> Placed:
    """Ring the visitor's phone, then call the number; raises Refused with a sentence.

    The same key is the same click: it gets what came of the first. So does another click on a
    number to which the visitor's call still goes on.
    """
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        phone, pbx, extensions = await phone_of(session, request, visitor.user_id)
    dialled = classify(
        number, pbx.region, internal_digits=pbx.internal_digits, extensions=extensions
    )
    if dialled is None:
        raise Refused(_("That is no number that can be dialled."))
    if dialled.exten == phone.extension:
        raise Refused(_("That is your own phone."))
    order = Order(
        key=f"{visitor.user_id.hex}:{key}",
        pbx_id=phone.pbx_id,
        user_id=visitor.user_id,
        device=phone.interface,
        exten=dialled.exten,
        kind=dialled.kind,
    )
    controls = request.app[CONTROLS]
    originate = await controls.place(order, role=visitor.role, extension=phone.extension)
    return Placed(originate, await controls.fate(originate))


async def placed_with(request: web.Request, key: str) -> Placed:
    """What came of the visitor's click with this key; raises NotFound."""
    visitor = request[VISITOR]
    async with request.app[DATABASE].reading() as session:
        originate = await storage.originates.by_key(
            session, f"{visitor.user_id.hex}:{key}", user_id=visitor.user_id
        )
    return Placed(originate, await request.app[CONTROLS].fate(originate))


def sentence(placed: Placed) -> str:
    """Say what came of it, in the language of this request."""
    number = filters.phone(placed.originate.exten)
    match placed.outcome.fate:
        case Fate.REFUSED:
            text = _("The telephone system refused to call {number}: {why}")
        case Fate.NOT_PLACED:
            text = _("{number} was not called: the telephone system knows of no such call.")
        case Fate.OVER:
            text = _("The call to {number} is over.")
        case Fate.GOES_ON:
            text = _("Your call to {number} goes on.")
        case Fate.PLACED:
            text = _("Your phone rings: lift it, and {number} is called.")
        case Fate.UNKNOWN if placed.originate.state is storage.originates.OriginateState.QUEUED:
            text = _("Your phone is being rung: lift it, and {number} is called.")
        case Fate.UNKNOWN:
            text = _("Whether {number} is being called is not known yet; it is being looked up.")
    return text.format(number=number, why=placed.outcome.why or "")


async def phone_of(
    session: Session, request: web.Request, user_id: UUID
) -> tuple[Phone, Pbx, frozenset[str]]:
    """The visitor's phone (one with a link where there are several), its PBX, and its phones."""
    phones = await storage.agents.phones(session)
    mine = [phone for phone in phones if phone.user_id == user_id]
    if not mine:
        raise Refused(_("No phone is assigned to you: an administrator does that under Phones."))
    up = {link.pbx_id for link in request.app[POPS].links() if link.status == "connected"}
    phone = next((phone for phone in mine if phone.pbx_id in up), mine[0])
    pbx = await storage.pbxs.get(session, phone.pbx_id)
    beside = frozenset(one.extension for one in phones if one.pbx_id == phone.pbx_id)
    return phone, pbx, beside
