"""Who sits at which phone, which PBXs there are, and what people call their queues."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import storage.agents
import storage.outcomes
import storage.own_numbers
import storage.pbxs
import storage.queues
import storage.scripts
import storage.users
from pbx_bridge.config import AmiConfig
from storage.database import Database
from storage.errors import Refused
from storage.outcomes import ANY, Choices
from storage.own_numbers import key_of
from storage.pbxs import Pbx
from storage.queues import PAUSE_SECONDS
from storage.secrets import SecretBox


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A PBX that we listen to; no way to log in says `trouble` instead."""

    id: UUID
    name: str
    region: str
    internal_digits: int
    config: AmiConfig | None
    trouble: str | None = None


class OwnNumber(NamedTuple):
    """What people call a number of ours, and where its callers have it from."""

    label: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What follows a queue's call, and whether agents log in by themselves."""

    wrap_up_seconds: int = 0
    wrap_up_pauses: bool = False
    agents_log_in: bool = False
    pause_seconds: int = PAUSE_SECONDS  # of a recording, at most


USUAL = Arrangement()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """One moment's answer to who sits where."""

    lines: Mapping[UUID, Line] = field(default_factory=dict)
    users: Mapping[tuple[UUID, str], UUID] = field(default_factory=dict)  # (pbx, extension) → user
    phones: Mapping[UUID, Mapping[str, str]] = field(default_factory=dict)  # interface → extension
    queues: Mapping[tuple[UUID, str], str] = field(default_factory=dict)  # (pbx, name) → label
    choices: Mapping[tuple[UUID, str], Choices] = field(default_factory=dict)  # of outcomes
    own_numbers: Mapping[tuple[UUID, str], OwnNumber] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)  # of users
    languages: Mapping[UUID, str] = field(default_factory=dict)  # in which their cards speak
    arrangements: Mapping[tuple[UUID, str], Arrangement] = field(default_factory=dict)

    def arrangement(self, pbx: UUID, name: str) -> Arrangement:
        """Return what follows a call of the queue."""
        return self.arrangements.get((pbx, name), USUAL)

    def joinable(self, pbx: UUID) -> tuple[str, ...]:
        """Return the queues to which agents log in, by label."""
        names = [
            n for (of, n), each in self.arrangements.items() if of == pbx and each.agents_log_in
        ]
        return tuple(sorted(names, key=lambda name: self.queues.get((pbx, name), name).casefold()))

    def queue_label(self, pbx: UUID, name: str | None) -> str | None:
        """Return the queue as people call it."""
        return self.queues.get((pbx, name), name) if name else None

    def choices_of(self, pbx: UUID, name: str | None) -> Choices:
        """Return what calls of the queue can come to."""
        return self.choices.get((pbx, name), ANY) if name else ANY

    def dialled(self, pbx: UUID, number: str) -> OwnNumber | None:
        """Return what people call a dialled number of ours."""
        line = self.lines.get(pbx)
        if line is None or not self.own_numbers:
            return None
        key = key_of(number, line.region, line.internal_digits)
        return self.own_numbers.get((pbx, key))


async def read(database: Database, secrets: SecretBox) -> Seats:
    """Read who sits where now."""
    async with database.reading() as session:
        phones = await storage.agents.phones(session)
        pbxs = await storage.pbxs.listed(session, enabled=True)
        queues = await storage.queues.listed(session)
        choices = await storage.outcomes.chosen(session)
        scripted = await storage.scripts.in_use(session)
        numbers = await storage.own_numbers.listed(session)
        names = await storage.users.names(session)
        languages = await storage.users.languages(session)
    by_pbx: dict[UUID, dict[str, str]] = {}
    for phone in phones:
        by_pbx.setdefault(phone.pbx_id, {})[phone.interface] = phone.extension
    return Seats(
        lines={pbx.id: _line(pbx, secrets) for pbx in pbxs},
        users={(phone.pbx_id, phone.extension): phone.user_id for phone in phones},
        phones=by_pbx,
        queues={(queue.pbx_id, queue.name): queue.label for queue in queues},
        arrangements={
            (queue.pbx_id, queue.name): Arrangement(
                wrap_up_seconds=queue.wrap_up_seconds,
                wrap_up_pauses=queue.wrap_up_pauses,
                agents_log_in=queue.agents_log_in,
                pause_seconds=queue.pause_seconds,
            )
            for queue in queues
        },
        choices={
            (queue.pbx_id, queue.name): choices.get(queue.id, ANY)._replace(
                scripted=queue.id in scripted
            )
            for queue in queues
        },
        own_numbers={(n.pbx_id, n.dialled): OwnNumber(n.label, n.source) for n in numbers},
        names=names,
        languages=languages,
    )


def _line(pbx: Pbx, secrets: SecretBox) -> Line:
    config, trouble = None, None
    try:
        config = storage.pbxs.ami_config(pbx, secrets)
    except (Refused, ValueError) as error:
        trouble = str(error) if isinstance(error, Refused) else "its settings are not complete"
    return Line(
        id=pbx.id,
        name=pbx.name,
        region=pbx.region,
        internal_digits=pbx.internal_digits,
        config=config,
        trouble=trouble,
    )
