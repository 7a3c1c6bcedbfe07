"""The fields of a PBX's form, and what each may hold."""

import codecs
from pathlib import PurePosixPath
from typing import Annotated

import phonenumbers
from babel import Locale
from pydantic import BeforeValidator, Field, StringConstraints, field_validator

import storage.books
from recordings.sftp.addresses import Address, is_address
from storage.pbxs import Facts, Pbx
from storage.rules import softphones
from web.i18n import _, gettext, language
from web.office import forms

Table = Annotated[
    Annotated[str, StringConstraints(max_length=80, pattern=r"^[A-Za-z_][A-Za-z0-9_.]*$")] | None,
    BeforeValidator(lambda value: value or None),
]
HOST = r"^[A-Za-z0-9._:%-]+$"  # a name or an address; never a URL


class PbxFields(forms.Fields):
    """How to reach a PBX and how to read what it says."""

    name: forms.Word
    host: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=HOST)]
    port: int = Field(ge=1, le=65535)
    username: forms.Word
    secret: Annotated[str, StringConstraints(max_length=200)] = ""  # never sent to a page
    tls: bool = False
    tls_ca: forms.OptionalLine = None
    encoding: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    region: str
    internal_digits: int = Field(ge=1, le=8)
    recordings_there: forms.OptionalLine = None
    recordings_here: forms.OptionalLine = None
    books_cdr: forms.OptionalLine = None
    books_cel: forms.OptionalLine = None
    books_queue_log: forms.OptionalLine = None
    books_sql: Annotated[str, StringConstraints(max_length=400)] = ""  # never sent to a page
    books_sql_is_gone: bool = False
    books_cdr_table: Table = None
    books_cel_table: Table = None
    books_zone: forms.OptionalLine = None
    softphone_url: forms.OptionalLine = None
    enabled: bool = False

    @field_validator("encoding")
    @classmethod
    def _is_an_encoding(cls, encoding: str) -> str:
        try:
            return codecs.lookup(encoding).name
        except LookupError:
            raise ValueError(_("No such encoding. Common ones: cp1252, cp1251, latin-1.")) from None

    @field_validator("region")
    @classmethod
    def _is_a_region(cls, region: str) -> str:
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(_("Choose one of the list."))
        return region

    @field_validator("recordings_here")
    @classmethod
    def _is_an_address_or_a_path(cls, place: str | None) -> str | None:
        if not is_address(place):
            return cls._is_a_whole_path(place)
        try:
            return str(Address.parse(place or ""))
        except ValueError as error:
            raise ValueError(gettext(str(error))) from None

    @field_validator(
        *("tls_ca", "recordings_there"),
        *("books_cdr", "books_cel", "books_queue_log"),
    )
    @classmethod
    def _is_a_whole_path(cls, path: str | None) -> str | None:
        if path is not None and (not path.startswith("/") or ".." in PurePosixPath(path).parts):
            raise ValueError(_("Write the whole path, from / on."))
        return path

    @field_validator("books_sql")
    @classmethod
    def _is_a_database_we_know(cls, address: str) -> str:
        if address and (trouble := storage.books.trouble_with(address)):
            raise ValueError(trouble)
        return address

    @field_validator("books_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str | None) -> str | None:
        if name is not None and storage.books.zone_named(name) is None:
            raise ValueError(_("No such time zone. They are named like Europe/Berlin."))
        return name

    @field_validator("softphone_url")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
        if address is not None and (trouble := softphones.trouble_with(address)):
            raise ValueError(_(trouble))
        return address

    @classmethod
    def of(cls, pbx: Pbx) -> dict[str, object]:
        """Return what the form shows of a stored PBX: all but its secret."""
        shown = cls.model_fields.keys() - {"secret", "books_sql", "books_sql_is_gone"}
        return {
            name: getattr(pbx, name) if getattr(pbx, name) is not None else "" for name in shown
        }

    def facts(self, *, enabled: bool) -> Facts:
        """Return what storage keeps as it is."""
        return Facts(
            name=self.name,
            host=self.host,
            port=self.port,
            username=self.username,
            tls=self.tls,
            tls_ca=self.tls_ca,
            encoding=self.encoding,
            region=self.region,
            internal_digits=self.internal_digits,
            recordings_there=self.recordings_there,
            recordings_here=self.recordings_here,
            books_cdr=self.books_cdr,
            books_cel=self.books_cel,
            books_queue_log=self.books_queue_log,
            books_cdr_table=self.books_cdr_table,
            books_cel_table=self.books_cel_table,
            books_zone=self.books_zone,
            softphone_url=self.softphone_url,
            enabled=enabled,
        )

    def new_books_sql(self) -> str | None:
        """Return where its books are in a database: None keeps what is stored, "" forgets it."""
        return "" if self.books_sql_is_gone else self.books_sql or None


class NewPbxFields(PbxFields):
    """The same for a new PBX, which needs a secret."""

    secret: Annotated[str, StringConstraints(min_length=1, max_length=200)]


def regions() -> list[tuple[str, str]]:
    """Return the countries whose numbers can be read, by their name in the page's language."""
    names = Locale.parse(language()).territories
    choices = [(code, names.get(code, code)) for code in phonenumbers.SUPPORTED_REGIONS]
    return sorted(choices, key=lambda choice: choice[1])
