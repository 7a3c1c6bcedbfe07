"""The PBX's own books (CEL, CDR, queue_log): read, told as calls, and held against ours.

`read` reads files and belongs in a thread; `tell` and `check` are pure. `cel_of` and `cdr_of` make
rows of what an SQL table holds, by the names of its columns.
"""

from pbx_bridge.books import zones
from pbx_bridge.books.checking import check
from pbx_bridge.books.findings import Finding, FindingKind
from pbx_bridge.books.parsing import born, cdr_of, cel_of
from pbx_bridge.books.reading import read
from pbx_bridge.books.rows import BookFolder, Books, Cdr, Cel, QueueEntry
from pbx_bridge.books.samples import Sample, Samples, sample
from pbx_bridge.books.telling import Recovered, tell

__all__ = [
    "BookFolder",
    "Books",
    "Cdr",
    "Cel",
    "Finding",
    "FindingKind",
    "QueueEntry",
    "Recovered",
    "Sample",
    "Samples",
    "born",
    "cdr_of",
    "cel_of",
    "check",
    "read",
    "sample",
    "tell",
    "zones",
]
