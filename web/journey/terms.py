"""For how long a node may act without asking again: by its own clock, and on the safe side."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """The time in which this node leads; `fence` is its number.

    The lease is counted from the moment of asking, so that it ends here before it ends in the base.
    """

    fence: int
    seconds: float  # of a lease
    until: float
    has_rivals: bool = True  # another node would take over

    @classmethod
    def begun(cls, fence: int, *, asked_at: float, seconds: float) -> "Term":
        """Return the term of a node that was given the lease."""
        return cls(fence=fence, seconds=seconds, until=asked_at + seconds)

    def holds(self, now: float) -> bool:
        """Whether the node may act."""
        return now < self.until

    def renewed(self, *, asked_at: float, has_rivals: bool) -> "Term":
        """Return the term after the base said that it goes on."""
        return replace(self, until=asked_at + self.seconds, has_rivals=has_rivals)

    def unanswered(self, *, asked_at: float) -> "Term":
        """Return the term after the base did not answer.

        Nobody is served by cards that stop with the base, and nothing can be stored meanwhile. But
        a node that did not ask in time may have been replaced: it waits for an answer.
        """
        if self.has_rivals and not self.holds(asked_at):
            return self
        return replace(self, until=max(self.until, asked_at + self.seconds))
