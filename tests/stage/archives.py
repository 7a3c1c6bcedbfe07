"""People, calls and what was said, put into a base for cards to be read from."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import storage.callers
import storage.calls
import storage.numbers
from pbx_bridge.call import Call, CallResult, CallState, Direction
from pbx_bridge.ids import uuid7
from pbx_bridge.matching import Level
from storage.calls import CallContext
from storage.customers import Customer, CustomerKind
from storage.numbers import Number

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)
NUMBER = "+442071234567"


class Office:
    """People, calls and what was said, put into the base."""

    def __init__(self, database) -> None:
        self.database = database
        self.pbx = uuid7(NOW)
        self.agent = uuid7(NOW)

    async def add(self, *rows: object) -> None:
        async with self.database.writing() as session:
            for row in rows:
                session.add(row)
                await session.flush()

    async def customer(self, name: str, *numbers: str, **changes: object) -> UUID:
        key = uuid7(NOW)
        fields = {"kind": CustomerKind.PERSON, "created_at": NOW, "updated_at": NOW} | changes
        await self.add(
            Customer(id=key, name=name, **fields),
            *(
                Number(id=uuid7(NOW), e164=e164, written=e164, customer_id=key, created_at=NOW)
                for e164 in numbers
            ),
        )
        return key

    async def call(self, *, ago: int, customer: UUID | None = None, e164: str = NUMBER) -> UUID:
        at = NOW - timedelta(minutes=ago)
        call = Call(
            id=uuid7(at), pbx=self.pbx, direction=Direction.INBOUND, number=e164, name="",
            dialled="4000", started_at=at, state=CallState.ENDED, ended_at=at,
            result=CallResult.ABANDONED, queue="sales",
        )  # fmt: skip
        context = CallContext(
            e164=e164, customer_id=customer, match=Level.KNOWN if customer else Level.UNKNOWN
        )
        async with self.database.writing() as session:
            await storage.calls.save(session, call, context=context)
        return call.id
