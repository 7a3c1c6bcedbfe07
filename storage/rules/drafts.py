"""What a row of a customer file says: a customer with numbers, or why it cannot be read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pbx_bridge import phone
from pbx_bridge.matching import Reason, msgid
from storage.rules import lifecycles, names, texts


class Column(StrEnum):
    """What a column of the file holds."""

    IGNORED = ""
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    KIND = "kind"
    COMPANY = "company"
    ROLE = "role"
    NUMBER = "number"
    EMAIL = "email"
    ADDRESS_AS = "address_as"
    ABOUT = "about"
    LIFECYCLE = "lifecycle"


class Phone(NamedTuple):
    """A number of a row."""

    e164: str
    written: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A customer as a row describes them; `problem` says why the row cannot be taken."""

    line: int
    name: str
    kind: str = "person"
    company: str = ""
    role: str = ""
    email: str = ""
    address_as: str = ""
    about: str = ""
    lifecycle: str = ""
    phones: tuple[Phone, ...] = ()
    problem: Reason | None = None

    @property
    def folded(self) -> str:
        """The name as names are compared."""
        return names.fold(self.name)


TOO_BARE = msgid("There is no name, no number and no e-mail address.")
NO_NUMBER = msgid("“{written}” is no phone number.")
INTERNAL_NUMBER = msgid("“{written}” is an internal number.")
NO_ADDRESS = msgid("“{written}” is no e-mail address.")
NO_LIFECYCLE = msgid(
    "“{written}” is no stage of the lifecycle: say lead, prospect, customer, loyal or former."
)

_COMPANY_WORDS = frozenset(
    {
        *("company", "firma", "unternehmen", "organisation", "organization", "business", "b2b"),
        *("kompaniia", "компания", "организация", "юрлицо", "entreprise", "societe", "azienda"),
    }
)


def draft(
    line: int,
    cells: Sequence[str],
    columns: Sequence[Column],
    header: Sequence[str],
    *,
    region: str,
    internal_digits: int,
) -> Draft:
    """Read a row; what cannot be read becomes its problem, not an exception."""
    found: dict[Column, list[tuple[str, str]]] = {}
    for column, title, cell in zip(columns, header, cells, strict=False):
        if column is not Column.IGNORED and (value := _value(cell)):
            found.setdefault(column, []).append((title, value))
    phones, problem = _phones(found.get(Column.NUMBER, ()), region, internal_digits)
    email = _first(found, Column.EMAIL)
    if problem is None and email and not is_address(email):
        problem = Reason(text=NO_ADDRESS, params={"written": email})
    stage = _first(found, Column.LIFECYCLE)
    if problem is None and stage and lifecycles.read(stage) is None:
        problem = Reason(text=NO_LIFECYCLE, params={"written": stage[:40]})
    company = _first(found, Column.COMPANY)
    name, kind = _name_and_kind(found, company)
    if not name and not phones and not email:
        problem = problem or Reason(text=TOO_BARE)
    return Draft(
        line=line,
        name=texts.one_line(name or email or (phones[0].written if phones else ""), limit=200),
        kind=kind,
        company=texts.one_line(company if kind == "person" else "", limit=200),
        role=texts.one_line(_first(found, Column.ROLE), limit=120),
        email=email[:254],
        address_as=texts.one_line(_first(found, Column.ADDRESS_AS), limit=120),
        about=_about(found.get(Column.ABOUT, ())),
        lifecycle=lifecycles.read(stage) or "",
        phones=phones,
        problem=problem,
    )


def is_address(text: str) -> bool:
    """Whether the text has the shape of an e-mail address."""
    local, _, domain = text.rpartition("@")
    return bool(local) and "." in domain.strip(".") and not any(map(str.isspace, text))


def _phones(
    cells: Iterable[tuple[str, str]], region: str, internal_digits: int
) -> tuple[tuple[Phone, ...], Reason | None]:
    phones: dict[str, Phone] = {}
    for title, written in cells:
        e164 = phone.normalise(written, region, internal_digits=internal_digits)
        if e164 is None:
            sort = phone.kind(written, region, internal_digits=internal_digits)
            text = INTERNAL_NUMBER if sort == "internal" else NO_NUMBER
            return (), Reason(text=text, params={"written": written[:40]})
        phones.setdefault(e164, Phone(e164, written[:40], texts.one_line(title, limit=40)))
    return tuple(phones.values()), None


def _name_and_kind(
    found: Mapping[Column, Sequence[tuple[str, str]]], company: str
) -> tuple[str, str]:
    parts = (_first(found, column) for column in (Column.FIRST_NAME, Column.LAST_NAME))
    name = _first(found, Column.NAME) or " ".join(filter(None, parts))
    if not name and company:
        return company, "company"
    said = names.fold(_first(found, Column.KIND))
    return name, "company" if _COMPANY_WORDS & set(said.split()) else "person"


def _about(cells: Sequence[tuple[str, str]]) -> str:
    if len(cells) == 1:
        return texts.clean(cells[0][1])
    return texts.clean("\n".join(f"{title}: {value}" if title else value for title, value in cells))


def _first(found: Mapping[Column, Sequence[tuple[str, str]]], column: Column) -> str:
    values = found.get(column)
    return values[0][1] if values else ""


def _value(cell: str) -> str:
    """A cell without the quote that spreadsheets put before what looks like a formula."""
    text = texts.clean(cell)
    return text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text
