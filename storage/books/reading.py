"""Read the tables of a period; what cannot be read is said, never raised."""

import asyncio
from dataclasses import replace
from datetime import datetime

from pbx_bridge.books import Books, cdr_of, cel_of
from storage.books.addresses import BookTables, trouble_with
from storage.books.columns import CDR, CEL
from storage.books.connections import PATIENCE_SECONDS, connected
from storage.books.shelves import Shelf


async def read(tables: BookTables, *, since: datetime, until: datetime) -> Books:
    """Return what the tables say of the calls that touched a period, also before and after it.

    A database that does not answer, or not in time, is one of the troubles.
    """
    if trouble := trouble_with(tables.url):
        return Books(troubles=(f"The database of books cannot be read: {trouble}",))
    troubles: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), connected(tables.url) as base:
            cel = Shelf(base, tables.cel, CEL, tables.zone, troubles)
            cels = await cel.rows(cel_of, since, until)
            cdr = Shelf(base, tables.cdr, CDR, tables.zone, troubles)
            cdrs = await cdr.rows(cdr_of, since, until)
    except Exception as error:  # noqa: BLE001 - each driver has its own kinds of trouble
        return Books(troubles=(*troubles, f"The database of books cannot be read: {_why(error)}."))
    return Books(
        cels=tuple(sorted(cels or (), key=lambda row: row.at)),
        cdrs=tuple(sorted(cdrs or (), key=lambda row: (row.start, row.end))),
        troubles=tuple(troubles),
        has_cel=cels is not None,
        has_cdr=cdrs is not None,
    )


def merged(files: Books, base: Books) -> Books:
    """Return both as one: where there is a file of a book, its table is not needed."""
    return replace(
        files,
        cels=files.cels if files.has_cel else base.cels,
        cdrs=files.cdrs if files.has_cdr else base.cdrs,
        troubles=(*files.troubles, *base.troubles),
        has_cel=files.has_cel or base.has_cel,
        has_cdr=files.has_cdr or base.has_cdr,
    )


def _why(error: Exception) -> str:
    """Return what the driver said, on one line, without the statement."""
    if isinstance(error, TimeoutError):
        return f"it did not answer in {PATIENCE_SECONDS:.0f} seconds"
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    return " ".join(said.split())[:150].rstrip(".")
