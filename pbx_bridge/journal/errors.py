"""What can be wrong with a journal; each message is a sentence for people."""


class JournalError(Exception):
    """Base of what a caller of the journal is expected to handle."""


class JournalBusy(JournalError):
    """Another Ringbook writes this journal."""


class DayClosed(JournalError):
    """The day cannot be read: it was erased, or another key encrypted it."""


class NotErased(JournalError):
    """A block could not be rewritten."""
