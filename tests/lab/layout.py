"""Who is there: forty phones, and fifteen queues with two each, so that stories need not share."""

from dataclasses import dataclass
from enum import StrEnum

FIRST_AGENT, LAST_AGENT = 101, 140
FIRST_QUEUE, QUEUE_COUNT = 4000, 15
AGENTS_PER_QUEUE = 2


class Kind(StrEnum):
    """How a queue offers its callers."""

    RINGALL = "sales"  # every phone rings, for 15 s
    HUNTING = "support"  # one phone after the other, for 3 s each, and again from the first
    IMPATIENT = "express"  # every phone rings, and after 4 s the caller is sent away


WAIT_SECONDS = {Kind.RINGALL: 60, Kind.HUNTING: 60, Kind.IMPATIENT: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue and the extensions of its own."""

    kind: Kind
    number: str
    name: str
    agents: tuple[str, ...]


def queues() -> list[Queue]:
    """Return all queues: 4000 sales, 4001 support, 4002 express, 4003 sales-2 and so on."""
    return [_queue(index) for index in range(QUEUE_COUNT)]


def agents() -> list[str]:
    """Return every extension; the ones after the queues' belong to no queue."""
    return [str(number) for number in range(FIRST_AGENT, LAST_AGENT + 1)]


def free_agents() -> list[str]:
    """Return the extensions that no queue calls."""
    return agents()[QUEUE_COUNT * AGENTS_PER_QUEUE :]


def _queue(index: int) -> Queue:
    kinds = list(Kind)
    kind = kinds[index % len(kinds)]
    series = index // len(kinds)
    first = FIRST_AGENT + index * AGENTS_PER_QUEUE
    return Queue(
        kind=kind,
        number=str(FIRST_QUEUE + index),
        name=f"{kind}-{series + 1}" if series else str(kind),
        agents=tuple(str(first + offset) for offset in range(AGENTS_PER_QUEUE)),
    )
