"""Numbers of cards in what was said: found however they are said, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.rules.transcripts import PAUSE, REDACTED, Word, digits_of, luhn, redacted

CARD = "4111111111111111"
AMEX = "378282246310005"


def said(text: str, *, channel: int = 0, start: float = 0.0) -> list[Word]:
    return [
        Word(text=word, begins=start + n, ends=start + n + 0.5, channel=channel)
        for n, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "four one one one one one one one one one one one one one one one",
        "vier eins eins eins eins eins eins eins eins eins eins eins eins eins eins eins",
        "четыре один один один один один один один один один один один один один один один",
        "Four, triple one double one double one double one double one double one double one",
        "forty one eleven eleven eleven eleven eleven eleven eleven",
        "einundvierzig elf elf elf elf elf elf elf",
        "сорок один" + 7 * " одиннадцать",
        "4111 1111 and 1111 1111",
        "4111 one one one one 1111 1111",
    ],
)
def test_a_card_number_is_found_however_it_is_said(text: str) -> None:
    spoken = said("my card is") + said(text, start=3) + said("thank you", start=60)
    words, windows = redacted(spoken)
    told = [word.text for word in words if word.text != REDACTED]
    assert told == ["my", "card", "is", "thank", "you"]
    [window] = windows
    assert window.begins <= 3
    assert 3.5 <= window.ends < 60


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # Luhn
        "4111 1111 1111",  # too short
        "call +44 20 7946 0150 tomorrow",
        "one two three",
        "order 12 of 2026 for 99 euros",
        "4111 1111 please 1111 1111",  # another word between
    ],
)
def test_other_numbers_stay(text: str) -> None:
    spoken = said(text)
    assert redacted(spoken) == (tuple(spoken), ())


def test_a_pause_and_the_other_side_end_a_number() -> None:
    spoken = said("4111 1111") + said("1111 1111", start=2 + PAUSE)
    assert redacted(spoken)[1] == ()
    both = sorted(said("4111 1111 1111 1111") + said("yes yes go on", channel=1, start=0.2),
                  key=lambda word: word.begins)  # fmt: skip
    words, _ = redacted(both)
    assert {word.text for word in words if word.channel == 0} == {REDACTED}


def test_a_number_among_other_digits_is_found() -> None:
    words, windows = redacted(said(f"12 {AMEX} 99"))
    assert [word.text for word in words][1] == REDACTED
    assert windows


@given(st.text(max_size=40))
def test_any_text_is_taken(text: str) -> None:
    words, _ = redacted(said(text))
    assert len(words) == len(text.split())


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_the_check_digit_of_luhn_is_one_of_ten(number: int) -> None:
    assert sum(luhn(f"{number}{digit}") for digit in range(10)) == 1
    assert digits_of(str(number)) == str(number)
