"""What is up now, asked of the PBX whenever we hear it again; the lists come in as events."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from pbx_bridge import commands
from pbx_bridge.ami import AmiError, Link
from pbx_bridge.tracker import Tracker
from web.journey.seats import Line

log = structlog.get_logger(__name__)

ASK_AGAIN_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 5.0
TRIES = 15  # an Asterisk that starts lets us in before it knows of queues and devices
QUESTIONS = (  # in this order: where nobody talks is to be known before who is there
    commands.bridge_list,
    commands.core_show_channels,
    commands.queue_status,
    commands.parked_calls,
    commands.device_states,
)
Question = Callable[[Link], Awaitable[object]]


class Listener(Protocol):
    """Who hears one PBX, and what it tells of."""

    @property
    def link(self) -> Link: ...
    @property
    def line(self) -> Line: ...
    @property
    def tracker(self) -> Tracker: ...


async def keep(listener: Listener) -> None:
    """Ask for all of it, and for the channels again while legs are up that we are not sure of.

    News of a channel may come after that of its end; what it seems to begin, no news would end.
    """
    link, pbx = listener.link, listener.line.name
    await ask(link, pbx)
    before: frozenset[str] = frozenset()
    while True:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        now = listener.tracker.unsure
        if now & before:
            await _is_told(link, pbx, commands.core_show_channels)
        before = now


async def ask(link: Link, pbx: str) -> None:
    """Have the PBX list bridges, channels, queues, parking spaces and devices.

    Nothing depends on what it refuses, but for the channels; it is asked again all the same.
    """
    left = [question for question in QUESTIONS if not await _is_told(link, pbx, question)]
    for _ in range(TRIES):
        if not left:
            break
        await asyncio.sleep(ASK_AGAIN_SECONDS)
        left = [question for question in left if not await _is_told(link, pbx, question)]


async def _is_told(link: Link, pbx: str, question: Question) -> bool:
    while link.state.status == "connected":
        try:
            await question(link)
        except AmiError as error:
            log.warning("snapshots.not_listed", pbx=pbx, error=str(error))
            if question is not commands.core_show_channels:
                return False
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        else:
            return True
    return True  # the next connection asks anew
