"""Have a PBX raise an event that only an account with the class `dialplan` hears."""

import asyncio
from collections.abc import Callable

from pbx_bridge import commands
from pbx_bridge.ami import ActionRefused
from pbx_bridge.commands import Asker

PATIENCE = 2.0  # seconds to wait for an event that was provoked
TRIES = 2
PROBE = "RINGBOOK_PROBE"
_LOOK_SECONDS = 0.05


async def provoke(link: Asker, came: Callable[[], bool]) -> bool | None:
    """Raise a VarSet until `came()`: whether it came, None where we may not raise it.

    Raises AmiError where the link does not answer.
    """
    for _ in range(TRIES):
        try:
            await set_and_forget(link, PROBE)
        except ActionRefused:
            return None
        if await _within(PATIENCE, came):
            return True
    return False


async def set_and_forget(link: Asker, name: str) -> None:
    """Set a global variable and empty it again, so that the PBX is left as it was."""
    await commands.set_variable(link, name=name, value="1")
    await commands.set_variable(link, name=name, value="")


async def _within(seconds: float, came: Callable[[], bool]) -> bool:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not came() and loop.time() < end:  # noqa: ASYNC110  # whoever listens is not known here
        await asyncio.sleep(_LOOK_SECONDS)
    return came()
