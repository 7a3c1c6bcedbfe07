"""Scorecards as supervisors keep them: made, changed, published in versions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from pbx_bridge.matching import Reason, msgid
from storage.blueprints import Blueprints
from storage.errors import Refused
from storage.rules import scorecards as rules
from storage.rules.scorecards import Item, Outline, Section
from storage.scorecards.tables import Scorecard, ScorecardVersion


async def _check(session: AsyncSession, outline: Outline) -> Sequence[Reason]:
    del session
    return rules.check(outline)


def _fits(outline: Outline) -> None:
    if sum(1 for _ in outline.items()) > rules.MOST_ITEMS:
        raise Refused("A scorecard has {count} items at most.", count=rules.MOST_ITEMS)


BLUEPRINTS: Blueprints[Scorecard, ScorecardVersion, Outline] = Blueprints(
    noun="scorecard",
    table=Scorecard,
    version_table=ScorecardVersion,
    of=ScorecardVersion.scorecard_id,
    first=Outline((Section(key="s1", items=(Item(key="i1"),)),)),
    to_data=rules.to_data,
    from_data=rules.from_data,
    check=_check,
    fits=_fits,
    nameless=msgid("A scorecard needs a name."),
    changed=msgid("A colleague has changed this scorecard since you opened the page."),
)
get, version, versions = BLUEPRINTS.get, BLUEPRINTS.version, BLUEPRINTS.versions
create, save, publish, withdraw = (
    BLUEPRINTS.create,
    BLUEPRINTS.save,
    BLUEPRINTS.publish,
    BLUEPRINTS.withdraw,
)


async def in_use(session: AsyncSession, key: UUID) -> ScorecardVersion:
    """The version with which a review begins now; raises Refused where there is none."""
    number = (await get(session, key)).published
    if number is None:
        raise Refused("This scorecard is not in use.")
    return await version(session, key, number)
