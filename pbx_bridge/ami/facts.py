"""What a PBX tells about itself right after a login."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pbx_bridge.ami.actions import Action
from pbx_bridge.ami.errors import AmiError
from pbx_bridge.ami.message import Message
from pbx_bridge.ami.protocol import Protocol
from pbx_bridge.config import AmiConfig


@dataclass(frozen=True, slots=True)
class PbxFacts:
    """Its version, and when it started; None where it does not say."""

    asterisk: str | None = None
    startup: datetime | None = None


async def read_facts(protocol: Protocol, config: AmiConfig) -> PbxFacts:
    """Ask for version and start; never raises, what is not told is None."""
    settings = await _asked(protocol, "CoreSettings", config)
    status = await _asked(protocol, "CoreStatus", config)
    version = settings.get("AsteriskVersion") if settings else ""
    return PbxFacts(version or None, startup_of(status, config.timezone) if status else None)


def startup_of(status: Message, timezone: str) -> datetime | None:
    """The start that CoreStatus tells in the wall clock of `timezone`, in UTC."""
    text = f"{status.get('CoreStartupDate')} {status.get('CoreStartupTime')}"
    try:
        naive = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  # the zone follows
    except ValueError:
        return None
    return naive.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


async def _asked(protocol: Protocol, name: str, config: AmiConfig) -> Message | None:
    try:
        return await protocol.request(Action({"Action": name}), within=config.action_timeout)
    except AmiError:
        return None
