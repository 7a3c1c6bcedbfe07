"""What follows from what a PBX said about itself: pure judgements, each a finding."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from pbx_bridge.asterisk import LISTEN
from pbx_bridge.recorders import mutes_all, tells_mutes
from pbx_bridge.rights import WRITE, lacking_write

STEP_TOLERANCE = 1.0  # seconds by which two answers a moment apart may differ
CLOCK_TOLERANCE = 2.0  # seconds between two clocks that are kept by NTP, generously
NEEDED_CLASSES = frozenset(WRITE)
_SLEW = "Let NTP slew the PBX's clock (chrony, ntpd) and never set it by hand or by cron."
HARMLESS = frozenset({"<none>", "", "user"})
EVERYTHING = frozenset({"all"})  # stands beside the classes of every action
DANGEROUS = frozenset({"system", "command", "config"})
OLDEST_MAINTAINED = 18
FIXED_RELEASES = {18: (18, 24, 2), 20: (20, 9, 2), 21: (21, 4, 2)}
FIXED_HINT = "GHSA-c4cg-9275-6w44 lets an account with write=originate become root there"


class Mark(StrEnum):
    """How much a finding matters."""

    GOOD = "ok"
    UNPROVEN = "unproven"  # cannot be seen until something happens
    WARNING = "warning"
    BAD = "bad"  # Ringbook does not work like this


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `advice` is empty where nothing is to be done."""

    mark: Mark
    what: str
    advice: str = ""


def of_version(version: str | None) -> Finding:
    """Judge the release: too old to be safe, or fine (bar.md: CVE-2024-42365)."""
    found = re.match(r"(\d+)\.(\d+)\.?(\d*)", version or "")
    if not found:
        return Finding(Mark.UNPROVEN, f"Asterisk did not say a release we can read ({version}).")
    release = tuple(int(part or 0) for part in found.groups())
    if release[0] < OLDEST_MAINTAINED:
        return Finding(
            Mark.WARNING,
            f"Asterisk {version} gets no more fixes from its makers; {FIXED_HINT}.",
            "Move to Asterisk 22, or see that your distribution still mends this one.",
        )
    fixed = FIXED_RELEASES.get(release[0])
    if fixed is not None and release < fixed:
        wanted = ".".join(map(str, fixed))
        return Finding(
            Mark.WARNING,
            f"Asterisk {version} has known holes: {FIXED_HINT}.",
            f"Update Asterisk to {wanted} or later, or to 22.",
        )
    return Finding(Mark.GOOD, f"Asterisk {version}.")


def of_commands(commands: Mapping[str, frozenset[str]] | None) -> list[Finding]:
    """Judge the write classes by the actions that the account may send."""
    if commands is None:
        return [Finding(Mark.UNPROVEN, "ListCommands gave no answer: write classes are unknown.")]
    missing = sorted(lacking_write(commands))
    granted: set[str] = set()
    for classes in commands.values():
        if not (proper := classes - EVERYTHING) & (NEEDED_CLASSES | HARMLESS):
            granted |= proper
    findings = []
    if missing:
        findings.append(
            Finding(
                Mark.BAD,
                f"The account lacks the write classes {', '.join(missing)}.",
                "Set `write = originate,call,agent,reporting` in manager.conf and reload manager.",
            )
        )
    if surplus := sorted((granted & DANGEROUS) or granted):
        findings.append(
            Finding(
                Mark.WARNING,
                f"The account may do more than needed: {', '.join(surplus)}.",
                "Set `write = originate,call,agent,reporting` in manager.conf: least rights.",
            )
        )
    return findings or [Finding(Mark.GOOD, "Write classes: all that is needed, and no more.")]


def of_clock(ahead: float | None) -> Finding:
    """Judge the difference of the clocks; `ahead` is the PBX's lead in seconds."""
    if ahead is None:
        return Finding(
            Mark.WARNING,
            "The PBX puts no time on its messages, so durations are guesses.",
            "Set `timestampevents = yes` in manager.conf and reload manager.",
        )
    if abs(ahead) > CLOCK_TOLERANCE:
        way = "ahead of" if ahead > 0 else "behind"
        return Finding(
            Mark.WARNING,
            f"The PBX's clock is {abs(ahead):.1f} s {way} this machine's.",
            "Run an NTP client on both machines.",
        )
    return Finding(Mark.GOOD, f"Clocks agree within {CLOCK_TOLERANCE:.0f} s ({ahead:+.2f} s).")


def of_steadiness(before: float | None, after: float | None) -> list[Finding]:
    """Judge two answers a moment apart, by how far the PBX's clock was ahead of ours in each."""
    if before is None or after is None or abs(after - before) <= STEP_TOLERANCE:
        return []
    way = "back" if after < before else "on"
    what = f"A clock jumped while we looked: the PBX's went {way} by {abs(after - before):.1f} s"
    return [Finding(Mark.WARNING, f"{what} beside this machine's.", _SLEW)]


