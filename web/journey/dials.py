"""Places calls: each click at most once, whatever breaks and however often it is repeated."""

from collections.abc import Callable
from datetime import UTC, datetime

import storage.originates
from pbx_bridge import commands
from pbx_bridge.ami import AmiError, OutcomeUnknown
from pbx_bridge.commands import Asker
from storage.database import Database
from storage.errors import NotLeader
from storage.originates import Order, Originate, OriginateState


class Dials:
    """Claims a call in the base before it is sent; only who claimed it sends it, and only once.

    `context` is where the dialplan takes the numbers that are called.
    """

    def __init__(self, database: Database, leads: Callable[[], bool], *, context: str) -> None:
        self._database = database
        self._leads = leads
        self._context = context

    async def place(self, link: Asker, order: Order) -> Originate:
        """Ring the phone, then call the number; a repeated order gets what came of the first.

        Raises NotLeader where this node does not lead, BadAction for what is not fit to be sent.
        """
        if not self._leads():
            raise NotLeader
        async with self._database.writing() as session:
            claimed, is_ours = await storage.originates.claim(session, order, now=datetime.now(UTC))
        if not is_ours:
            return claimed
        state, why = await self._sent(link, claimed)
        async with self._database.writing() as session:
            return await storage.originates.settle(session, claimed.id, state, why=why)

    async def _sent(self, link: Asker, claimed: Originate) -> tuple[OriginateState, str | None]:
        if not self._leads():  # while it was claimed the lease ran out
            raise NotLeader
        try:
            await commands.originate(
                link,
                channel=claimed.device,
                exten=claimed.exten,
                context=self._context,
                caller_id=claimed.exten,
                channel_id=claimed.channel_id,
            )
        except OutcomeUnknown as error:
            return OriginateState.UNKNOWN, str(error)
        except AmiError as error:
            return OriginateState.REFUSED, str(error)
        return OriginateState.QUEUED, None
