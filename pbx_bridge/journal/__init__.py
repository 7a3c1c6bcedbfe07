"""The black box: every message of every PBX, numbered and encrypted, to tell calls again."""

from pbx_bridge.journal.buffers import Bounds
from pbx_bridge.journal.differences import Difference, differences
from pbx_bridge.journal.entries import Entry, Kind
from pbx_bridge.journal.erasures import erase
from pbx_bridge.journal.errors import DayClosed, JournalBusy, JournalError, NotErased
from pbx_bridge.journal.journal import Journal
from pbx_bridge.journal.keys import erase_day
from pbx_bridge.journal.masking import hide_paths, mask
from pbx_bridge.journal.ranges import Range
from pbx_bridge.journal.readers import Reader
from pbx_bridge.journal.reasons import Explanation, Step, explain
from pbx_bridge.journal.replays import Retelling, Retold, retell
from pbx_bridge.journal.writers import Disk, Writer

__all__ = [
    "Bounds",
    "DayClosed",
    "Difference",
    "Disk",
    "Entry",
    "Explanation",
    "Journal",
    "JournalBusy",
    "JournalError",
    "Kind",
    "NotErased",
    "Range",
    "Reader",
    "Retelling",
    "Retold",
    "Step",
    "Writer",
    "differences",
    "erase",
    "erase_day",
    "explain",
    "hide_paths",
    "mask",
    "retell",
]
