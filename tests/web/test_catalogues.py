"""Every language says every text: read from the sources and the catalogues themselves."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from fixtures.catalogues import TOP, TRANSLATED, extracted, missing, stored, updated, written
from web import i18n

PLACES = re.compile(r"%\((\w+)\)s|\{(\w+)(?::[^}]*)?\}")
SENTENCE = re.compile(r"[A-Z][a-z]+ [a-z]+|[a-z]{3,} [a-z]{3,} [a-z]{2,}")
TEXTS = extracted()
# Names, addresses and paths are the same in every language.
NAMES = {"· Ringbook", "Ringbook", ":   · TLS", "tel:"}
EXAMPLES = {"/var/spool/asterisk/monitor", "cdr", "cel", "Europe/Berlin"}


def places(text: str) -> set[str]:
    """What is filled into a text."""
    return {first or second for first, second in PLACES.findall(text)}


def test_texts_are_found_in_every_package() -> None:
    found = {place.split("/")[0] for text in TEXTS for place, _ in text.locations}
    assert found == {"pbx_bridge", "storage", "recordings", "web"}
    assert len(TEXTS) > 1400


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_says_every_text(language: str) -> None:
    assert list(missing(updated(language, TEXTS))) == [], "fill web/locales; see ARCHITECTURE.md"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_holds_what_the_sources_say_and_nothing_else(language: str) -> None:
    fresh = written(updated(language, TEXTS))
    assert i18n.path_of(language).read_bytes() == fresh, "run `make catalogues`"


def fits(message: Message, language: str) -> Iterator[str]:
    """Yield each form of a message that does not fill in what the English one does."""
    if isinstance(message.id, str):
        if places(message.string) != places(message.id):
            yield message.string
        return
    one, many = (places(text) for text in message.id)
    for form, text in enumerate(message.string):
        # a form that fits more than one number must say which it is
        alone = form == 0 and language == "de"
        if places(text) != many and not (alone and places(text) == one):
            yield text


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_text_fills_in_what_the_english_one_does(language: str) -> None:
    wrong = [text for message in stored(language) if message.id for text in fits(message, language)]
    assert not wrong


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_text_keeps_how_the_english_one_opens_and_ends(language: str) -> None:
    wrong = []
    for message in stored(language):
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            first = message.id if isinstance(message.id, str) else message.id[1]
            if first and (first.endswith(("…", ":", "?")) != text.endswith(("…", ":", "?"))):
                wrong.append((first, text))
    assert not wrong


def test_a_page_says_what_an_error_means_in_the_readers_language() -> None:
    found = []
    for room in ("desk", "calls", "people", "office", "scripts", "softphone", "dialling"):
        for path in sorted((TOP / "web" / room).rglob("*.py")):
            for caught in ast.walk(ast.parse(path.read_text())):
                if not isinstance(caught, ast.ExceptHandler) or caught.type is None:
                    continue
                names = set(re.findall(r"\w+", ast.unparse(caught.type)))
                said = f"str({caught.name})" in ast.unparse(caught)
                if said and names & {"Refused", "Conflict", "StorageError", "Taken"}:
                    found.append(f"{path.relative_to(TOP)}:{caught.lineno}: use told()")
    assert not found


def templates() -> list[Path]:
    """Every template that people see."""
    found = sorted((TOP / "web").rglob("*.html"))
    return [path for path in found if "gallery" not in path.parts]


def test_a_template_has_no_text_that_is_not_marked() -> None:
    found = []
    for path in templates():
        text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
        found += [
            f"{path.relative_to(TOP)}: {words}"
            for words in re.findall(
                r'\b(?:title|aria-label|placeholder|alt)="([^"{]*[A-Za-z]{2}[^"{]*)"', text
            )
            if words not in EXAMPLES and "://" not in words
        ]
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", text, flags=re.DOTALL)
        text = re.sub(r"<(script|style|code|kbd)\b.*?</\1>", " ", text, flags=re.DOTALL)
        for part in re.sub(r"<[^>]*>", "\0", text).split("\0"):
            words = re.sub(r"&[a-z]+;", "", part).strip()
            if re.search(r"[A-Za-z]{2}", words) and words not in NAMES and '="' not in part:
                found.append(f"{path.relative_to(TOP)}: {words}")
    assert [line for line in found if "button button--" not in line] == []


def test_a_script_has_no_sentence_of_its_own() -> None:
    found = []
    for path in sorted((TOP / "web/static/js").rglob("*.js")):
        code = re.sub(r"/\*.*?\*/|(?:^|\s)//[^\n]*", "", path.read_text(), flags=re.DOTALL)
        said = re.findall(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`", code)
        found += [f"{path.relative_to(TOP)}: {text}" for text in said if SENTENCE.search(text)]
    assert not found
