"""Who is on the other side of each live call: looked up once, at the call's first event."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from pbx_bridge import phone
from pbx_bridge.call import Call, Direction
from pbx_bridge.matching import match
from pbx_bridge.phone import Kind
from storage.cards import Card, Cards, CardsUnreadable
from web.journey.seats import Line
from web.live.pop import Caller

log = structlog.get_logger(__name__)

FIRST_LOOK_SECONDS = 0.005  # that a new call's next messages wait for its card
FRESH_SECONDS = 5.0  # a card read earlier is read again when the call rings somewhere
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0)


@dataclass(slots=True)
class _Entry:
    """One call's other side."""

    call: UUID
    kind: Kind
    caller: Caller
    asked_at: float = float("-inf")  # monotonic
    by_hand: bool = False  # a person may have decided: the stored call is asked first
    task: asyncio.Task[None] | None = None


class Callers:
    """Looks callers up; `on_found(call_id)` is told when a card came or changed."""

    def __init__(self, cards: Cards, on_found: Callable[[UUID], None]) -> None:
        self._cards = cards
        self._on_found = on_found
        self._entries: dict[UUID, _Entry] = {}
        self._is_prompt = True  # the base answered within the first look, the last time

    def meet(self, call: Call, line: Line, *, fresh: bool = False) -> Caller:
        """Return what is known of the call's other side; its lookup begins where there is none.

        `fresh` has a card that is some seconds old read again.
        """
        entry = self._entries.get(call.id)
        if entry is None or entry.caller.number != call.number:
            entry = self._begin(call, line, entry)
        elif fresh and time.monotonic() - entry.asked_at > FRESH_SECONDS:
            self._ask(entry)
        return entry.caller

    def known(self, call: UUID) -> Caller | None:
        """Return what is known by now, None for a call never met."""
        entry = self._entries.get(call)
        return entry.caller if entry else None

    @property
    def is_beside(self) -> bool:
        """Whether lookups go on while the loop does something else.

        A thread and the loop cannot run at once; in turns both are late.
        """
        return self._cards.is_beside

    async def looked(self, call: UUID) -> None:
        """Let the lookup of a call go first, while the base is quick."""
        entry = self._entries.get(call)
        if entry is not None and entry.task is not None and self._is_prompt:
            await asyncio.wait((entry.task,), timeout=FIRST_LOOK_SECONDS)
            self._is_prompt = entry.task is None

    def decided(self, call: UUID) -> None:
        """A person said who it is: read it again, the stored call first."""
        if entry := self._entries.get(call):
            entry.by_hand = True
            self._ask(entry)

    def changed(self, customer: UUID) -> None:
        """Read the cards again that show this customer, or may from now on."""
        for entry in self._entries.values():
            if entry.caller.match.customer is None or _shows(entry.caller, customer):
                self._ask(entry)

    def join(self, keep: UUID, gone: UUID) -> None:
        """Two calls turned out to be one."""
        lost = self._entries.pop(gone, None)
        if lost is None:
            return
        if keep in self._entries:
            _cancel(lost)
            return
        lost.call = keep
        self._entries[keep] = lost

    def forget_unless(self, is_needed: Callable[[UUID], bool]) -> None:
        """Let go of the calls that nobody needs any more and whose lookup is done."""
        for key, entry in tuple(self._entries.items()):
            if entry.task is None and not is_needed(key):
                del self._entries[key]

    async def close(self) -> None:
        """Stop every lookup."""
        tasks = [entry.task for entry in self._entries.values() if entry.task]
        self._entries.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, call: Call, line: Line, before: _Entry | None) -> _Entry:
        if before is not None:
            _cancel(before)
        kind = phone.kind(call.number, line.region, internal_digits=line.internal_digits)
        if call.direction is Direction.INTERNAL:
            kind = "internal"
        e164 = None
        if kind == "public":
            e164 = phone.normalise(call.number, line.region, internal_digits=line.internal_digits)
        caller = Caller(number=call.number, e164=e164, match=match(kind))
        entry = self._entries[call.id] = _Entry(call.id, kind, caller)
        if kind == "internal":  # a colleague: nothing to look up, nothing to wrap up
            entry.caller = replace(caller, card=Card(match=caller.match))
        else:
            self._ask(entry)
        return entry

    def _ask(self, entry: _Entry) -> None:
        _cancel(entry)
        entry.asked_at = time.monotonic()
        entry.task = asyncio.create_task(self._look(entry, self._read(entry)))

    async def _look(self, entry: _Entry, answer: Awaitable[Card]) -> None:
        """Ask until there is an answer; a base that is away may come back while they talk."""
        for attempt in range(1_000_000):
            try:
                card = await (answer if attempt == 0 else self._read(entry))
            except CardsUnreadable as error:
                if attempt == 0:
                    log.warning("callers.unreadable", call=str(entry.call), error=str(error))
                await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
                continue
            entry.task = None
            self._is_prompt = time.monotonic() - entry.asked_at < FIRST_LOOK_SECONDS
            entry.caller = replace(entry.caller, match=card.match, card=card)
            self._on_found(entry.call)
            return

    def _read(self, entry: _Entry) -> Awaitable[Card]:
        """Begin to read; what is awaited is the card."""
        e164 = entry.caller.e164
        if entry.by_hand:
            return self._cards.decided(entry.call, entry.kind, e164)
        return self._cards.find(entry.kind, e164)


def _shows(caller: Caller, customer: UUID) -> bool:
    found = caller.match
    if found.customer == customer:
        return True
    companies = caller.card.customer.companies if caller.card and caller.card.customer else ()
    return any(candidate.customer == customer for candidate in found.candidates) or any(
        company.id == customer for company in companies
    )


def _cancel(entry: _Entry) -> None:
    if entry.task is not None:
        entry.task.cancel()
        entry.task = None
