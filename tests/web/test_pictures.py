"""The pictures of the docs: every page in both themes, none left over, none heavy."""

from pathlib import Path

from fixtures.screenshots import LIVE, OPENED, SCHEMES, file_of
from fixtures.tours import PAGES

DOCS = Path(__file__).parents[2] / "docs"
HEAVIEST = 120_000  # bytes


def test_every_page_has_its_pictures_in_the_docs() -> None:
    shown = (DOCS / "pages.md").read_text()
    wanted = {
        f"{file_of(name)}-{scheme}.webp" for name in [*LIVE, *OPENED, *PAGES] for scheme in SCHEMES
    }
    there = {path.name: path.stat().st_size for path in (DOCS / "images").iterdir()}
    assert there.keys() == wanted, "run `make screenshots`"
    assert all(f"(images/{name})" in shown for name in wanted)
    assert max(there.values()) < HEAVIEST
