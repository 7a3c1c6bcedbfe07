"""One login, a look around, and goodbye: what `test the connection` and doctor ask for."""

import re
import time
from dataclasses import dataclass
from datetime import datetime

from pbx_bridge.ami.actions import Action
from pbx_bridge.ami.errors import AmiError, LinkTrouble
from pbx_bridge.ami.facts import PbxFacts, read_facts
from pbx_bridge.ami.manager import Manager
from pbx_bridge.ami.message import Message
from pbx_bridge.ami.protocol import Ear, Protocol
from pbx_bridge.ami.troubles import Trouble
from pbx_bridge.config import AmiConfig

_COMMAND = re.compile(r"(?P<synopsis>.*?)\s*\(Priv: (?P<classes>[^)]*)\)")
_ANYONE = frozenset({"<none>"})  # what Asterisk writes where no class is needed
_ANSWER = frozenset({"response", "actionid", "message"})


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one login found; without a connection only `trouble` says something.

    `commands` maps each action that the account may send to the write classes that allow it (none
    where anybody may); `clock_ahead` is how many seconds the PBX's clock is before ours.
    """

    trouble: Trouble | None = None
    ami_version: str | None = None
    asterisk: str | None = None
    startup: datetime | None = None
    commands: dict[str, frozenset[str]] | None = None
    clock_ahead: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the login was accepted."""
        return self.trouble is None

    @property
    def why(self) -> str | None:
        """Why not, as a sentence."""
        return self.trouble.why if self.trouble else None


async def probe(config: AmiConfig) -> ProbeResult:
    """Log in once, look, log off. Never raises for what a PBX or a network may do."""
    manager = Manager(config, Ear(deliver=lambda *_: True, interests=frozenset()))
    try:
        await manager.open()
        return await _looked_around(manager.protocol, config)
    except LinkTrouble as error:
        return ProbeResult(error.trouble)
    finally:
        await manager.shut()


def commands_of(answer: Message) -> dict[str, frozenset[str]]:
    """The actions that an answer to ListCommands names, with the classes that allow each."""
    commands: dict[str, frozenset[str]] = {}
    for name, text in answer.headers():
        found = _COMMAND.fullmatch(text)
        if name.lower() not in _ANSWER and found:
            commands[name] = frozenset(found["classes"].split(",")) - _ANYONE
    return commands


def lead(pong: Message, asked_at: float) -> float | None:
    """How far a Ping asked then (epoch) shows the PBX's clock before ours, in seconds."""
    if not pong.has("Timestamp"):
        return None
    return pong.at.timestamp() - (asked_at + pong.arrived_at) / 2


async def _looked_around(protocol: Protocol, config: AmiConfig) -> ProbeResult:
    facts: PbxFacts = await read_facts(protocol, config)
    listed = await _asked(protocol, "ListCommands", config)
    return ProbeResult(
        ami_version=protocol.version,
        asterisk=facts.asterisk,
        startup=facts.startup,
        commands=commands_of(listed) if listed else None,
        clock_ahead=await _clock_ahead(protocol, config),
    )


async def _clock_ahead(protocol: Protocol, config: AmiConfig) -> float | None:
    begun = time.time()
    pong = await _asked(protocol, "Ping", config)
    return None if pong is None else lead(pong, begun)


async def _asked(protocol: Protocol, name: str, config: AmiConfig) -> Message | None:
    try:
        return await protocol.request(Action({"Action": name}), within=config.action_timeout)
    except AmiError:
        return None
