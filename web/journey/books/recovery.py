"""Nothing lost while we were away: gaps are noted as links break, and filled from the PBX's books.

It works behind everything else and in its own time: it reads and stores, and tells no screen. The
books are written late, so they are read again until they have had their time to tell it all, and a
call that is still up is left to the tracker until it is over.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

import storage.gaps
import storage.hearings
import storage.pbxs
from pbx_bridge.books import Recovered
from pbx_bridge.call import Call
from storage.database import Database, Session
from storage.gaps import Filling, Gap, GapState
from storage.recoveries import Reason
from storage.secrets import SecretBox
from web.journey.books import ledgers, mending
from web.journey.books.ledgers import Cause, Ledger, Outcome
from web.journey.pickups import Expects
from web.keys import PbxLink
from web.live.metrics import Metrics

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
REST_SECONDS = 10.0  # after a failure
RENEW_SECONDS = 5.0  # how much of a gap may in truth have been heard, after a crash
PASSES = (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=60))  # after we hear again
LATER = timedelta(seconds=60)
PATIENCE = timedelta(hours=24)  # with books that cannot be read, and calls that do not end
BEFORE = timedelta(seconds=15)  # a link may be mute for so long before that is noticed
AFTER = timedelta(seconds=15)  # the clock of the PBX may be ahead of ours
SETTLED = timedelta(seconds=5)  # after its end a call is stored as we heard it, if we did
AWAY = "Ringbook was not running, or did not lead."


class Recovery:
    """Follows the links that `links` gives, while `leads` says so."""

    def __init__(
        self,
        database: Database,
        secrets: SecretBox,
        *,
        links: Callable[[], Sequence[PbxLink]],
        leads: Callable[[], bool] = lambda: True,
        pickup: Expects | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._links = links
        self._leads = leads
        self._pickup = pickup
        self._metrics = metrics
        self._up: dict[UUID, datetime] = {}  # since when we know each link to be up
        self._deaf: set[UUID] = set()  # of whose gap there is a row
        self._renewed_at = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Look after the gaps for ever; what fails is tried again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._leads():
                continue
            try:
                await self.follow()
                await self.fill()
            except Exception:  # the base is away, or another node leads by now
                log.exception("recovery.failed")
                await asyncio.sleep(REST_SECONDS)

    async def follow(self) -> None:
        """Note which PBXs we hear and which we do not."""
        now = datetime.now(UTC)
        links = self._links()
        for link in links:
            if link.status == "connected":
                await self._hears(link)
            elif link.pbx_id not in self._deaf:
                await self._is_deaf(link)
        if now - self._renewed_at >= timedelta(seconds=RENEW_SECONDS):
            up = [link.pbx_id for link in links if link.status == "connected"]
            async with self._database.writing() as session:
                await storage.hearings.renew(session, up, at=now)
            self._renewed_at = now

    async def _is_deaf(self, link: PbxLink) -> None:
        async with self._database.writing() as session:
            heard = await self._heard_until(session, link)
            if heard is not None:  # of a PBX that was never heard nothing is missed
                why = link.why if link.pbx_id in self._up else AWAY
                await storage.gaps.opened(
                    session, link.pbx_id, since=heard, cause=why or "The link is down."
                )
        self._deaf.add(link.pbx_id)
        self._up.pop(link.pbx_id, None)

    async def _hears(self, link: PbxLink) -> None:
        if self._up.get(link.pbx_id) == link.since:
            return
        async with self._database.writing() as session:
            heard = await self._heard_until(session, link)
            if link.pbx_id not in self._deaf and heard is not None and heard < link.since:
                was_here = link.pbx_id in self._up
                cause = "The link broke for a moment." if was_here else AWAY
                await storage.gaps.opened(session, link.pbx_id, since=heard, cause=cause)
            gap = await storage.gaps.ended(session, link.pbx_id, at=link.since)
            await storage.hearings.renew(session, [link.pbx_id], at=link.since)
        if gap is not None:
            log.info("recovery.gap", pbx=link.pbx, since=str(gap.started_at), until=str(link.since))
        self._deaf.discard(link.pbx_id)
        self._up[link.pbx_id] = link.since

    async def _heard_until(self, session: Session, link: PbxLink) -> datetime | None:
        heard = await storage.hearings.until(session, link.pbx_id)
        if link.pbx_id in self._up and link.status != "connected":
            return min(link.since, datetime.now(UTC))
        return heard

    async def fill(self) -> None:
        """Read the books for each gap whose time has come."""
        async with self._database.reading() as session:
            due = await storage.gaps.due(session)
            if self._metrics is not None:
                self._metrics.gaps.set(await storage.gaps.unfilled(session))
        for gap in due:
            now = datetime.now(UTC)
            if next_pass(gap) <= now and self._leads():
                try:
                    await self._fill(gap)
                except Exception as error:
                    log.exception("recovery.not_filled", gap=str(gap.id))
                    async with self._database.writing() as session:
                        why = f"{type(error).__name__}: see the log"
                        await storage.gaps.failed(session, gap.id, why, at=now)

    async def _fill(self, gap: Gap) -> None:
        began = datetime.now(UTC)
        until = gap.ended_at or began
        async with self._database.reading() as session:
            pbx = await storage.pbxs.get(session, gap.pbx_id)
        async with Ledger(self._database, self._secrets, pbx, pickup=self._pickup) as ledger:
            if not ledger.has_books:
                await self._settle(gap, Filling(), GapState.NO_BOOKS)
                return
            found = await ledger.read(gap.started_at - BEFORE, until + AFTER)
            read = ledgers.names(found)
            if not read:
                async with self._database.writing() as session:
                    why = " ".join(found.troubles) or "None of the books is there."
                    await storage.gaps.failed(session, gap.id, why, at=began)
                return
            told = [
                one
                for one in await ledger.tell(found)
                if touches(one.call, gap.started_at - BEFORE, until + AFTER)
            ]
            waiting = await self._store(ledger, gap, told, began)
        filling = Filling(
            told=len(told) - waiting,
            in_progress=waiting,
            books=read,
            doubts=ledgers.doubts(found, told),
        )
        await self._settle(gap, filling, state_after(gap, filling, began))

    async def _store(
        self, ledger: Ledger, gap: Gap, told: Sequence[Recovered], began: datetime
    ) -> int:
        """Store what is over; return how many calls are not."""
        cause = Cause(reason=Reason.RECOVERED, gap_id=gap.id, deaf_since=gap.started_at)
        waiting = 0
        for one in told:
            over = await self._over(ledger, gap, one, began)
            outcome = await ledger.store(over, cause) if over else Outcome.WAITS
            waiting += outcome is Outcome.WAITS
            if outcome in {Outcome.NEW, Outcome.MENDED} and self._metrics is not None:
                self._metrics.calls_recovered.labels(outcome.value).inc()
        return waiting

    async def _over(
        self, ledger: Ledger, gap: Gap, told: Recovered, now: datetime
    ) -> Recovered | None:
        """Return the call if it is over and settled; one that died with its PBX is ended."""
        if told.call.ended_at is not None:
            return told if now - told.call.ended_at >= SETTLED else None
        until = gap.ended_at or now
        if now - until < PASSES[-1]:
            return None
        is_up = any(row.call.ended_at is None for row in await ledger.stored(told.call))
        if is_up or told.call.started_at > until:
            return None
        return Recovered(
            call=mending.closed(told.call, at=until), uncertain=told.uncertain | {"ended_at"}
        )

    async def _settle(self, gap: Gap, filling: Filling, state: GapState) -> None:
        async with self._database.writing() as session:
            row = await storage.gaps.filled(
                session, gap.id, filling, state=state, at=datetime.now(UTC)
            )
        log.info(
            "recovery.filled", gap=str(gap.id), state=row.state.value, recovered=row.recovered,
            mended=row.mended, unchanged=row.unchanged, in_progress=row.in_progress,
        )  # fmt: skip


def next_pass(gap: Gap) -> datetime:
    """Return when the books are to be read next for a gap that ended."""
    ended = gap.ended_at or gap.started_at
    if gap.filled_at is None:
        return ended + PASSES[0]
    if gap.state is GapState.FAILED and gap.filled_at - ended > PATIENCE:
        return datetime.max.replace(tzinfo=UTC)
    passes = (ended + after for after in PASSES)
    return next((at for at in passes if at > gap.filled_at), gap.filled_at + LATER)


def state_after(gap: Gap, filling: Filling, at: datetime) -> GapState:
    """Return whether a gap is filled for good after the books were read at that moment."""
    since = at - (gap.ended_at or at)
    waits = filling.in_progress > 0 and since < PATIENCE
    return GapState.FILLING if waits or since < PASSES[-1] else GapState.FILLED


def touches(call: Call, since: datetime, until: datetime) -> bool:
    """Whether the call was up at some moment of the period."""
    return call.started_at <= until and (call.ended_at is None or call.ended_at >= since)
