"""Log in and provoke: what only events and refusals can show."""

import asyncio
import time

from pbx_bridge import commands
from pbx_bridge.ami import AmiError, Link, Message
from pbx_bridge.ami.probes import lead
from pbx_bridge.asterisk import CONTEXTS, LISTEN
from pbx_bridge.checkup import findings
from pbx_bridge.checkup.findings import Finding, Mark
from pbx_bridge.checkup.provoking import PATIENCE, PROBE, TRIES, provoke, set_and_forget
from pbx_bridge.config import AmiConfig

CHANSPY = "app_chanspy.so"
UNWANTED = "DOCTOR_PROBE"  # a variable that the filters do not let through


async def examine(config: AmiConfig) -> list[Finding]:
    """Look at one PBX; never raises for what a PBX or a network may do."""
    result = await commands.probe(config)
    if not result.ok:
        return [Finding(Mark.BAD, f"No link: {result.why}", _advice(config))]
    found = [
        Finding(Mark.GOOD, f"The link to {config.host}:{config.port} works."),
        findings.of_version(result.asterisk),
        *findings.of_commands(result.commands),
        findings.of_pauses(result.commands, result.asterisk),
        findings.of_refusals(result.commands, result.asterisk),
        findings.of_clock(result.clock_ahead),
    ]
    try:
        async with asyncio.timeout(config.open_timeout + (TRIES + 2) * PATIENCE):
            return [*found, *await _provoke(config, result.clock_ahead)]
    except (AmiError, TimeoutError) as error:
        return [*found, Finding(Mark.UNPROVEN, f"The events could not be provoked: {error}")]


async def _provoke(config: AmiConfig, ahead: float | None) -> list[Finding]:
    interests = frozenset({b"VarSet"})
    async with Link(config, interests=interests) as link:
        await link.connected()
        heard = _Heard()
        listener = asyncio.create_task(heard.collect(link))
        try:
            await set_and_forget(link, UNWANTED)
            came = await provoke(link, lambda: heard.probe)
            return [
                *findings.of_read_classes(dialplan=came),
                findings.of_filters(unwanted_came=heard.unwanted if came else None),
                findings.of_dialplan(missing=await _missing_contexts(link)),
                findings.of_listening(
                    chanspy=await _is_loaded(link, CHANSPY),
                    context=await _has_context(link, LISTEN),
                ),
                *findings.of_steadiness(ahead, await _ahead(link)),
            ]
        finally:
            listener.cancel()


class _Heard:
    """Which of the provoked events have come; the unwanted one was provoked first."""

    def __init__(self) -> None:
        self.unwanted = False
        self.probe = False

    async def collect(self, link: Link) -> None:
        """Listen until cancelled."""
        async for message in link.listen():
            if isinstance(message, Message):
                self.unwanted |= message.get("Variable") == UNWANTED
                self.probe |= message.get("Variable") == PROBE


async def _ahead(link: Link) -> float | None:
    asked_at = time.time()
    return lead(await link.ask({"Action": "Ping"}), asked_at)


async def _missing_contexts(link: Link) -> list[str] | None:
    """The contexts of our include that the dialplan lacks; None where we may not look."""
    missing = []
    for context in CONTEXTS:
        found = await _has_context(link, context)
        if found is None:
            return None
        if not found:
            missing.append(context)
    return missing


async def _has_context(link: Link, context: str) -> bool | None:
    try:
        listed = await link.ask_list({"Action": "ShowDialPlan", "Context": context})
    except AmiError as error:
        refused = "permission" in str(error).lower()
        return None if refused else False
    return any(message.get("Context") == context for message in listed)


async def _is_loaded(link: Link, module: str) -> bool | None:
    """Whether a module is loaded, by the dialplan's own function; None where it does not say."""
    try:
        answer = await link.ask({"Action": "Getvar", "Variable": f"IFMODULE({module})"})
    except AmiError:
        return None
    return {"0": False, "1": True}.get(answer.get("Value").strip())


def _advice(config: AmiConfig) -> str:
    return (
        f"Check that Asterisk listens on {config.host}:{config.port} (manager.conf: enabled, "
        "bindaddr, permit) and that name and secret are right; `ringbook doctor --print` prints "
        "the lines to paste."
    )
