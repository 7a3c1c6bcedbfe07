"""Our calls held against the PBX's own books; what differs is listed, and mended where they know.

A difference is mended where the books are exact (they hold CEL) and the call, told anew, agrees
with them. The rest stays listed for a person to look at.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import storage.calls
import storage.findings
from pbx_bridge import books
from pbx_bridge.books import Books, Finding, Recovered
from pbx_bridge.call import Call
from storage.database import Database
from storage.findings import Found
from storage.recoveries import Reason
from web.journey import mending
from web.journey.ledgers import Cause, Ledger, Outcome
from web.journey.stored import call_of

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


@dataclass(slots=True)
class _Period:
    """The calls and the books of a period; calls that are still up are nobody's difference."""

    since: datetime
    until: datetime
    found: Books
    told: tuple[Recovered, ...]
    calls: Sequence[Call]

    def findings(self) -> list[Finding]:
        """Return what differs of the calls that began in the period and are over."""
        going = {call.id for call in self.calls if call.ended_at is None}
        open_ids = {leg.uniqueid for one in self.told if one.is_open for leg in one.call.legs} | {
            leg.uniqueid for call in self.calls if call.ended_at is None for leg in call.legs
        }
        return [
            one
            for one in books.check(self.calls, self.found)
            if self.since <= one.at < self.until
            and one.call not in going
            and one.linkedid not in open_ids
        ]

    def going_on(self) -> tuple[datetime, ...]:
        """Return when the calls of the period began that are not over yet."""
        begun = (call.started_at for call in self.calls if call.ended_at is None)
        return tuple(at for at in begun if self.since <= at < self.until)

    def telling(self, finding: Finding) -> Recovered | None:
        """Return the call of the books that a finding is about."""
        ours = {
            leg.uniqueid for call in self.calls if call.id == finding.call for leg in call.legs
        } | {finding.linkedid}
        return next(
            (
                one
                for one in self.told
                if any(leg.uniqueid in ours or leg.linkedid in ours for leg in one.call.legs)
            ),
            None,
        )


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
    told = await ledger.tell(found)
    async with database.reading() as session:
        keys = await storage.calls.touching(
            session, ledger.pbx.id, since=since - LEAD, until=until + LEAD
        )
        parts = await storage.calls.parts(session, keys)
    return _Period(since, until, found, told, [call_of(one) for one in parts])


async def _mend(ledger: Ledger, period: _Period, findings: Sequence[Finding]) -> int:
    """Tell anew the calls that differ, where that makes them agree; return how many were."""
    cause = Cause(reason=Reason.RECONCILED)
    done: set[UUID] = set()
    count = 0
    for finding in findings:
        told = period.telling(finding)
        if told is None or told.is_open or told.call.id in done:
            continue
        done.add(told.call.id)
        before = [call_of(parts) for parts in await ledger.stored(told.call)]
        call = mending.mended(before, told, deaf_since=None) if before else told.call
        if _agrees(call, told, period):
            outcome = await ledger.store(told, cause)
            count += outcome in {Outcome.NEW, Outcome.MENDED}
    return count


def _agrees(call: Call, told: Recovered, period: _Period) -> bool:
    """Whether nothing would differ if the call were stored so."""
    ids = {leg.uniqueid for leg in (*call.legs, *told.call.legs)}
    of_call = Books(
        cels=tuple(row for row in period.found.cels if row.uniqueid in ids),
        cdrs=tuple(row for row in period.found.cdrs if {row.uniqueid, row.linkedid} & ids),
        queue_log=tuple(row for row in period.found.queue_log if row.callid in ids),
        has_cel=period.found.has_cel,
        has_cdr=period.found.has_cdr,
        has_queue_log=period.found.has_queue_log,
    )
    return not books.check([call], of_call)


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
