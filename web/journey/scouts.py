"""A second login beside a link whose account lacks rights: has somebody given them meanwhile?

Asterisk settles at a login what it lets an account do, so that our link would not notice.
"""

import asyncio
from collections.abc import Collection

from pbx_bridge import commands
from pbx_bridge.ami import AmiError, Link, Message
from pbx_bridge.checkup.provoking import provoke
from pbx_bridge.config import AmiConfig
from pbx_bridge.rights import READ, WRITE, Witness, lacking_write

_LOOK_SECONDS = 0.2


async def has_more(config: AmiConfig, lacks: Collection[str], *, seconds: float) -> bool | None:
    """Whether the account shows in time that it has one of these rights; None: no login."""
    missing = [group for group in READ if f"read:{group}" in lacks]
    names = frozenset(name.encode() for group in missing for name in READ[group])
    witness = Witness()
    async with Link(config, interests=names) as link:
        try:
            async with asyncio.timeout(config.open_timeout):
                await link.connected()
        except TimeoutError:
            return None
        listening = asyncio.create_task(_listen(link, witness))
        try:
            return await _shows_more(link, witness, lacks, missing, seconds)
        except AmiError:
            return False
        finally:
            listening.cancel()


async def _listen(link: Link, witness: Witness) -> None:
    async for heard in link.listen():
        if isinstance(heard, Message):
            witness.hear(heard.name)


async def _shows_more(
    link: Link, witness: Witness, lacks: Collection[str], missing: list[str], seconds: float
) -> bool:
    write = lacking_write(listed := await commands.list_commands(link))
    if listed and any(f"write:{group}" in lacks for group in WRITE.keys() - write):
        return True
    if "dialplan" in missing and await provoke(link, lambda: not witness.lacks("dialplan")):
        return True
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end and all(witness.lacks(group) for group in missing):  # noqa: ASYNC110  # a deadline as well
        await asyncio.sleep(_LOOK_SECONDS)
    return any(not witness.lacks(group) for group in missing)
