"""Columns are guessed by their titles, else by what stands in them."""

import pytest

from storage.rules import columns
from storage.rules.drafts import Column


@pytest.mark.parametrize(
    ("titles", "held"),
    [
        ("Name,Phone,E-Mail", "name,number,email"),
        (
            "First Name,Last Name,Mobile,Company,Job Title",
            "first_name,last_name,number,company,role",
        ),
        (
            "Vorname,Nachname,Telefon 1,Telefon 2,Firma",
            "first_name,last_name,number,number,company",
        ),
        ("ФИО,Телефон,Эл. почта,Примечание", "name,number,email,about"),
        ("Nom,Prénom,Téléphone (bureau),Société", "name,first_name,number,company"),
        ("Anrede,Kundenname,Typ", "address_as,name,kind"),
        ("Name,Customer name", "name,"),
        ("Shoe size,Colour", ","),
    ],
)
def test_columns_are_guessed_by_title(titles: str, held: str) -> None:
    guessed = columns.guess(titles.split(","), [], region="DE")
    assert ",".join(guessed) == held


def test_columns_without_a_title_are_guessed_by_their_cells() -> None:
    rows = [["Erika", "030 1234567", "e@x.de", ""], ["Max", "0171 1234567", "", ""]]
    guessed = columns.guess(["", "", "", ""], rows, region="DE")
    assert guessed == (Column.IGNORED, Column.NUMBER, Column.EMAIL, Column.IGNORED)


def test_a_first_row_with_a_number_names_no_columns() -> None:
    assert columns.has_header(["Name", "Telefon"], region="DE")
    assert not columns.has_header(["Erika", "030 1234567"], region="DE")
    assert not columns.has_header(["Erika", "e@x.de"], region="DE")
