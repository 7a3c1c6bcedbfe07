"""Answers of scripts as people of each language write them."""

import pytest

from web import filters, i18n


@pytest.mark.parametrize(
    ("language", "kind", "answer", "shown"),
    [
        ("en", "number", "1234.5", "1,234.5"),
        ("de", "number", "1234.5", "1.234,5"),
        ("de", "date", "2026-12-24", "24.12.2026"),
        ("en", "choices", "a\nb", "a, b"),
        ("en", "long_text", "a\nb", "a\nb"),
        ("en", "number", "", ""),
    ],
)
def test_an_answer_is_written_as_its_reader_does(
    language: str, kind: str, answer: str, shown: str
) -> None:
    with i18n.speaking(language):
        assert filters.written(kind, answer) == shown
