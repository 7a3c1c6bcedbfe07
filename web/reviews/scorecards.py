"""Scorecards as supervisors make them: a list, a form for each, publishing, whose calls."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

import storage.queues
import storage.scorecards
import storage.teams
from pbx_bridge.matching import msgid
from storage.blueprints import ChangedMeanwhile
from storage.database import Session
from storage.rules import scorecards as rules
from storage.rules.permissions import Permission
from storage.rules.scorecards import Item, ItemKind, Outline
from storage.scorecards import BLUEPRINTS, Scorecard, ScorecardLine, ScorecardVersion
from web.auth import requires
from web.drafting import Drafting, key_of
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.render import redirect
from web.reviews import drafts

EDIT = Permission.MANAGE_SCORECARDS


class _Scorecards(Drafting[Scorecard, ScorecardVersion, Outline]):
    room = "scorecards"
    withdrawals = "scorecard_withdrawals.create"
    may = EDIT
    published = msgid("Published: reviews that begin now use it.")
    withdrawn = msgid("Withdrawn. Reviews that have begun go on with it.")

    async def lines(self, session: Session) -> Sequence[ScorecardLine]:
        return await storage.scorecards.listed(session)

    async def shown(
        self, session: Session, row: Scorecard, written: Outline, conflict: ChangedMeanwhile | None
    ) -> dict[str, Any]:
        theirs: Outline = conflict.outline if conflict else Outline()
        mine: set[Item] = {item for _, item in written.items()}
        queues, teams = await storage.queues.listed(session), await storage.teams.listed(session)
        return {
            "theirs": [item.label for _, item in theirs.items() if item not in mine],
            "queues": [(str(queue.id), queue.label) for queue in queues],
            "teams": [(str(team.id), team.name) for team in teams],
            "given": await storage.scorecards.given(session, row.id),
            "kinds": [(ItemKind.YES_NO, _("yes or no")), (ItemKind.SCALE, _("a scale"))],
            "heaviest": rules.HEAVIEST,
            "shares": _shares(written),
        }


PAGES = _Scorecards(BLUEPRINTS, drafts.read)


@requires(EDIT)
async def give(request: web.Request) -> web.Response:
    """Say for whose calls it is meant."""
    posted = await request.post()
    queues = {str(value) for value in posted.getall("queues", [])}
    teams = {str(value) for value in posted.getall("teams", [])}
    async with request.app[DATABASE].writing() as session:
        all_queues = await storage.queues.listed(session)
        all_teams = await storage.teams.listed(session)
        await storage.scorecards.give(
            session, key_of(request), queues=[q.id for q in all_queues if str(q.id) in queues],
            teams=[team.id for team in all_teams if str(team.id) in teams],
            by=request[VISITOR].user_id,
        )  # fmt: skip
    return redirect(request, PAGES.place(request), flash=_("Saved."))


def _shares(outline: Outline) -> dict[str, float]:
    """How many percent of the score each section is, where all of it applies."""
    counting = [s for s in outline.sections if any(item.weight for item in s.items)]
    total = sum(section.weight for section in counting)
    return {s.key: 100 * s.weight / total for s in counting} if total else {}
