"""The language of the page that is being made: gettext by context variable."""

import gettext as catalogues
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("en",)
_language: ContextVar[str] = ContextVar("language", default="en")


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation("messages", LOCALES, languages=[language], fallback=True)


def use(language: str) -> None:
    """Make `language` the one of this request."""
    _language.set(language if language in LANGUAGES else "en")


def language() -> str:
    """Return the language of this request."""
    return _language.get()


def gettext(message: str) -> str:
    """Return `message` in the language of this request."""
    return _catalogue(_language.get()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form of the message that fits `n`, in the language of this request."""
    return _catalogue(_language.get()).ngettext(singular, plural, n)


_ = gettext
