"""Calibration: several reviewers rate one call blind; when it is over they see how far apart."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import storage.scorecards
from pbx_bridge.ids import uuid7
from storage import audit
from storage.errors import NotFound, Refused
from storage.reviews.rating import begin
from storage.reviews.sheets import Sheet, many
from storage.reviews.tables import Calibration, Review, ReviewKind, ReviewState
from storage.rules import scorecards as rules
from storage.rules.scorecards import Spread

FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A calibration with everyone's sheet; the spread only of those that are submitted."""

    calibration: Calibration
    sheets: Sequence[Sheet]

    @property
    def submitted(self) -> Sequence[Sheet]:
        """Those who are done."""
        return [one for one in self.sheets if one.review.state is not ReviewState.DRAFT]

    @property
    def is_over(self) -> bool:
        """Whether everyone may see what the others said."""
        return self.calibration.ended_at is not None

    def of(self, user_id: UUID) -> Sheet | None:
        """The reviewer's own sheet."""
        return next((one for one in self.sheets if one.review.reviewer_id == user_id), None)

    def spread(self) -> Spread[UUID]:
        """How far those who are done are apart."""
        outline = self.sheets[0].outline
        return rules.spread(
            outline,
            {
                one.review.reviewer_id: {key: said.mark for key, said in one.marks.items()}
                for one in self.submitted
            },
        )


async def get(session: AsyncSession, key: UUID, *, locked: bool = False) -> Calibration:
    """The calibration; raises NotFound."""
    found = await session.get(
        Calibration, key, with_for_update=True if locked else None, populate_existing=locked
    )
    if found is None:
        raise NotFound("calibration", key)
    return found


async def start(
    session: AsyncSession,
    call_id: UUID,
    agent_id: UUID,
    scorecard_id: UUID,
    reviewers: Collection[UUID],
    *,
    by: UUID,
    now: datetime,
) -> Calibration:
    """Have these reviewers rate one agent's part of a call; raises Refused for fewer than two."""
    wanted = sorted(set(reviewers) - {agent_id})
    if len(wanted) < FEWEST:
        raise Refused("Choose two reviewers at least, none of them the agent.")
    version = await storage.scorecards.in_use(session, scorecard_id)
    made = Calibration(
        id=uuid7(now), call_id=call_id, agent_id=agent_id, scorecard_id=scorecard_id,
        version_id=version.id, made_at=now, made_by=by, ended_at=None, ended_by=None,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    audit.record(
        session, "calibration.started", by=by, key=made.id, call=str(call_id),
        reviewers=[str(each) for each in wanted],
    )  # fmt: skip
    for each in wanted:
        await begin(
            session, call_id, agent_id, scorecard_id, kind=ReviewKind.CALIBRATION, by=each,
            now=now, calibration=made,
        )  # fmt: skip
    return made


async def end(session: AsyncSession, key: UUID, *, by: UUID, now: datetime) -> Calibration:
    """Show everyone what the others said; who is not done is left out. Refused for fewer than two.

    Asked again it does nothing.
    """
    found = await get(session, key, locked=True)
    if found.ended_at is not None:
        return found
    if len((await round_of(session, key)).submitted) < FEWEST:
        raise Refused("Two reviewers at least must have submitted theirs.")
    found.ended_at, found.ended_by = now, by
    audit.record(session, "calibration.ended", by=by, key=key)
    await session.flush()
    return found


async def round_of(session: AsyncSession, key: UUID) -> Round:
    """The calibration and every sheet of it, in the order of the reviewers' names."""
    found = await get(session, key)
    rows = await session.scalars(select(Review).where(Review.calibration_id == key))
    sheets = await many(session, list(rows))
    ordered = sorted(sheets, key=lambda one: one.names.get(one.review.reviewer_id, "").casefold())
    return Round(calibration=found, sheets=ordered)


async def listed(
    session: AsyncSession, *, reach: frozenset[UUID] | None, user_id: UUID, limit: int = 50
) -> Sequence[Round]:
    """The latest calibrations of agents within reach, and those in which the user rates."""
    query = select(Calibration).order_by(Calibration.made_at.desc(), Calibration.id.desc())
    if reach is not None:
        mine = select(Review.calibration_id).where(
            Review.reviewer_id == user_id, Review.calibration_id.is_not(None)
        )
        query = query.where(Calibration.agent_id.in_(reach) | Calibration.id.in_(mine))
    rows = (await session.scalars(query.limit(limit))).all()
    return [await round_of(session, row.id) for row in rows]
