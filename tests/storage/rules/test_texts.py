"""No text can carry what a database or a page must not get."""

from hypothesis import given
from hypothesis import strategies as st

from storage.rules.texts import clean, one_line


def test_control_characters_are_dropped_and_lines_stay() -> None:
    assert clean(" one\r\ntwo\x00\x1b[31m\tthree \ud800") == "one\ntwo[31m\tthree"


def test_a_line_is_one_line_and_no_longer_than_allowed() -> None:
    assert one_line(" Erika\n  Muster\x00mann ", limit=14) == "Erika Musterma"


@given(st.text())
def test_a_clean_text_stays_as_it_is_and_can_be_encoded(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert "\0" not in clean(text)
    clean(text).encode()
