"""Where in what was said the words stand that somebody looks for, and what was said around them."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.rules.names import fold
from storage.rules.transcripts import Word
from storage.rules.withheld import Window

AROUND = 8  # words before and after
MOST = 3  # excerpts of one recording


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A few words of one channel, those that were looked for marked, and when they were said."""

    seconds: float
    channel: int
    words: tuple[tuple[str, bool], ...]


def excerpts(
    words: Sequence[Word], asked: str, *, withheld: Sequence[Window] = ()
) -> tuple[Excerpt, ...]:
    """Return where the words stand; what is withheld from the reader is neither found nor shown.

    Empty where one of the words is said only in what is withheld.
    """
    wanted = fold(asked).split()
    told = [word for word in words if not any(word.meets(window) for window in withheld)]
    found = [(word, _holds(word, wanted)) for word in told]
    heard = {one for _, which in found for one in which}
    if not wanted or heard != set(wanted):
        return ()
    made: list[Excerpt] = []
    until = dict.fromkeys({word.channel for word in told}, -1.0)
    for word, which in found:
        if not which or word.begins <= until[word.channel]:
            continue
        near = _near(told, word)
        until[word.channel] = near[-1].begins
        shown = tuple((one.text, bool(_holds(one, wanted))) for one in near)
        made.append(Excerpt(max(0.0, word.begins - 1), word.channel, shown))
        if len(made) == MOST:
            break
    return tuple(made)


def _near(told: Sequence[Word], word: Word) -> list[Word]:
    of_channel = [one for one in told if one.channel == word.channel]
    place = of_channel.index(word)
    return of_channel[max(0, place - AROUND) : place + AROUND + 1]


def _holds(word: Word, wanted: Sequence[str]) -> list[str]:
    parts = fold(word.text).split()
    return [one for one in wanted if any(part.startswith(one) for part in parts)]
