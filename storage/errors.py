"""What a caller of storage must be ready for."""


class StorageError(Exception):
    """Base of every error a caller of `storage` is expected to handle."""


class NotFound(StorageError):
    """We looked, and it is not there (or not for this person to see)."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind = kind
        self.key = key


class Conflict(StorageError):
    """Someone changed it since you read it, or it is taken; the message says which."""


class Refused(StorageError):
    """A rule of the business forbids it; the message is a sentence for the person who asked."""


class DatabaseAbsent(StorageError):
    """The database cannot be reached; the message names it without its password."""


class DatabaseBusy(StorageError):
    """Another Ringbook process already serves this SQLite base."""


class NotLeader(StorageError):
    """Another node leads, or this one is no longer sure that it does: nothing was written."""

    def __init__(self) -> None:
        super().__init__("another node leads; load the page again to reach it")
