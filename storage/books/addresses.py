"""Where a PBX's books are, and whether we can go there."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from pbx_bridge.books import BookFolder
from storage.books.hours import zone_named
from storage.pbxs import Pbx
from storage.secrets import SecretBox

DRIVERS = ("postgresql+asyncpg", "mysql+asyncmy", "sqlite+aiosqlite")
_KNOWN = f"{', '.join(DRIVERS[:-1])} or {DRIVERS[-1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookTables:
    """Where a PBX keeps its books in a database, and the zone of times that name none."""

    url: str
    cdr: str = "cdr"
    cel: str = "cel"
    zone: tzinfo = field(default=UTC)

    def __repr__(self) -> str:
        """Leave the password out."""
        return f"BookTables({make_url(self.url).render_as_string()})"


def folder(pbx: Pbx) -> BookFolder:
    """Return where the PBX's books are as files."""
    return BookFolder(
        cdr=_path(pbx.books_cdr), cel=_path(pbx.books_cel), queue_log=_path(pbx.books_queue_log)
    )


def tables(pbx: Pbx, secrets: SecretBox) -> BookTables | None:
    """Return where they are in a database; Refused where its address cannot be decrypted."""
    if not pbx.books_sql:
        return None
    return BookTables(
        url=secrets.open(pbx.books_sql),
        cdr=pbx.books_cdr_table or "cdr",
        cel=pbx.books_cel_table or "cel",
        zone=zone_named(pbx.books_zone) or UTC,
    )


def trouble_with(url: str) -> str:
    """Return a sentence where this is no address of a database that we can read, else ""."""
    try:
        address = make_url(url)
    except ArgumentError:
        return f"This is not the address of a database. One begins with {_KNOWN}."
    if address.drivername not in DRIVERS:
        return f"The address must begin with {_KNOWN}."
    driver = address.drivername.partition("+")[2]
    if find_spec(driver) is None:
        extra = "postgres" if driver == "asyncpg" else "mysql"
        return (
            f"Ringbook lacks the package {driver} to read it: "
            f"install ringbook[{extra}] and start again."
        )
    return "" if address.database else "The address names no database."


def _path(written: str | None) -> Path | None:
    return Path(written) if written else None
