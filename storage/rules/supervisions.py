"""Who listens in on a call that goes on, how, and whether the agent is told."""

from collections.abc import Collection
from enum import StrEnum

from storage.rules.permissions import Permission


class Mode(StrEnum):
    """What the supervisor does in the call."""

    LISTEN = "listen"  # hears both, is heard by nobody
    WHISPER = "whisper"  # is heard by the agent alone
    BARGE = "barge"  # is heard by both


class Disclosure(StrEnum):
    """What agents are told of a supervisor in their call."""

    SHOWN = "shown"
    SPEAKING = "speaking"  # only of one who is heard: whisper and barge
    HIDDEN = "hidden"


RIGHTS = {
    Mode.LISTEN: Permission.LISTEN_IN,
    Mode.WHISPER: Permission.WHISPER,
    Mode.BARGE: Permission.BARGE_IN,
}


def is_shown(
    disclosures: Collection[Disclosure], mode: Mode | None, queue: Disclosure | None = None
) -> bool:
    """Whether the agent's card tells it; of several teams the most open one counts.

    What the queue of the call says goes before the teams. Who is in no team is told; `mode` is
    None where it is not known (begun by keys of a phone).
    """
    if queue is not None:
        disclosures = {queue}
    if not disclosures or Disclosure.SHOWN in disclosures:
        return True
    return Disclosure.SPEAKING in disclosures and mode in {Mode.WHISPER, Mode.BARGE}
