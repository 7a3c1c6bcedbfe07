"""Words become sentences: one side stops, says much, or something between is not to be read."""

import pytest

from storage.rules.sentences import MOST, Sentence, sentences, told
from storage.rules.transcripts import REDACTED, Word
from storage.rules.withheld import Window


def said(text: str, *, begins: float = 0.0, step: float = 0.5, channel: int = 0) -> list[Word]:
    return [
        Word(text=word, begins=begins + n * step, ends=begins + n * step + 0.4, channel=channel,
             confidence=0.9)
        for n, word in enumerate(text.split())
    ]  # fmt: skip


def lines(found: tuple[Sentence, ...]) -> list[tuple[int | None, str]]:
    return [(one.channel, " ".join(one.words)) for one in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(
            [*said("How are you? Well."), *said("And you", begins=3.4)],
            [(0, "How are you?"), (0, "Well."), (0, "And you")],
            id="an end that is written, and a silence",
        ),
        pytest.param(
            [*said("I would like"), *said("yes", begins=0.7, channel=1),
             *said("to order", begins=1.5)],
            [(0, "I would like to order"), (1, "yes")],
            id="a word of the other side between cuts nothing",
        ),
        pytest.param(
            said("a " * (MOST + 1)), [(0, "a " * (MOST - 1) + "a"), (0, "a")], id="much at once"
        ),
        pytest.param(
            [*said("my card is"), *said(f"{REDACTED} {REDACTED}", begins=1.5),
             *said("thanks", begins=2.5)],
            [(0, f"my card is {REDACTED} thanks")],
            id="a card is one dot",
        ),
    ],
)  # fmt: skip
def test_a_side_speaks_until_it_stops(words, expected) -> None:
    assert lines(sentences(words)) == expected


def test_a_sentence_lasts_from_its_first_word_to_its_last() -> None:
    [one] = sentences(said("good morning", begins=2))
    assert (one.begins, one.ends) == (2, 2.9)


def test_what_is_withheld_is_not_told_and_stands_in_its_place() -> None:
    words = [*said("one moment"), *said("he is mad", begins=2), *said("here I am", begins=3.5)]
    aside = [Window(1.9, 3.45)]
    kept = told(words, withheld=aside)
    assert "mad" not in {word.text for word in kept}
    assert lines(sentences(kept, withheld=aside)) == [
        (0, "one moment"), (None, ""), (0, "here I am"),
    ]  # fmt: skip


def test_what_anyone_says_while_a_card_is_said_is_a_dot() -> None:
    words = [*said(f"is {REDACTED} dash"), *said("four one", begins=0.6, channel=1)]
    kept = told(words, cards=[Window(0.5, 1.5)])
    assert [word.text for word in kept] == ["is", REDACTED, REDACTED, REDACTED, REDACTED]
    assert {word.confidence for word in kept if word.text == REDACTED} == {None}
    assert told(words, withheld=[Window(0, 9)], cards=[Window(0.5, 1.5)]) == ()
