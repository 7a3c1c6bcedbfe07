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
from web.api.models.tasks import NewTask, Task, TaskChange, TaskQuery, Tasks

__all__ = [
    "Call",
    "CallQuery",
    "CallStory",
    "Calls",
    "Candidate",
    "Customer",
    "CustomerChange",
    "CustomerQuery",
    "Customers",
    "Given",
    "Leg",
    "NewCustomer",
    "NewNumber",
    "NewOriginate",
    "NewTask",
    "Number",
    "NumberMatch",
    "Offer",
    "Originate",
    "Party",
    "Play",
    "Recording",
    "Segment",
    "Task",
    "TaskChange",
    "TaskQuery",
    "Tasks",
    "WrapUp",
]
