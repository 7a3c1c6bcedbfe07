"""Pause reasons: why an agent takes no calls for a while, from a list that the company keeps."""

import re

from pbx_bridge.presences import AUTO_PAUSE, WRAP_UP
from storage.choices import ChoiceList, Choosable
from storage.errors import Conflict, Refused

_FIT = re.compile(r"[\w .'-]{1,80}")  # what the PBX is given as the reason, and its logs keep
_TAKEN = frozenset({AUTO_PAUSE.lower(), WRAP_UP.lower()})


class PauseReason(Choosable):
    """One choice. Never deleted, only closed: the PBX's logs and our history name it."""

    __tablename__ = "pause_reasons"


def _refuse(name: str) -> None:
    if not _FIT.fullmatch(name):
        raise Refused("letters, digits, spaces, dots, apostrophes and dashes can be used here")
    if name.lower() in _TAKEN:
        raise Refused("this word is given by Ringbook or the PBX itself; choose another")


LIST = ChoiceList(
    PauseReason,
    "pause_reason",
    taken=lambda: Conflict("there is a reason of this name already"),
    refuse=_refuse,
)
listed, get, create, change, move = LIST.listed, LIST.get, LIST.create, LIST.change, LIST.move
