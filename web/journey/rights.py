"""Does our account on a PBX hear and may it ask all that Ringbook needs? Told where it is sure."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog

from pbx_bridge import commands
from pbx_bridge.ami import ActionRefused, AmiError, Link, Message
from pbx_bridge.checkup.provoking import provoke
from pbx_bridge.rights import (
    READ,
    Listing,
    Witness,
    lacking_write,
    listing,
    said,
    unheard_of,
)
from web.journey import scouts

log = structlog.get_logger(__name__)

FIRST_SECONDS = 0.5  # after a login, in which the PBX lists what is up
SCOUT_SECONDS = 20.0  # between two looks whether an account was mended, and how long each takes
LOOK_SECONDS = 3.0  # between two lists, while a class has not shown itself
DRAIN_LOOKS, DRAIN_SECONDS = 40, 0.05  # until what has come is also heard
_BY_LISTS = frozenset({"read:call", "read:agent"})  # what only calls that come can show
Question = Callable[[Link], Awaitable[list[Message]]]


class RightsWatch:
    """Watches one PBX's account from each login on, until every read class has shown itself."""

    def __init__(self, link: Link, pbx: str, on_lacks: Callable[[frozenset[str]], None]) -> None:
        self.witness = Witness()
        self.lacks: frozenset[str] = frozenset()
        self._link = link
        self._pbx = pbx
        self._has_calls: Callable[[], bool] = lambda: True
        self._on_lacks = on_lacks
        self._refused: set[Question] = set()
        self._renewals = 0  # that mended nothing
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, has_calls: Callable[[], bool]) -> None:
        """The link has logged in; while it `has_calls`, somebody may wait in a queue."""
        self.end()
        self._has_calls = has_calls
        self.witness.begin()
        self._become(self.lacks - _BY_LISTS)
        self._do("watch", self._watch)
        self._send_scout()

    def end(self) -> None:
        """Watch no longer."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    def hear(self, name: str) -> None:
        """Take the name of an event that `witness.unheard` has."""
        group = self.witness.hear(name)
        if f"read:{group}" in self.lacks:
            self._become(self.lacks - {f"read:{group}"})

    def _do(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        async def safely() -> None:
            try:
                await work()
            except AmiError as error:  # the next login asks anew
                log.info("rights.not_watched", pbx=self._pbx, error=str(error))
            except Exception:
                log.exception("rights.fault", pbx=self._pbx)

        self._tasks[name] = asyncio.create_task(safely(), name=f"rights {name} {self._pbx}")

    async def _watch(self) -> None:
        await asyncio.sleep(FIRST_SECONDS)
        self._refused.clear()
        first = before = await self._listed(with_queues=True)
        write = lacking_write(await commands.list_commands(self._link))
        read = {right for right in self.lacks if right.startswith("read:")}
        self._become(frozenset({*read, *(f"write:{group}" for group in write)}))
        if await provoke(self._link, lambda: not self.witness.lacks("dialplan")) is False:
            await self._accuse({"dialplan"})
        while self._in_question():
            await asyncio.sleep(LOOK_SECONDS)
            now = await self._listed(with_queues=bool(before.call) or self._has_calls())
            await self._accuse(unheard_of(first, before, now))
            before = now

    def _in_question(self) -> bool:
        """Whether a class has neither shown itself nor been found missing."""
        return any(
            self.witness.lacks(group) and f"read:{group}" not in self.lacks for group in READ
        )

    async def _listed(self, *, with_queues: bool) -> Listing:
        """List what events would have told, as far as a class has not shown itself.

        A PBX without queues never shows the class agent: it is not asked for all its channels
        for ever, nor for queues where nobody can wait.
        """
        with_channels = self.witness.lacks("call") or self.witness.lacks("dialplan")
        channels = await self._asked(commands.channel_statuses) if with_channels else []
        with_queues = with_queues and self.witness.lacks("agent")
        queues = await self._asked(commands.queue_summaries) if with_queues else []
        return listing(channels, queues)

    async def _asked(self, question: Question) -> list[Message]:
        if question in self._refused:
            return []
        try:
            return await question(self._link)
        except ActionRefused:  # by the account's rights, or since the PBX has no queues
            self._refused.add(question)
            return []

    async def _accuse(self, groups: Collection[str]) -> None:
        """Say that classes are missing, once all that came before has been heard."""
        if not groups:
            return
        for _ in range(DRAIN_LOOKS):
            if not self._link.backlog:
                sure = {f"read:{group}" for group in groups if self.witness.lacks(group)}
                self._become(self.lacks | sure)
                return
            await asyncio.sleep(DRAIN_SECONDS)

    async def _scout(self) -> None:
        """Log in anew as soon as a second login shows that the account was mended."""
        found: bool | None = False
        while self.lacks and found is False:
            await asyncio.sleep(SCOUT_SECONDS * 2**self._renewals)
            found = await scouts.has_more(self._link.config, self.lacks, seconds=SCOUT_SECONDS)
        if found and self.lacks:
            self._renewals += 1
            log.info("rights.renewed", pbx=self._pbx)
            self._link.renew()

    def _become(self, lacks: frozenset[str]) -> None:
        if lacks == self.lacks:
            return
        self.lacks = lacks
        log.warning("rights.changed", pbx=self._pbx, lacks=said(lacks) or "nothing")
        self._on_lacks(lacks)
        self._send_scout()

    def _send_scout(self) -> None:
        if not self.lacks:
            self._renewals = 0
        elif "scout" not in self._tasks or self._tasks["scout"].done():
            self._do("scout", self._scout)
