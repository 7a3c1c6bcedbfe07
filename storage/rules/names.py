"""How names are compared, sorted and searched: without case, accents and punctuation."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST_WORD = 80
_PLAIN_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "þ": "th",
        "ð": "d",
    }
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_APOSTROPHES = re.compile(r"['’ʼ`´]")  # noqa: RUF001 - these are the ones people type
_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return the text as names are compared and sorted: Ärzte, ÄRZTE and arzte are one."""
    return " ".join(_words(_APOSTROPHES.sub("", text)))


def index_words(*texts: str | None) -> frozenset[str]:
    """Return every word under which a customer with these texts (names, addresses) is found."""
    words: set[str] = set()
    for text in filter(None, texts):
        lowered = unicodedata.normalize("NFC", text.casefold())
        for variant in {lowered, _APOSTROPHES.sub("", lowered), lowered.translate(_GERMAN)}:
            words.update(_words(variant))
        words.update(_ADDRESS.findall(lowered))
    return frozenset(word[:LONGEST_WORD] for word in words)


def query_words(text: str) -> tuple[str, ...]:
    """Return the beginnings of words that a search asks for, the longest first."""
    lowered = unicodedata.normalize("NFC", text.casefold())
    addresses = [word for word in lowered.split() if _ADDRESS.fullmatch(word)]
    rest = " ".join(word for word in lowered.split() if not _ADDRESS.fullmatch(word))
    words = {word[:LONGEST_WORD] for word in (*addresses, *_words(_APOSTROPHES.sub("", rest)))}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def holds(texts: Iterable[str | None], asked: str) -> bool:
    """Whether every word of `asked` stands in one of the texts, at the begin of a word of theirs.

    Without case and accents; where nothing is asked, everything holds it.
    """
    sought = _words(_APOSTROPHES.sub("", asked))
    if not sought:
        return not asked.strip()
    there = [word for text in texts if text for word in _words(_APOSTROPHES.sub("", text))]
    return all(any(word.startswith(part) for word in there) for part in sought)


def _words(text: str) -> list[str]:
    if text.isascii():
        return _WORD.findall(text.lower())
    # decomposed twice: some letters are only found to be capitals once they are decomposed
    folded = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", folded)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return _WORD.findall(bare.translate(_PLAIN_LETTERS))
