"""Names are found however they are typed."""
# ruff: noqa: RUF001 - letters of other scripts are what these tests are about

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.rules.names import fold, index_words, query_words


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Müller", "muller"),
        ("Müller", "MÜLL"),
        ("Müller", "Mueller"),
        ("Weiß", "weiss"),
        ("Łukasz Żółć", "zolc lukasz"),
        ("Семёнов Пётр", "семенов"),
        ("Семёнов Пётр", "ПЕТР СЕМ"),
        ("O'Brien & Sons", "obrien"),
        ("O'Brien & Sons", "o’brien"),
        ("O'Brien & Sons", "brien"),
        ("Müller-Lüdenscheidt", "luden"),
        ("Ａｃｍｅ", "acme"),
        ("𝕊𝕒𝕞", "sam"),
    ],
)
def test_a_name_is_found_by_the_beginning_of_any_word(name: str, typed: str) -> None:
    words = index_words(name)
    terms = query_words(typed)
    assert terms
    assert all(any(word.startswith(term) for word in words) for term in terms)


def test_an_address_is_one_word() -> None:
    assert "anna@example.org" in index_words("Anna", "Anna@Example.org")
    assert query_words("ANNA@exa") == ("anna@exa",)


def test_the_longest_word_is_asked_for_first() -> None:
    assert query_words("de la Rosa") == ("rosa", "de", "la")


def test_what_holds_no_word_finds_nothing() -> None:
    assert query_words(" ' - _ ") == ()
    assert index_words("", None) == frozenset()


def test_names_sort_without_case_and_accents() -> None:
    assert sorted(["Zoe", "Ärzte", "apfel"], key=fold) == ["apfel", "Ärzte", "Zoe"]


@given(st.text(max_size=60))
def test_any_name_is_found_by_itself(name: str) -> None:
    words = index_words(name)
    assert all(any(word.startswith(term) for word in words) for term in query_words(name))
    assert fold(fold(name)) == fold(name)