def of_last_step(seconds: float | None, at: datetime | None) -> Finding:
    """Judge the last step back that Ringbook noticed; None: none was."""
    if seconds is None or at is None:
        what = "No step back of the PBX's clock was noticed. Only one while Ringbook listens can be"
        return Finding(Mark.UNPROVEN, f"{what}; one forward looks like a silence.")
    when = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    what = f"The PBX's clock stepped back {seconds:.0f} s at {when}"
    return Finding(Mark.WARNING, f"{what}: what it dated about then may be out of order.", _SLEW)


def of_read_classes(*, dialplan: bool | None) -> list[Finding]:
    """Judge the read class that can be provoked, None: not by us; the others show with a call."""
    rest = "Read classes call, agent, cdr, user and reporting are unproven until the first call."
    if dialplan is None:
        first = Finding(Mark.UNPROVEN, "Read class dialplan: we may not have its event raised.")
    elif dialplan:
        first = Finding(Mark.GOOD, "Read class dialplan: its event came.")
    else:
        first = Finding(
            Mark.BAD,
            "Read class dialplan is missing: its event did not come.",
            "Set `read = call,agent,cdr,user,reporting,dialplan` in manager.conf.",
        )
    return [first, Finding(Mark.UNPROVEN, rest)]


def of_filters(*, unwanted_came: bool | None) -> Finding:
    """Judge the event filters: an event that Ringbook never reads should not come; None: unseen."""
    if unwanted_came is None:
        return Finding(Mark.UNPROVEN, "Whether event filters are on could not be seen.")
    if unwanted_came:
        return Finding(
            Mark.WARNING,
            "No event filter is on: the PBX sends about twice of what Ringbook reads.",
            "Paste the eventfilter lines of `ringbook doctor --print` into manager.conf.",
        )
    return Finding(Mark.GOOD, "Event filters are on.")


def of_dialplan(*, missing: Sequence[str] | None) -> Finding:
    """Judge whether our part of the dialplan is included; None: the account may not look."""
    if missing is None:
        return Finding(Mark.UNPROVEN, "Whether the dialplan include is there could not be seen.")
    if missing:
        words = "no context" if len(missing) == 1 else "none of the contexts"
        return Finding(
            Mark.WARNING,
            f"The dialplan has {words} {', '.join(missing)}.",
            "Save the dialplan of `ringbook doctor --print` as extensions_ringbook.conf, name in "
            "it the context of your phones, #include it in extensions.conf and reload the "
            "dialplan.",
        )
    return Finding(Mark.GOOD, "The dialplan include is there.")


def of_refusals(commands: Mapping[str, frozenset[str]] | None, version: str | None) -> Finding:
    """Judge whether a recording is stopped where its caller refuses, and whether we are told."""
    if commands is not None and "StopMixMonitor" not in commands:
        return Finding(
            Mark.WARNING,
            "The account may not stop recordings, so a caller who refuses is recorded on: "
            "StopMixMonitor is not among its actions.",
            "Load app_mixmonitor, and set `write = originate,call,agent,reporting`.",
        )
    if not tells_mutes(version or ""):
        return Finding(
            Mark.WARNING,
            "This Asterisk does not tell when a recording begins or stops: a refusal is sent to "
            "it, and what came of it is not known.",
            "Update Asterisk to 16.17, 18.3 or later.",
        )
    return Finding(Mark.GOOD, "Recordings are stopped where the caller refuses.")


def of_listening(*, chanspy: bool | None, context: bool | None) -> Finding:
    """Judge whether supervisors can listen in; None: it could not be seen."""
    if chanspy is False:
        return Finding(
            Mark.WARNING,
            "Supervisors cannot listen in, whisper or barge in: app_chanspy is not loaded.",
            "Load app_chanspy.so in modules.conf.",
        )
    if context is False:
        return Finding(
            Mark.WARNING,
            "Supervisors cannot listen in, whisper or barge in: the dialplan has no context "
            f"{LISTEN}.",
            "Save the dialplan of `ringbook doctor --print` as extensions_ringbook.conf, #include "
            "it in extensions.conf and reload the dialplan.",
        )
    if chanspy is None or context is None:
        return Finding(Mark.UNPROVEN, "Whether supervisors can listen in could not be seen.")
    return Finding(Mark.GOOD, "Supervisors can listen in, whisper and barge in.")


def of_pauses(commands: Mapping[str, frozenset[str]] | None, version: str | None) -> Finding:
    """Judge whether recordings can be paused, and whether we would be told."""
    if commands is not None and "MixMonitorMute" not in commands:
        return Finding(
            Mark.WARNING,
            "The account may not pause recordings: MixMonitorMute is not among its actions.",
            "Load app_mixmonitor, and set `write = originate,call,agent,reporting`.",
        )
    if not tells_mutes(version or ""):
        return Finding(
            Mark.WARNING,
            "This Asterisk does not tell when a recording is paused, so every pause shows as "
            "STILL RECORDING.",
            "Update Asterisk to 16.17, 18.3 or later before card data is taken.",
        )
    if not mutes_all(version or ""):
        return Finding(
            Mark.GOOD,
            "Recordings can be paused, where each channel has one: of several on one channel this "
            "Asterisk pauses the first (18.18 and 20.3 pause all).",
        )
    return Finding(Mark.GOOD, "Recordings can be paused.")
