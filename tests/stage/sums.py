"""Work for a process of its own, kept where that can import it."""

import os

from storage.errors import NotFound


class Sums:
    """The work: it is made once, and keeps what it was told."""

    def __init__(self, start: int) -> None:
        self.total = start

    def __call__(self, number: object) -> object:
        """Add a number; some words have a meaning of their own."""
        if number == "who":
            return os.getpid()
        if number == "die":
            os._exit(1)
        if number == "missing":
            raise NotFound("sum", 1)
        if number == "unsendable":
            return lambda: None
        assert isinstance(number, int)
        self.total += number
        return self.total
