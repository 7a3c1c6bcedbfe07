"""What is up now, asked of the PBX whenever we hear it again; the lists come in as events."""

import asyncio

import structlog

from pbx_bridge import commands
from pbx_bridge.ami import AmiError, Link

log = structlog.get_logger(__name__)

ASK_AGAIN_SECONDS = 2.0
QUESTIONS = (  # in this order: where nobody talks is to be known before who is there
    commands.bridge_list,
    commands.core_show_channels,
    commands.queue_status,
    commands.parked_calls,
    commands.device_states,
)


async def ask(link: Link, pbx: str) -> None:
    """Have the PBX list bridges, channels, queues, parking spaces and devices."""
    for question in QUESTIONS:
        while link.state.status == "connected":
            try:
                await question(link)
                break
            except AmiError as error:
                log.warning("snapshots.not_listed", pbx=pbx, error=str(error))
                if question is not commands.core_show_channels:
                    break  # it helps, but nothing depends on it
                await asyncio.sleep(ASK_AGAIN_SECONDS)
