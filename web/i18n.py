"""The language of the page or message that is being made: gettext by context variable."""

import gettext as catalogues
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from storage.errors import NotFound, NotLeader, StorageError, Told

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("en", "de", "ru")
FORMATS = {"en": "en_GB"}  # whose way of writing dates and numbers a language takes
_language: ContextVar[str] = ContextVar("language", default="en")


def path_of(language: str) -> Path:
    """Return where the catalogue of a language lies; English is the texts themselves."""
    return LOCALES / language / "LC_MESSAGES" / "messages.po"


@cache
def catalogue(language: str) -> catalogues.NullTranslations:
    """Return the texts of a language; the first time they are compiled, in some 0.1 s."""
    if language == LANGUAGES[0]:
        return catalogues.NullTranslations()
    compiled = io.BytesIO()
    with path_of(language).open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


def load() -> None:
    """Read every catalogue now, so that nobody waits for it later."""
    for each in LANGUAGES:
        catalogue(each)


def known(language: str) -> str:
    """Return `language` where there is a catalogue, else English."""
    return language if language in LANGUAGES else LANGUAGES[0]


def preferred(accepted: str) -> str:
    """Return the language of ours that a browser's Accept-Language likes best, else English."""
    wishes: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if quality > 0:
            wishes.append((quality, tag.partition("-")[0].strip().lower()))
    wishes.sort(key=lambda wish: -wish[0])  # those of one weight stay in their order
    return next((tag for _, tag in wishes if tag in LANGUAGES), LANGUAGES[0])


def use(language: str) -> None:
    """Make `language` the one of this request."""
    _language.set(known(language))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` inside, whoever's request or message this is."""
    before = _language.set(known(language))
    try:
        yield
    finally:
        _language.reset(before)


def language() -> str:
    """Return the language of this request."""
    return _language.get()


def formats() -> str:
    """Return the locale by which dates and numbers are written in this language."""
    return FORMATS.get(_language.get(), _language.get())


def gettext(message: str) -> str:
    """Return `message` in the language of this request."""
    return catalogue(_language.get()).gettext(message) if message else ""


def pgettext(context: str, message: str) -> str:
    """Return `message` as it is said in that context, in the language of this request."""
    return catalogue(_language.get()).pgettext(context, message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form of the message that fits `n`, in the language of this request."""
    return catalogue(_language.get()).ngettext(singular, plural, n)


def number(value: float, digits: int | None = None) -> str:
    """Return a number as this request's language writes it (1,234.5; 1.234,5), rounded if asked."""
    form = None if digits is None else "#,##0" + "." * bool(digits) + "0" * digits
    return format_decimal(value, format=form, locale=formats())


def told(error: StorageError) -> str:
    """Return what an error says, in the language of this request."""
    if isinstance(error, NotFound):
        return gettext("There is nothing here, or it is not yours to see.")
    if isinstance(error, NotLeader):
        return gettext("Another node of Ringbook leads. Load the page again in a moment.")
    if not isinstance(error, Told):
        return gettext("The database does not answer.")
    text = gettext(error.text)
    said = {k: number(v) if isinstance(v, int) else v for k, v in error.params.items()}
    return text.format(**said) if said else text


_ = gettext
