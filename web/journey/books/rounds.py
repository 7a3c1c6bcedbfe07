"""Every few minutes the calls just past are held against the books of their PBX."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

import storage.findings
import storage.pbxs
from storage.database import Database
from storage.pbxs import Pbx
from storage.secrets import SecretBox
from web.journey.books.ledgers import Ledger
from web.journey.books.reconciling import Account, reconcile
from web.journey.pickups import Expects
from web.live.metrics import Metrics

log = structlog.get_logger(__name__)

SETTLED = timedelta(minutes=1)  # by then books and records of what is over are written
FIRST = timedelta(minutes=15)  # how far back the first round looks
MOMENT = timedelta(seconds=1)  # before and after the begin of one call


class Rounds:
    """Reconciles while `leads` says so; no round is begun before the last one is over."""

    def __init__(
        self,
        database: Database,
        secrets: SecretBox,
        *,
        minutes: int,
        leads: Callable[[], bool] = lambda: True,
        pickup: Expects | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._minutes = minutes
        self._leads = leads
        self._pickup = pickup
        self._metrics = metrics
        self._done: dict[UUID, datetime] = {}  # up to when each PBX was looked at
        self._going: dict[UUID, set[datetime]] = defaultdict(set)  # begins of calls that were up

    async def run(self) -> None:
        """Go round for ever; a round that fails is made up for by the next."""
        while self._minutes:
            await asyncio.sleep(self._minutes * 60)
            if not self._leads():
                continue
            try:
                await self.go()
            except Exception:
                log.exception("rounds.failed")

    async def go(self) -> None:
        """Look at every PBX once."""
        async with self._database.reading() as session:
            pbxs = await storage.pbxs.listed(session, enabled=True)
        for pbx in pbxs:
            await self._look_at(pbx, datetime.now(UTC) - SETTLED)
        if self._metrics is not None:
            async with self._database.reading() as session:
                self._metrics.findings.set(await storage.findings.count(session))

    async def _look_at(self, pbx: Pbx, until: datetime) -> None:
        since = self._done.get(pbx.id, until - FIRST)
        were_up, self._going[pbx.id] = self._going[pbx.id], set()
        async with Ledger(self._database, self._secrets, pbx, pickup=self._pickup) as ledger:
            for begin in sorted(were_up):
                await self._period(ledger, begin - MOMENT, begin + MOMENT)
            await self._period(ledger, since, until)
        self._done[pbx.id] = until

    async def _period(self, ledger: Ledger, since: datetime, until: datetime) -> None:
        account = await reconcile(self._database, ledger, since, until, applies=True)
        self._going[ledger.pbx.id].update(account.going_on)
        _tell(ledger.pbx, account)


def _tell(pbx: Pbx, account: Account) -> None:
    if account.left or account.mended:
        log.info(
            "rounds.differences", pbx=pbx.name, calls=account.calls, mended=len(account.mended),
            left=len(account.left),
        )  # fmt: skip
