"""Scorecards: kept in versions, meant for the calls of queues and teams."""

from storage.scorecards.giving import ScorecardLine, fitting, give, given, listed
from storage.scorecards.keeping import (
    BLUEPRINTS,
    create,
    get,
    in_use,
    publish,
    save,
    versions,
    withdraw,
)
from storage.scorecards.tables import (
    Scorecard,
    ScorecardQueue,
    ScorecardTeam,
    ScorecardVersion,
)

__all__ = [
    "BLUEPRINTS",
    "Scorecard",
    "ScorecardLine",
    "ScorecardQueue",
    "ScorecardTeam",
    "ScorecardVersion",
    "create",
    "fitting",
    "get",
    "give",
    "given",
    "in_use",
    "listed",
    "publish",
    "save",
    "versions",
    "withdraw",
]
