"""What is said of a PBX, by a person or by the settings file: all but its secrets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from storage.pbxs.tables import Pbx


class Described(Protocol):
    """A PBX as the settings file describes it."""

    @property
    def name(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def secret(self) -> SecretStr: ...
    @property
    def tls(self) -> bool: ...
    @property
    def tls_ca(self) -> Path | None: ...
    @property
    def encoding(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def internal_digits(self) -> int: ...
    @property
    def recordings_there(self) -> str | None: ...
    @property
    def recordings_here(self) -> str | None: ...
    @property
    def books_cdr(self) -> Path | None: ...
    @property
    def books_cel(self) -> Path | None: ...
    @property
    def books_queue_log(self) -> Path | None: ...
    @property
    def books_sql(self) -> SecretStr | None: ...
    @property
    def books_cdr_table(self) -> str | None: ...
    @property
    def books_cel_table(self) -> str | None: ...
    @property
    def books_zone(self) -> str | None: ...
    @property
    def softphone_url(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a person or the file says of a PBX, all but its secrets."""

    name: str
    host: str
    port: int
    username: str
    tls: bool
    tls_ca: str | None
    encoding: str
    region: str
    internal_digits: int
    recordings_there: str | None
    recordings_here: str | None
    books_cdr: str | None = None
    books_cel: str | None = None
    books_queue_log: str | None = None
    books_cdr_table: str | None = None
    books_cel_table: str | None = None
    books_zone: str | None = None
    softphone_url: str | None = None
    enabled: bool = True

    @classmethod
    def described(cls, pbx: Described) -> "Facts":
        """Take them from the settings file."""
        return cls(
            name=pbx.name,
            host=pbx.host,
            port=pbx.port,
            username=pbx.username,
            tls=pbx.tls,
            tls_ca=_text(pbx.tls_ca),
            encoding=pbx.encoding,
            region=pbx.region.upper(),
            internal_digits=pbx.internal_digits,
            recordings_there=pbx.recordings_there,
            recordings_here=pbx.recordings_here,
            books_cdr=_text(pbx.books_cdr),
            books_cel=_text(pbx.books_cel),
            books_queue_log=_text(pbx.books_queue_log),
            books_cdr_table=pbx.books_cdr_table,
            books_cel_table=pbx.books_cel_table,
            books_zone=pbx.books_zone,
            softphone_url=pbx.softphone_url,
        )

    def write(self, pbx: Pbx) -> list[str]:
        """Put them into the row; gives the names of those that changed."""
        changed = [word for word in self.__slots__ if getattr(pbx, word) != getattr(self, word)]
        for word in changed:
            setattr(pbx, word, getattr(self, word))
        return changed


def _text(path: Path | None) -> str | None:
    return str(path) if path is not None else None
