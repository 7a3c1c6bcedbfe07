"""Which column of a customer file holds what, guessed from its title and its cells."""

from collections.abc import Iterable, Sequence

from pbx_bridge import phone
from storage.rules import names
from storage.rules.drafts import Column, is_address

_TITLES: dict[Column, str] = {
    Column.FIRST_NAME: "first name, given name, vorname, имя, prenom, nome, forename",
    Column.LAST_NAME: (
        "last name, family name, surname, nachname, familienname, фамилия, nom de famille, cognome"
    ),
    Column.NAME: (
        "name, full name, customer, customer name, display name, kunde, kundenname, фио, "
        "клиент, наименование, nom, nominativo"
    ),
    Column.KIND: "kind, type, customer type, art, typ, kundentyp, тип, вид, categorie",
    Column.COMPANY: (
        "company, company name, organisation, organization, employer, firma, unternehmen, "
        "компания, организация, фирма, entreprise, societe, azienda"
    ),
    Column.ROLE: (
        "role, position, job title, title, funktion, rolle, должность, роль, fonction, poste, ruolo"
    ),
    Column.NUMBER: (
        "number, phone, telephone, tel, mobile, cell, fax, phone number, telefon, "
        "telefonnummer, nummer, rufnummer, handy, mobil, телефон, номер, мобильный, "
        "сотовый, telefono, cellulare, portable"
    ),
    Column.EMAIL: (
        "email, e mail, mail, email address, e mail adresse, почта, эл почта, электронная "
        "почта, courriel"
    ),
    Column.ADDRESS_AS: "address as, salutation, form of address, anrede, обращение, civilite",
    Column.LIFECYCLE: (
        "lifecycle, lifecycle stage, customer status, kundenstatus, статус клиента, стадия, etape"
    ),
    Column.ABOUT: (
        "about, note, notes, comment, comments, remark, remarks, notiz, bemerkung, "
        "kommentar, заметка, примечание, комментарий, remarque, commentaire"
    ),
}
_BY_TITLE = {
    names.fold(title): column for column, titles in _TITLES.items() for title in titles.split(",")
}
_ONCE = {Column.NAME, Column.FIRST_NAME, Column.LAST_NAME, Column.KIND, Column.COMPANY}


def has_header(first: Sequence[str], *, region: str) -> bool:
    """Whether the first row names the columns: it then holds neither a number nor an address."""
    return not any(
        is_address(cell.strip()) or phone.normalise(cell, region) is not None for cell in first
    )


def guess(
    header: Sequence[str], sample: Iterable[Sequence[str]], *, region: str
) -> tuple[Column, ...]:
    """Return what each column is likely to hold."""
    cells = [list(row) for row in sample]
    guesses: list[Column] = []
    for index, title in enumerate(header):
        column = _by_title(title)
        if column is Column.IGNORED:
            column = _by_cells([row[index] for row in cells if index < len(row)], region)
        if column in _ONCE and column in guesses:
            column = Column.IGNORED
        guesses.append(column)
    return tuple(guesses)


def _by_title(title: str) -> Column:
    """The whole title, or else its longest part that we know: "Phone (office)", "Telefon 2"."""
    words = names.fold(title).split()
    parts = (
        " ".join(words[start:end])
        for length in range(len(words), 0, -1)
        for start in range(len(words) - length + 1)
        for end in (start + length,)
    )
    return next((_BY_TITLE[part] for part in parts if part in _BY_TITLE), Column.IGNORED)


def _by_cells(cells: Sequence[str], region: str) -> Column:
    values = [cell.strip() for cell in cells if cell.strip()]
    if not values:
        return Column.IGNORED
    if sum(map(is_address, values)) * 2 > len(values):
        return Column.EMAIL
    numbers = sum(phone.normalise(value, region) is not None for value in values)
    return Column.NUMBER if numbers * 2 > len(values) else Column.IGNORED
