"""What was said, sentence by sentence, as far as somebody may read it; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from storage.rules.transcripts import REDACTED, Word
from storage.rules.withheld import Window

PAUSE = 1.0  # seconds of silence of one side: what it says then is another sentence
MOST = 40  # words of a sentence
ENDS = (".", "!", "?", "…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What one side said at once; `channel` is None for what is withheld from the reader."""

    begins: float  # seconds from the recording's beginning
    ends: float
    channel: int | None = None
    words: tuple[str, ...] = ()  # REDACTED once for a number of a card


def told(
    words: Iterable[Word], *, withheld: Sequence[Window] = (), cards: Sequence[Window] = ()
) -> tuple[Word, ...]:
    """Return the words that may be read: none of what is withheld, dots where a card is said."""
    return tuple(
        replace(word, text=REDACTED, confidence=None) if _lies_in(word, cards) else word
        for word in words
        if not _in(word, withheld)
    )


def sentences(words: Iterable[Word], *, withheld: Sequence[Window] = ()) -> tuple[Sentence, ...]:
    """Return the words as sentences in the order in which they begin, `withheld` among them."""
    runs: dict[int, list[Word]] = {}
    found = [Sentence(begins=window.begins, ends=window.ends) for window in withheld]
    for word in sorted(words, key=lambda word: (word.begins, word.channel)):
        run = runs.setdefault(word.channel, [])
        if run and _is_over(run, word, withheld):
            found.append(_sentence(run))
            run.clear()
        run.append(word)
    found += [_sentence(run) for run in runs.values() if run]
    return tuple(sorted(found, key=lambda one: (one.begins, one.ends)))


def _is_over(run: Sequence[Word], following: Word, withheld: Sequence[Window]) -> bool:
    """Whether the sentence has ended before the word that follows on its channel."""
    last = run[-1]
    if following.begins - last.ends > PAUSE or len(run) >= MOST or last.text.endswith(ENDS):
        return True
    return any(last.begins < window.begins < following.begins for window in withheld)


def _sentence(run: Sequence[Word]) -> Sentence:
    texts: list[str] = []
    for word in run:
        if word.text != REDACTED or texts[-1:] != [REDACTED]:
            texts.append(word.text)
    ends = max(word.ends for word in run)
    return Sentence(begins=run[0].begins, ends=ends, channel=run[0].channel, words=tuple(texts))


def _lies_in(word: Word, windows: Iterable[Window]) -> bool:
    """Whether most of it is said in one of them; their margins take no neighbour along."""
    middle = (word.begins + word.ends) / 2
    return any(window.begins < middle < window.ends for window in windows)


def _in(word: Word, windows: Iterable[Window]) -> bool:
    return any(word.meets(window) for window in windows)
