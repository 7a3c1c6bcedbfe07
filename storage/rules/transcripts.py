"""What was said, word by word, and which of it are numbers of cards.

A card number is 13 to 19 digits that pass Luhn's check, said as digits or as words of English,
German or Russian, in one word or in many; a pause or another word ends it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from storage.rules.names import fold
from storage.rules.withheld import Window, merged

FEWEST, MOST = 13, 19  # digits of a card number
PAUSE = 8.0  # seconds between two digits that still belong to one number
MARGIN = 0.15  # seconds by which an engine's times may be wrong
REDACTED = "•"

_UNITS = (
    ("zero oh null nul nol", "0"),
    ("one eins ein eine odin odna raz", "1"),
    ("two zwei zwo dva dve", "2"),
    ("three drei tri", "3"),
    ("four vier chetyre", "4"),
    ("five funf pyat", "5"),
    ("six sechs shest", "6"),
    ("seven sieben sem", "7"),
    ("eight acht vosem", "8"),
    ("nine neun devyat", "9"),
)
_RUSSIAN = ("ноль нуль", "один одна раз", "два две", "три", "четыре", "пять", "шесть", "семь",
            "восемь", "девять")  # fmt: skip
_TEENS = {
    "10": "ten zehn десять", "11": "eleven elf одиннадцать", "12": "twelve zwolf двенадцать",
    "13": "thirteen dreizehn тринадцать", "14": "fourteen vierzehn четырнадцать",
    "15": "fifteen funfzehn пятнадцать", "16": "sixteen sechzehn шестнадцать",
    "17": "seventeen siebzehn семнадцать", "18": "eighteen achtzehn восемнадцать",
    "19": "nineteen neunzehn девятнадцать",
}  # fmt: skip
_TENS = {
    "2": "twenty zwanzig двадцать", "3": "thirty dreissig dreisig тридцать",
    "4": "forty vierzig сорок", "5": "fifty funfzig пятьдесят", "6": "sixty sechzig шестьдесят",
    "7": "seventy siebzig семьдесят", "8": "eighty achtzig восемьдесят",
    "9": "ninety neunzig девяносто",
}  # fmt: skip
_TIMES = {"double": 2, "doppel": 2, "doppelt": 2, "triple": 3, "treble": 3, "dreifach": 3}
_BETWEEN = frozenset({"and", "und", "и", "dash", "minus", "strich", "тире", "er", "uh", "um", "ah"})


def _words() -> dict[str, str]:
    found = {word: digit for said, digit in _UNITS for word in said.split()}
    found |= {fold(word): str(n) for n, said in enumerate(_RUSSIAN) for word in said.split()}
    for table in (_TEENS, _TENS):
        found |= {fold(word): value for value, said in table.items() for word in said.split()}
    return found


_SAID = _words()
_IS_TENS = frozenset(fold(word) for said in _TENS.values() for word in said.split())
_GERMAN = re.compile(
    r"(ein|zwei|drei|vier|funf|sechs|sieben|acht|neun)und"
    r"(zwanzig|dreissig|vierzig|funfzig|sechzig|siebzig|achtzig|neunzig)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that was said; times in seconds from the beginning of the recording."""

    text: str
    begins: float
    ends: float
    channel: int  # from 0
    confidence: float | None = None  # 0 to 1, where the engine says it

    def meets(self, window: Window) -> bool:
        """Whether some of it is said in the window."""
        return self.begins < window.ends and self.ends > window.begins


@dataclass(slots=True)
class _Digits:
    """Digits that a word of a channel says, and where it stands."""

    place: int
    digits: str
    is_tens: bool = False  # twenty, before one: 21


def redacted(words: Sequence[Word]) -> tuple[tuple[Word, ...], tuple[Window, ...]]:
    """Return the words without numbers of cards, and where these were said."""
    hidden = {place for channel in {w.channel for w in words} for place in _cards(words, channel)}
    windows = merged(
        Window(max(0.0, words[place].begins - MARGIN), words[place].ends + MARGIN)
        for place in hidden
    )
    told = tuple(
        replace(word, text=REDACTED) if place in hidden else word
        for place, word in enumerate(words)
    )
    return told, _closed(windows)


def _closed(windows: Sequence[Window]) -> tuple[Window, ...]:
    """Return the windows, those of one number as one."""
    joined: list[Window] = []
    for window in windows:
        if joined and window.begins - joined[-1].ends <= PAUSE:
            joined[-1] = Window(joined[-1].begins, max(joined[-1].ends, window.ends))
        else:
            joined.append(window)
    return tuple(Window(round(one.begins, 2), round(one.ends, 2)) for one in joined)


def _cards(words: Sequence[Word], channel: int) -> Iterator[int]:
    """Yield the places of the words in which a card number of this channel is said."""
    for run in _runs(words, channel):
        digits = "".join(one.digits for one in run)
        starts = [sum(len(one.digits) for one in run[:n]) for n in range(len(run))]
        for first, begin in enumerate(starts):
            for last in range(len(run) - 1, first - 1, -1):
                end = starts[last] + len(run[last].digits)
                if _has_card(digits[begin:end]):
                    yield from range(run[first].place, run[last].place + 1)
                    break


def _has_card(digits: str) -> bool:
    return FEWEST <= len(digits) <= MOST and luhn(digits)


def _runs(words: Sequence[Word], channel: int) -> Iterator[list[_Digits]]:
    """Yield the digits that this channel says one after another."""
    run: list[_Digits] = []
    times, ended = 1, 0.0
    for place, word in enumerate(words):
        if word.channel != channel:
            continue
        text = fold(word.text).replace(" ", "")
        digits = digits_of(text)
        if run and (word.begins - ended > PAUSE or (digits is None and text not in _BETWEEN
                                                    and text not in _TIMES)):  # fmt: skip
            yield _ended(run)
            run, times = [], 1
        if text in _TIMES:
            times = _TIMES[text]
        if digits is not None:
            _add(run, _Digits(place, digits * times, is_tens=text in _IS_TENS))
            times, ended = 1, word.ends
    if run:
        yield _ended(run)


def _ended(run: list[_Digits]) -> list[_Digits]:
    if run[-1].is_tens:  # nothing follows: twenty is 20
        run[-1].digits += "0"
    return run


def _add(run: list[_Digits], one: _Digits) -> None:
    """Put the digits at the end; twenty is 20 until a unit follows it, then 21."""
    if run and run[-1].is_tens:
        if len(one.digits) == 1 and one.digits != "0":
            run[-1].is_tens = False
        else:
            run[-1].digits += "0"
            run[-1].is_tens = False
    run.append(one)


def digits_of(text: str) -> str | None:
    """Return the digits that a folded word says, None for a word that says none."""
    if text.isdecimal():
        return "".join(str(int(sign)) for sign in text)
    if text in _SAID:
        return _SAID[text]
    if found := _GERMAN.fullmatch(text):
        return _SAID[found[2]] + _SAID[found[1]]
    return None


def luhn(digits: str) -> bool:
    """Whether the digits pass the check of card numbers."""
    doubled = (int(sign) * 2 if n % 2 else int(sign) for n, sign in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004
