"""What to think of a file that Asterisk may still be writing: wait, take it, or give it up."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pbx_bridge.matching import msgid
from recordings.formats import Audio
from storage.recordings import RecordingState

NEVER_CAME = msgid("The PBX announced this recording, but its file never appeared.")
NOBODY_HEARD = msgid("The file holds no sound: it has only its head.")
NOT_CLOSED = msgid("The PBX never finished the file, so its sound may be cut.")
TOO_LARGE = msgid("The file is larger than 2 GB: no recording of one call is.")
SHORTER = msgid("The recording is shorter than the conversation: part of it was not recorded.")
MOST_BYTES = 2**31 - 1

# talk up to so many seconds: a recording may be shorter by so many. Phones' clocks differ from the
# PBX's by some 100 parts in a million, and MixMonitor begins and ends a packet or two off.
SLACK = ((3600.0, 2.0), (4 * 3600.0, 4.0), (float("inf"), 10.0))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a file to appear, and for a file that changes no more."""

    appear: float = 120.0  # after the call's end; a script may work on the file first
    settle: float = 1.0  # a complete file
    headless: float = 5.0  # a file that does not say whether it is complete
    empty: float = 10.0  # a file of a head alone
    broken: float = 60.0  # a file that makes no sense (yet)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of the file at one moment."""

    size: int
    changed: int  # time of last change, as the file system says it
    name: PurePosixPath | None = None  # beneath the folder: where a script may have put it
    audio: Audio | None = None
    problem: str = ""  # why there is no `audio`
    seen: float | None = field(default=None, compare=False)  # when, if it was not just now


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of waiting: READY means fetch it now."""

    state: RecordingState
    cause: str = ""


def judge(
    look: Look | None, *, waited: float, unchanged: float, patience: Patience
) -> Verdict | None:
    """Decide on a file that looks like this since `unchanged` seconds; None means wait.

    `waited` counts from the end of the call.
    """
    if look is None:
        return Verdict(RecordingState.MISSING, NEVER_CAME) if waited >= patience.appear else None
    if look.size > MOST_BYTES:
        return Verdict(RecordingState.BROKEN, TOO_LARGE)
    audio = look.audio
    if audio is None:
        late = unchanged >= patience.broken
        return Verdict(RecordingState.BROKEN, look.problem) if late else None
    if audio.is_bare(look.size):
        late = unchanged >= patience.empty
        return Verdict(RecordingState.EMPTY, NOBODY_HEARD) if late else None
    if audio.is_closed(look.size):
        rests = patience.settle if audio.says_when_closed else patience.headless
        return Verdict(RecordingState.READY) if unchanged >= rests else None
    return Verdict(RecordingState.BROKEN, NOT_CLOSED) if unchanged >= patience.broken else None


def measured(heard: float, lasted: float) -> Verdict:
    """Return what a complete file of `heard` seconds is worth for a talk that `lasted` so long."""
    slack = next(slack for most, slack in SLACK if lasted <= most)
    if heard + slack < lasted:
        return Verdict(RecordingState.TRUNCATED, SHORTER)
    return Verdict(RecordingState.READY)
