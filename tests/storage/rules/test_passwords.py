"""Which passwords are refused, and that good ones are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.rules.passwords import LONGEST, SHORTEST, plain, weakness


@pytest.mark.parametrize(
    ("password", "word"),
    [
        pytest.param("violet train", None, id="two words of twelve characters"),
        pytest.param("kangaroo moves the piano", None, id="a sentence"),
        pytest.param("x7$kQ9!pLm2z", None, id="random signs"),
        pytest.param("длинный пароль 7", None, id="another script"),
        pytest.param("violet trai", "short", id="eleven characters"),
        pytest.param("", "short", id="nothing"),
        pytest.param("v" * 10 + "iolet train" * 20, "long", id="endless"),
        pytest.param("password1234", "common", id="a common word and digits"),
        pytest.param("P@ssw0rd!!!!", "common", id="a common word in disguise"),
        pytest.param("Password123!", "common", id="what a policy of classes brings about"),
        pytest.param("letmeinletmein", "common", id="a common word twice"),
        pytest.param("123456789012", "common", id="digits in a row"),
        pytest.param("qwertyuiopas", "common", id="a row of the keyboard"),
        pytest.param("abcdefghijkl", "common", id="the alphabet"),
        pytest.param("aaaaaaaaaaaaaa", "common", id="one letter"),
        pytest.param("abababababab", "common", id="two letters"),
        pytest.param("jane.doe2026", "personal", id="the login and a year"),
        pytest.param("JaneDoeJaneDoe", "personal", id="the name twice"),
        pytest.param("doe doe doe doe", "personal", id="one of the names"),
    ],
)
def test_a_password_is_refused_for_its_reason(password: str, word: str | None) -> None:
    assert weakness(password, login="jane.doe", name="Jane Doe") == word


def test_an_initial_in_the_name_does_not_spoil_every_password() -> None:
    assert weakness("violet train", login="v", name="V T") is None


def test_two_spellings_of_one_letter_are_one_password() -> None:
    assert plain("caf\u00e9 noir noir") == plain("cafe\u0301 noir noir")


@given(st.text(max_size=300), st.text(max_size=20), st.text(max_size=40))
def test_whatever_is_accepted_is_within_the_limits(password: str, login: str, name: str) -> None:
    if weakness(password, login=login, name=name) is None:
        assert SHORTEST <= len(plain(password)) <= LONGEST
