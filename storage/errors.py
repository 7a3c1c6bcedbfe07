"""What a caller of storage must be ready for."""


class StorageError(Exception):
    """Base of every error a caller of `storage` is expected to handle."""


class Told(StorageError):
    """A sentence for the person who asked: its text, to be translated, and what fills its braces.

    Where nothing fills them, braces are what they are: the text may hold a person's words.
    """

    def __init__(self, text: str, **params: object) -> None:
        super().__init__(text.format(**params) if params else text)
        self.text = text
        self.params = params


class NotFound(StorageError):
    """We looked, and it is not there (or not for this person to see)."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind = kind
        self.key = key


class Conflict(Told):
    """Someone changed it since you read it, or it is taken; the message says which."""


class Refused(Told):
    """A rule of the business forbids it; the message is a sentence for the person who asked."""


class Unconfirmed(Refused):
    """The telephone system was asked and did not say in time that it is so."""


class DatabaseAbsent(StorageError):
    """The database cannot be reached; the message names it without its password."""


class DatabaseBusy(StorageError):
    """Another Ringbook process already serves this SQLite base."""


class NotLeader(StorageError):
    """Another node leads, or this one is no longer sure that it does: nothing was written."""

    def __init__(self) -> None:
        super().__init__("another node leads; load the page again to reach it")
