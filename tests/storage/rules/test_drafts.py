"""A row says a customer with numbers, or why it cannot be read."""

import pytest

from storage.rules.drafts import Column, Draft, draft, is_address

HEADER = ("Name", "Mobile", "Office", "Mail", "Firm", "Kind", "About", "Shoe")
COLUMNS = (
    Column.NAME, Column.NUMBER, Column.NUMBER, Column.EMAIL,
    Column.COMPANY, Column.KIND, Column.ABOUT, Column.ABOUT,
)  # fmt: skip


def a_draft(*cells: str) -> Draft:
    return draft(2, cells, COLUMNS, HEADER, region="DE", internal_digits=5)


def test_a_row_becomes_a_customer() -> None:
    found = a_draft(" Erika  M ", "0171 1234567", "030/1234567", "e@x.de", "Acme", "", "tea", "38")
    assert (found.name, found.kind, found.company, found.email) == (
        "Erika M", "person", "Acme", "e@x.de",
    )  # fmt: skip
    assert [tuple(phone) for phone in found.phones] == [
        ("+491711234567", "0171 1234567", "Mobile"),
        ("+49301234567", "030/1234567", "Office"),
    ]
    assert found.about == "About: tea\nShoe: 38"
    assert found.problem is None


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (("Erika", "rubbish"), "“rubbish” is no phone number."),
        (("Erika", "101"), "“101” is an internal number."),
        (("Erika", "", "", "x@"), "“x@” is no e-mail address."),
        (("", "", "", "", "", "", "tea"), "There is no name, no number and no e-mail address."),
    ],
)
def test_what_cannot_be_read_is_a_sentence(cells: tuple[str, ...], problem: str) -> None:
    assert str(a_draft(*cells).problem) == problem


@pytest.mark.parametrize(
    ("cells", "name", "kind"),
    [
        (("", "030 1234567"), "030 1234567", "person"),
        (("", "", "", "e@x.de"), "e@x.de", "person"),
        (("", "", "", "", "Acme"), "Acme", "company"),
        (("Acme", "", "", "", "", "Firma"), "Acme", "company"),
        (("Acme", "", "", "", "", "Компания"), "Acme", "company"),
        (("Erika", "", "", "", "", "Person"), "Erika", "person"),
    ],
)
def test_a_row_without_a_name_is_named_by_what_it_has(
    cells: tuple[str, ...], name: str, kind: str
) -> None:
    found = a_draft(*cells)
    assert (found.name, found.kind, found.problem) == (name, kind, None)
    if kind == "company":
        assert found.company == ""


def test_a_stage_is_read_and_one_that_is_none_is_a_sentence() -> None:
    columns = (Column.NAME, Column.LIFECYCLE)

    def read(stage: str) -> Draft:
        cells = ["Erika", stage]
        return draft(2, cells, columns, ("", ""), region="DE", internal_digits=5)

    assert [read(stage).lifecycle for stage in ("Stammkunde", "")] == ["loyal", ""]
    assert str(read("gold").problem) == (
        "“gold” is no stage of the lifecycle: say lead, prospect, customer, loyal or former."
    )


def test_first_and_last_name_are_joined() -> None:
    columns = (Column.LAST_NAME, Column.FIRST_NAME)
    found = draft(2, ["Muster", "Erika"], columns, ("", ""), region="DE", internal_digits=5)
    assert found.name == "Erika Muster"
    assert found.folded == "erika muster"


def test_the_quote_before_a_formula_is_no_part_of_it() -> None:
    assert a_draft("'=cmd", "'+49 30 1234567").name == "=cmd"
    assert a_draft("x", "'+49 30 1234567").phones[0].e164 == "+49301234567"


def test_the_same_number_twice_in_a_row_is_one() -> None:
    assert len(a_draft("x", "030 1234567", "+49301234567").phones) == 1


def test_a_short_row_lacks_only_what_it_lacks() -> None:
    assert a_draft("Erika").name == "Erika"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a@b.de", True), ("a@b", False), ("@b.de", False), ("a b@c.de", False), ("ab.de", False)],
)
def test_an_address_has_its_shape(text: str, expected: bool) -> None:
    assert is_address(text) is expected
