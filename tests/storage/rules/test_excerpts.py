"""Words that are looked for, in what was said around them, as far as the reader may know it."""

from storage.rules.excerpts import AROUND, excerpts
from storage.rules.transcripts import Word
from storage.rules.withheld import Window


def said(text: str, *, channel: int = 0, start: float = 0.0) -> list[Word]:
    return [
        Word(text=word, begins=start + n, ends=start + n + 0.5, channel=channel)
        for n, word in enumerate(text.split())
    ]


def test_a_word_is_shown_with_its_neighbours_and_a_second_before_it() -> None:
    words = said(" ".join(f"w{n}" for n in range(40)))
    words[20] = Word(text="Ärger,", begins=20.0, ends=20.5, channel=0)
    [one] = excerpts(words, "ARG")
    assert (one.seconds, one.channel) == (19.0, 0)
    assert [text for text, hit in one.words if hit] == ["Ärger,"]
    assert len(one.words) == 2 * AROUND + 1


def test_what_stands_near_is_one_excerpt_and_sides_are_apart() -> None:
    words = said("price one two price three") + said("price", channel=1, start=2.2)
    found = excerpts(sorted(words, key=lambda word: word.begins), "price")
    assert [(one.channel, sum(hit for _, hit in one.words)) for one in found] == [(0, 2), (1, 1)]


def test_what_is_withheld_is_neither_found_nor_shown() -> None:
    words = said("hello secret price hello")
    hidden = (Window(1.0, 2.9),)
    assert excerpts(words, "secret", withheld=hidden) == ()
    assert excerpts(words, "hello price", withheld=hidden) == ()
    [one] = excerpts(words, "hello", withheld=hidden)
    assert [text for text, _ in one.words] == ["hello", "hello"]


def test_nothing_asked_finds_nothing() -> None:
    assert excerpts(said("hello"), "") == excerpts(said("hello"), "!") == ()
