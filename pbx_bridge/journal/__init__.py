"""The black box: every message of every PBX, numbered and encrypted, to tell calls again."""

from pbx_bridge.journal.buffers import Bounds
from pbx_bridge.journal.entries import Entry, Kind
from pbx_bridge.journal.erasures import erase
from pbx_bridge.journal.errors import DayClosed, JournalBusy, JournalError, NotErased
from pbx_bridge.journal.journal import Journal
from pbx_bridge.journal.keys import erase_day
from pbx_bridge.journal.masking import mask
from pbx_bridge.journal.ranges import Range
from pbx_bridge.journal.readers import Reader
from pbx_bridge.journal.writers import Disk, Writer

__all__ = [
    "Bounds",
    "DayClosed",
    "Disk",
    "Entry",
    "Journal",
    "JournalBusy",
    "JournalError",
    "Kind",
    "NotErased",
    "Range",
    "Reader",
    "Writer",
    "erase",
    "erase_day",
    "mask",
]
