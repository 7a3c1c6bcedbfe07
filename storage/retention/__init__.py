"""For how long recordings are kept, and which of them are due."""

from storage.retention.due import Due, due, end_of_recording, is_held
from storage.retention.policies import RetentionPolicy, add, choose, listed, remove, terms

__all__ = [
    "Due",
    "RetentionPolicy",
    "add",
    "choose",
    "due",
    "end_of_recording",
    "is_held",
    "listed",
    "remove",
    "terms",
]
