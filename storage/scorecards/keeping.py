"""Scorecards as supervisors keep them: made, changed, published in versions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.ids import uuid7
from pbx_bridge.matching import Reason
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.rules import scorecards as rules
from storage.rules import texts
from storage.rules.scorecards import Item, Outline, Section
from storage.scorecards.tables import LONGEST_NAME, Scorecard, ScorecardVersion


class ChangedMeanwhile(Conflict):
    """A colleague saved this scorecard first; carries theirs and its version."""

    def __init__(self, theirs: Scorecard) -> None:
        super().__init__("A colleague has changed this scorecard since you opened the page.")
        self.name = theirs.name
        self.outline = rules.from_data(theirs.draft)
        self.version = theirs.version


class NotUsable(Refused):
    """What is wrong with a scorecard that was to be published, each a sentence."""

    def __init__(self, problems: Sequence[Reason]) -> None:
        super().__init__(" ".join(map(str, problems)))
        self.problems = tuple(problems)


async def get(session: AsyncSession, key: UUID, *, locked: bool = False) -> Scorecard:
    """The scorecard; raises NotFound."""
    card = await session.get(
        Scorecard, key, with_for_update=True if locked else None, populate_existing=locked
    )
    if card is None:
        raise NotFound("scorecard", key)
    return card


async def versions(session: AsyncSession, key: UUID) -> Sequence[ScorecardVersion]:
    """Every version of a scorecard, the newest first."""
    query = select(ScorecardVersion).where(ScorecardVersion.scorecard_id == key)
    return (await session.scalars(query.order_by(ScorecardVersion.number.desc()))).all()


async def in_use(session: AsyncSession, key: UUID) -> ScorecardVersion:
    """The version with which a review begins now; raises Refused where there is none."""
    card = await get(session, key)
    query = select(ScorecardVersion).where(
        ScorecardVersion.scorecard_id == key, ScorecardVersion.number == card.published
    )
    found: ScorecardVersion | None = await session.scalar(query)
    if found is None:
        raise Refused("This scorecard is not in use.")
    return found


async def create(session: AsyncSession, name: str, *, by: UUID | None, now: datetime) -> Scorecard:
    """Begin a scorecard, with a section of one item; raises Refused without a name."""
    empty = Outline((Section(key="s1", items=(Item(key="i1"),)),))
    card = Scorecard(
        id=uuid7(now), name=_name(name), draft=rules.to_data(empty), published=None,
        created_at=now, updated_at=now, updated_by=by,
    )  # fmt: skip
    session.add(card)
    await session.flush()
    audit.record(session, "scorecard.created", by=by, key=card.id)
    return card


async def save(
    session: AsyncSession,
    key: UUID,
    name: str,
    outline: Outline,
    *,
    version: int,
    by: UUID | None,
    now: datetime,
) -> Scorecard:
    """Keep what was edited from `version` on; reviews use it once it is published.

    Raises ChangedMeanwhile where a colleague was first, unless with the same.
    """
    if sum(1 for _ in outline.items()) > rules.MOST_ITEMS:
        raise Refused("A scorecard has {count} items at most.", count=rules.MOST_ITEMS)
    card = await get(session, key, locked=True)
    name, draft = _name(name), rules.to_data(outline)
    if (card.name, card.draft) == (name, draft):
        return card
    if card.version != version:
        raise ChangedMeanwhile(card)
    card.name, card.draft = name, draft
    card.version += 1
    card.updated_at, card.updated_by = now, by
    audit.record(session, "scorecard.changed", by=by, key=key)
    await session.flush()
    return card


async def publish(
    session: AsyncSession, key: UUID, *, version: int, by: UUID | None, now: datetime
) -> ScorecardVersion:
    """Let reviews begin with the scorecard as it is edited now, as another version.

    Raises ChangedMeanwhile where it is no longer what was looked at, NotUsable with every problem.
    """
    card = await get(session, key, locked=True)
    if card.version != version:
        raise ChangedMeanwhile(card)
    problems = rules.check(rules.from_data(card.draft))
    if problems:
        raise NotUsable(problems)
    latest = next(iter(await versions(session, key)), None)
    if latest is None or latest.outline != card.draft:
        latest = ScorecardVersion(
            id=uuid7(now), scorecard_id=key, number=latest.number + 1 if latest else 1,
            outline=card.draft, published_at=now, published_by=by,
        )  # fmt: skip
        session.add(latest)
    card.published = latest.number
    audit.record(session, "scorecard.published", by=by, key=key, number=latest.number)
    await session.flush()
    return latest


async def withdraw(session: AsyncSession, key: UUID, *, by: UUID | None) -> None:
    """Let no review begin with the scorecard any more; what was rated stays."""
    card = await get(session, key, locked=True)
    if card.published is not None:
        card.published = None
        audit.record(session, "scorecard.withdrawn", by=by, key=key)


def _name(name: str) -> str:
    name = texts.one_line(name, limit=LONGEST_NAME)
    if not name:
        raise Refused("A scorecard needs a name.")
    return name
