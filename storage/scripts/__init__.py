"""Scripts of queues: kept in versions, filled during calls, counted."""

from storage.scripts.filling import (
    AnsweredMeanwhile,
    AnswerRefused,
    StepUnfinished,
    give,
    go_on,
)
from storage.scripts.keeping import (
    BLUEPRINTS,
    ScriptLine,
    assign,
    create,
    get,
    in_use,
    listed,
    publish,
    queues_of,
    save,
    version,
    versions,
    withdraw,
)
from storage.scripts.lines import RunLine, latest_of
from storage.scripts.reports import Period, Report, RunRow, report, rows
from storage.scripts.runs import Offered, Place, asking_for_cards, filled, of_call, offered
from storage.scripts.tables import Script, ScriptAnswer, ScriptQueue, ScriptRun, ScriptVersion

__all__ = [
    "BLUEPRINTS",
    "AnswerRefused",
    "AnsweredMeanwhile",
    "Offered",
    "Period",
    "Place",
    "Report",
    "RunLine",
    "RunRow",
    "Script",
    "ScriptAnswer",
    "ScriptLine",
    "ScriptQueue",
    "ScriptRun",
    "ScriptVersion",
    "StepUnfinished",
    "asking_for_cards",
    "assign",
    "create",
    "filled",
    "get",
    "give",
    "go_on",
    "in_use",
    "latest_of",
    "listed",
    "of_call",
    "offered",
    "publish",
    "queues_of",
    "report",
    "rows",
    "save",
    "version",
    "versions",
    "withdraw",
]
