"""Places calls: each click at most once, whatever breaks and however often it is repeated."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import structlog

import storage.dial_rules
import storage.misdials
import storage.originates
from pbx_bridge import commands
from pbx_bridge.ami import AmiError, OutcomeUnknown
from pbx_bridge.commands import Asker
from pbx_bridge.matching import msgid
from storage import audit
from storage.database import Database, Session
from storage.errors import NotLeader, Refused
from storage.originates import Order, Originate, OriginateState
from storage.rules.dialling import Barrier, Dialled, Usage, barrier
from web.i18n import gettext
from web.metrics import DIALS_BARRED

# Contexts of the dialplan that we print.
CONTEXT, PHONES, QUEUES = "ringbook-dial", "ringbook-phones", "ringbook-queues"
# By it a softphone knows the call that a click of its own browser placed: static/js/softphone.
CLICK = "X-Ringbook-Click"

SENTENCES = {
    Barrier.NO_NUMBER: msgid("That is no number that can be dialled."),
    Barrier.CLOSED: msgid("Your role does not let you dial such a number: {kind}."),
    Barrier.NIGHT: msgid("At this hour no calls out may be placed."),
    Barrier.AT_ONCE: msgid("You have as many calls going on as you may have. End one first."),
    Barrier.RATE: msgid("You have placed many calls in the last minute. Wait a moment."),
    Barrier.AT_ONCE_OF_ALL: msgid("As many calls go on as the company allows. Wait a moment."),
    Barrier.RATE_OF_ALL: msgid(
        "The company has placed as many calls as it allows in a minute. Wait a moment."
    ),
}
WHEREVER = {Barrier.NO_NUMBER, Barrier.CLOSED, Barrier.NIGHT}  # also where a call is sent on to
KINDS = {
    "emergency": msgid("emergency"),
    "internal": msgid("internal"),
    "national": msgid("national"),
    "international": msgid("international"),
    "premium": msgid("premium rate"),
    "service": msgid("service code of the telephone system"),
    "unread": msgid("of a range that is not known"),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the PBX is to go on once the phone is lifted."""

    context: str = CONTEXT
    caller_id: str = ""  # what the phone shows while it rings; the number unless said
    caller_name: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


class Dials:
    """Claims a call in the base before it is sent; only who claimed it sends it, and only once."""

    def __init__(self, database: Database, leads: Callable[[], bool]) -> None:
        self._database = database
        self._leads = leads

    async def place(
        self, link: Asker, order: Order, *, role: str, way: Way | None = None
    ) -> Originate:
        """Ring the phone, then call the number; a repeated order gets what came of the first.

        Raises Refused where a rule forbids it and NotLeader where this node does not lead.
        """
        if not self._leads():
            raise NotLeader
        async with self._database.writing() as session:
            claimed, is_ours, stops = await self._claimed(session, order, role)
        if claimed is None:
            raise Refused(told(stops or Barrier.NO_NUMBER, order))
        if not is_ours:
            return claimed
        state, why = await self._sent(link, claimed, way or Way())
        async with self._database.writing() as session:
            return await storage.originates.settle(session, claimed.id, state, why=why)

    async def permit(self, user_id: UUID, role: str, dialled: Dialled | None) -> None:
        """Let a call of ours be sent on to a number, or raise Refused; what is refused is noted."""
        async with self._database.writing() as session:
            rule = await storage.dial_rules.of_role(session, role)
            caps = await storage.dial_rules.caps(session)
            hour = await storage.dial_rules.hour(session, datetime.now(UTC))
            stops = barrier(dialled, rule, caps, Usage(), hour=hour)
            if stops not in WHEREVER:  # it is up already: how many there are does not matter
                stops = None
            if stops is not None:
                _note_barred(session, user_id, stops, dialled.kind if dialled else "none")
        if stops is not None:
            raise Refused(_sentence(stops, dialled.kind if dialled else ""))

    async def _claimed(
        self, session: Session, order: Order, role: str
    ) -> tuple[Originate | None, bool, Barrier | None]:
        now = datetime.now(UTC)
        usage = await storage.originates.usage(session, order.user_id, now=now)
        earlier = await storage.originates.repeated(session, order)
        if earlier is None:
            earlier = await storage.originates.going_on(session, order, now=now)
        if earlier is not None:
            return earlier, False, None
        rule = await storage.dial_rules.of_role(session, role)
        caps = await storage.dial_rules.caps(session)
        dialled = Dialled(exten=order.exten, kind=order.kind)
        hour = await storage.dial_rules.hour(session, now)
        stops = barrier(dialled, rule, caps, usage, hour=hour)
        if stops is not None:
            _note_barred(session, order.user_id, stops, order.kind)
            return None, False, stops
        claimed, is_ours = await storage.originates.claim(session, order, now=now)
        return claimed, is_ours, None

    async def _sent(
        self, link: Asker, claimed: Originate, way: Way
    ) -> tuple[OriginateState, str | None]:
        if not self._leads():  # while it was claimed the lease ran out
            raise NotLeader
        try:
            await commands.originate(
                link,
                channel=claimed.device,
                exten=claimed.exten,
                context=way.context,
                caller_id=_shown(way.caller_id or claimed.exten),
                caller_name=way.caller_name,
                channel_id=claimed.channel_id,
                variables=way.variables,
                headers={CLICK: claimed.key.partition(":")[2]},
            )
        except OutcomeUnknown as error:
            return OriginateState.UNKNOWN, str(error)
        except AmiError as error:
            return OriginateState.REFUSED, str(error)
        return OriginateState.QUEUED, None


def _shown(number: str) -> str:
    """What a phone can show: digits; nothing else is a number there."""
    return re.sub(r"(?!^\+)[^0-9*#]", "", number)[:40] or "0"


def told(stops: Barrier, order: Order) -> str:
    """Say why a number is not dialled, in the language of this context."""
    return _sentence(stops, order.kind)


def _sentence(stops: Barrier, kind: str) -> str:
    return gettext(SENTENCES[stops]).format(kind=gettext(KINDS.get(kind, "")))


def _note_barred(session: Session, user_id: UUID | None, stops: Barrier, kind: str) -> None:
    """Whoever watches must see within a minute that somebody tries what is forbidden (bar 50)."""
    audit.record(session, storage.misdials.BARRED, by=user_id, why=stops.value, kind=str(kind))
    DIALS_BARRED.labels(stops.value).inc()
    log.warning("dials.barred", user_id=str(user_id), why=stops.value, kind=str(kind))
