"""What to think of a file that Asterisk may still be writing: wait, take it, or give it up."""

from dataclasses import dataclass

from pbx_bridge.matching import msgid
from recordings.audio import Wav
from storage.recordings import RecordingState

NEVER_CAME = msgid("The PBX announced this recording, but its file never appeared.")
NOBODY_HEARD = msgid("The file holds no sound: it has only its head.")
NOT_CLOSED = msgid("The PBX never finished the file, so its sound may be cut.")
SHORTER = msgid("The recording is shorter than the conversation: part of it was not recorded.")
CUT_SLACK = 2.0  # seconds that a recording may be shorter than its interval


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a file to appear, and for a file that changes no more."""

    appear: float = 120.0  # after the call's end; a script may work on the file first
    settle: float = 1.0  # a complete file
    empty: float = 10.0  # a file of a head alone
    broken: float = 60.0  # a file that makes no sense (yet)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of the file at one moment."""

    size: int
    changed: int  # time of last change, as the file system says it
    wav: Wav | None = None
    problem: str = ""  # why there is no `wav`


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
    if look.wav is None:
        late = unchanged >= patience.broken
        return Verdict(RecordingState.BROKEN, look.problem) if late else None
    if look.wav.is_bare(look.size):
        late = unchanged >= patience.empty
        return Verdict(RecordingState.EMPTY, NOBODY_HEARD) if late else None
    if look.wav.is_closed(look.size):
        return Verdict(RecordingState.READY) if unchanged >= patience.settle else None
    return Verdict(RecordingState.BROKEN, NOT_CLOSED) if unchanged >= patience.broken else None


def warning(heard: float, lasted: float) -> str:
    """Return what to say of `heard` seconds of a talk that `lasted` longer, or nothing."""
    return SHORTER if heard + CUT_SLACK < lasted else ""
