"""Who plays in a story, and the list of all stories."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass

from lab.ami import headers
from lab.dialogs import Dialog
from lab.folders import SUITES
from lab.pbx import Pbx
from lab.softphones import Desks, Softphone

Play = Callable[[Pbx], Coroutine[None, None, "Cast"]]
STORIES: dict[str, Play] = {}
_ONLY_ON: dict[str, frozenset[int]] = {}
_TALK_SECONDS = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who took part: the customer's number as the PBX writes it, what was dialled, the phones."""

    number: str
    dialled: str
    agents: tuple[str, ...]
    queue: str | None = None


def story(play: Play) -> Play:
    """Enter a story under its function's name."""
    STORIES[play.__name__] = play
    return play


def only_on(*versions: int) -> Callable[[Play], Play]:
    """Enter a story that only these versions of Asterisk can play."""

    def enter(play: Play) -> Play:
        _ONLY_ON[play.__name__] = frozenset(versions)
        return story(play)

    return enter


def playable(version: int) -> dict[str, Play]:
    """Return the stories that an Asterisk of this version can play."""
    everywhere = frozenset(SUITES)
    return {n: play for n, play in STORIES.items() if version in _ONLY_ON.get(n, everywhere)}


def played() -> Iterable[tuple[str, int]]:
    """Return every story with each version that can play it."""
    return [(name, version) for version in SUITES for name in playable(version)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A customer who talks with an agent of ours."""

    customer: Dialog
    phone: Softphone
    at_agent: Dialog

    async def end(self) -> None:
        """The customer hangs up."""
        await self.customer.hang_up()
        await self.at_agent.over()


async def conversation(
    room: Desks, number: str, agent: str, *, dial: str | None = None, name: str = ""
) -> Conversation:
    """A customer calls, an agent answers at once, and they talk for a while."""
    phone, outside = await room.inside(agent), await room.outside(number, name)
    customer = outside.calls(dial or agent)
    at_agent = await phone.answers()
    await customer.answered()
    await talk()
    return Conversation(customer=customer, phone=phone, at_agent=at_agent)


async def talk() -> None:
    """Let those who are connected talk for a while."""
    await asyncio.sleep(_TALK_SECONDS)


async def news(pbx: Pbx, event: str, **wanted: str) -> dict[str, str]:
    """Wait until the PBX tells this event with these headers; return it."""
    lines = [f"{key}: {value}\r\n".encode() for key, value in wanted.items()]
    begin = f"Event: {event}\r\n".encode()
    message = await pbx.tap.message(
        lambda m: m.startswith(begin) and all(line in m for line in lines), seconds=30
    )
    return headers(message)


async def channel(pbx: Pbx, interface: str) -> str:
    """Return the name of the channel that this phone has now."""
    lines = (await pbx.cli("core show channels concise")).splitlines()
    return next(line.partition("!")[0] for line in lines if line.startswith(f"{interface}-"))
