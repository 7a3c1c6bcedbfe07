"""The PBX's own books: where they lie as files, and those that it keeps in a database.

A database is only read: its transactions are read only where the engine knows the word, a question
that takes too long is given up, and nothing is asked for but the columns that Asterisk writes.
"""

from storage.books.addresses import DRIVERS, BookTables, folder, tables, trouble_with
from storage.books.columns import CDR_COLUMNS, CEL_COLUMNS
from storage.books.hours import zone_named
from storage.books.reading import merged, read

__all__ = [
    "CDR_COLUMNS",
    "CEL_COLUMNS",
    "DRIVERS",
    "BookTables",
    "folder",
    "merged",
    "read",
    "tables",
    "trouble_with",
    "zone_named",
]
