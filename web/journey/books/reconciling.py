"""Our calls held against the PBX's own books; what differs is listed, and mended where they know.

A difference is mended where the books are exact (they hold CEL) and the call, told anew, agrees
with them. The rest stays listed for a person to look at.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import storage.calls
import storage.findings
from pbx_bridge import books
from pbx_bridge.books import Books, Cdr, Cel, Finding, QueueEntry, Recovered
from pbx_bridge.call import Call
from storage.database import Database
from storage.findings import Found
from storage.recoveries import Reason
from web.journey.books import mending
from web.journey.books.ledgers import Cause, Ledger, Outcome
from web.journey.stored import call_of

Row = TypeVar("Row", Cel, Cdr, QueueEntry)

LEAD = timedelta(minutes=1)  # around the period, so that rows of its calls are not cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What holding a period against the books came to."""

    calls: int = 0  # stored calls that were looked at
    left: tuple[Finding, ...] = ()  # differences that are still there
    mended: tuple[Finding, ...] = ()
    going_on: tuple[datetime, ...] = ()  # begins of calls that are not over: their turn comes
    troubles: tuple[str, ...] = ()
    has_books: bool = True


class _Period:
    """The calls and the books of a period; calls that are still up are nobody's difference."""

    def __init__(
        self, since: datetime, until: datetime, found: Books, told: Sequence[Recovered]
    ) -> None:
        self.since, self.until, self.found, self._told = since, until, found, told
        self.calls: Sequence[Call] = ()
        self._by_leg = {leg.uniqueid: one for one in told for leg in one.call.legs}
        self._by_linkedid = {leg.linkedid: one for one in told for leg in one.call.legs}
        self._cels = _grouped(found.cels, lambda row: row.uniqueid)
        self._cdrs = _grouped(found.cdrs, lambda row: row.linkedid or row.uniqueid)
        self._log = _grouped(found.queue_log, lambda entry: entry.callid)

    def findings(self) -> list[Finding]:
        """Return what differs of the calls that began in the period and are over."""
        going = [call for call in self.calls if call.ended_at is None]
        going += [one.call for one in self._told if one.is_open]
        open_ids = {leg.uniqueid for call in going for leg in call.legs}
        return [
            one
            for one in books.check(self.calls, self.found)
            if self.since <= one.at < self.until and one.linkedid not in open_ids
        ]

    def going_on(self) -> tuple[datetime, ...]:
        """Return when the calls of the period began that are not over yet."""
        begun = (call.started_at for call in self.calls if call.ended_at is None)
        return tuple(at for at in begun if self.since <= at < self.until)

    def tellings(self, findings: Sequence[Finding]) -> list[Recovered]:
        """Return the calls of the books that the findings are about, each once."""
        ours = {call.id: call for call in self.calls}
        about: dict[UUID, Recovered] = {}
        for finding in findings:
            legs = ours[finding.call].legs if finding.call in ours else ()
            found = (self._by_leg.get(leg.uniqueid) for leg in legs)
            told = next(filter(None, found), None) or self._by_linkedid.get(finding.linkedid)
            if told is not None and not told.is_open:
                about[told.call.id] = told
        return list(about.values())

    def agrees(self, call: Call, told: Recovered) -> bool:
        """Whether nothing would differ if the call were stored so."""
        ids = {leg.uniqueid for leg in (*call.legs, *told.call.legs)}
        linkedids = ids | {leg.linkedid for leg in told.call.legs}
        of_call = replace(
            self.found,
            cels=_of(self._cels, ids),
            cdrs=_of(self._cdrs, linkedids),
            queue_log=_of(self._log, ids),
        )
        return not books.check([call], of_call)


def _grouped(rows: Iterable[Row], key: Callable[[Row], str]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _of(groups: Mapping[str, list[Row]], keys: Iterable[str]) -> tuple[Row, ...]:
    return tuple(row for key in keys for row in groups.get(key, ()))


async def reconcile(
    database: Database, ledger: Ledger, since: datetime, until: datetime, *, applies: bool
) -> Account:
    """Hold the calls that began in the period against the books of the PBX.

    `applies` stores what differs and mends what can be; else nothing is written.
    """
    if not ledger.has_books:
        return Account(has_books=False)
    period = await _period(database, ledger, since, until)
    findings = await asyncio.to_thread(period.findings)
    if not applies:
        return Account(
            calls=len(period.calls), left=tuple(findings), troubles=period.found.troubles
        )
    left = findings
    if findings and period.found.has_cel and await _mend(ledger, period, findings):
        period = await _period(database, ledger, since, until)
        left = await asyncio.to_thread(period.findings)
    await _note(database, ledger.pbx.id, (since, until), findings, left)
    return Account(
        calls=len(period.calls),
        left=tuple(left),
        mended=tuple(one for one in findings if one not in left),
        going_on=period.going_on(),
        troubles=period.found.troubles,
    )


async def _period(database: Database, ledger: Ledger, since: datetime, until: datetime) -> _Period:
    found = await ledger.read(since - LEAD, until + LEAD)
    period = await asyncio.to_thread(_Period, since, until, found, await ledger.tell(found))
    async with database.reading() as session:
        keys = await storage.calls.touching(
            session, ledger.pbx.id, since=since - LEAD, until=until + LEAD
        )
        parts = await storage.calls.parts(session, keys)
    period.calls = [call_of(one) for one in parts]
    return period


async def _mend(ledger: Ledger, period: _Period, findings: Sequence[Finding]) -> int:
    """Tell anew the calls that differ, where that makes them agree; return how many were."""
    cause = Cause(reason=Reason.RECONCILED)
    count = 0
    for told in period.tellings(findings):
        before = [call_of(parts) for parts in await ledger.stored(told.call)]
        call = mending.mended(before, told, deaf_since=None) if before else told.call
        if await asyncio.to_thread(period.agrees, call, told):
            outcome = await ledger.store(told, cause)
            count += outcome in {Outcome.NEW, Outcome.MENDED}
    return count


async def _note(
    database: Database,
    pbx_id: UUID,
    period: tuple[datetime, datetime],
    found: Sequence[Finding],
    left: Sequence[Finding],
) -> None:
    """Keep every difference, and close those that are no more."""
    now = datetime.now(UTC)
    since, until = period
    async with database.writing() as session:
        await storage.findings.note(session, pbx_id, map(found_of, (*found, *left)), at=now)
        still = {found_of(one).key(pbx_id) for one in left}
        were = await storage.findings.open_within(session, pbx_id, since=since, until=until)
        gone = [row.id for row in were if row.id not in still]
        await storage.findings.mended(session, gone, at=now)


def found_of(finding: Finding) -> Found:
    """Return a difference as it is kept."""
    return Found(
        kind=finding.kind.value,
        call_id=finding.call,
        linkedid=finding.linkedid,
        at=finding.at,
        said=finding.said,
        books=finding.books,
    )
