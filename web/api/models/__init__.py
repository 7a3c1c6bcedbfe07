"""What the API takes and gives. Times are UTC, numbers E.164, durations seconds."""

from web.api.models.calls import (
    Call,
    CallQuery,
    Calls,
    CallStory,
    Leg,
    Offer,
    Party,
    Play,
    Recording,
    Segment,
    WrapUp,
)
from web.api.models.consents import Consent, NewConsent
from web.api.models.customers import (
    Candidate,
    Customer,
    CustomerChange,
    CustomerQuery,
    Customers,
    NewCustomer,
    NewNumber,
    Number,
    NumberMatch,
)
from web.api.models.given import Given
from web.api.models.originates import NewOriginate, Originate
from web.api.models.presences import AgentNow, AgentsNow, Presence, PresenceQuery, Presences
from web.api.models.recording_pauses import (
    NewRecordingPause,
    PauseOrder,
    RecordingNow,
    RecordingPause,
    RecordingPauses,
)
from web.api.models.reviews import Review, ReviewMark, ReviewQuery, Reviews
from web.api.models.scripts import ScriptAnswer, ScriptRun, ScriptRunQuery, ScriptRuns
from web.api.models.tasks import NewTask, Task, TaskChange, TaskQuery, Tasks

__all__ = [
    "AgentNow",
    "AgentsNow",
    "Call",
    "CallQuery",
    "CallStory",
    "Calls",
    "Candidate",
    "Consent",
    "Customer",
    "CustomerChange",
    "CustomerQuery",
    "Customers",
    "Given",
    "Leg",
    "NewConsent",
    "NewCustomer",
    "NewNumber",
    "NewOriginate",
    "NewRecordingPause",
    "NewTask",
    "Number",
    "NumberMatch",
    "Offer",
    "Originate",
    "Party",
    "PauseOrder",
    "Play",
    "Presence",
    "PresenceQuery",
    "Presences",
    "Recording",
    "RecordingNow",
    "RecordingPause",
    "RecordingPauses",
    "Review",
    "ReviewMark",
    "ReviewQuery",
    "Reviews",
    "ScriptAnswer",
    "ScriptRun",
    "ScriptRunQuery",
    "ScriptRuns",
    "Segment",
    "Task",
    "TaskChange",
    "TaskQuery",
    "Tasks",
    "WrapUp",
]
