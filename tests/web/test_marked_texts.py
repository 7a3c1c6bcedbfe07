"""`_(…)` gives text that counts as markup: what a person wrote must never go through it."""

import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
OURS = {  # texts that stand in our code, chosen by a value
    "acts",
    "breaks",
    "word",
    "recording.cause",
    "heard.cause",
    "problem",
    "file.cause",
    "label",
    "hint",
    "oddity.event",
    "oddity.why",
    "one.why",
    "kind.why",
    "row.why",
}
_GIVEN = re.compile(r"(?<![a-z])_\(\s*(?![\"'\s])([\w.]+)")


def test_only_texts_of_our_own_are_translated_by_their_value() -> None:
    found = {
        (name, template.relative_to(WEB).as_posix())
        for template in WEB.rglob("*.html")
        for name in _GIVEN.findall(template.read_text(encoding="utf-8"))
    }
    assert not {each for each in found if each[0] not in OURS}
    assert {name for name, _ in found} == OURS  # what is used no more is trusted no more
