"""A page that is not in the tour is looked at by nobody: no picture, no axe, no narrow window."""

from fixtures.tours import NO_PAGES, PAGES
from web.app import _rooms


def test_every_page_is_in_the_tour() -> None:
    routes = [route for room in _rooms() for route in room.routes if route.method == "GET"]
    there = {route.kwargs.get("name") for route in routes if not route.path.startswith("/api/")}
    assert there - NO_PAGES.keys() == PAGES.keys(), "name the page in tests/fixtures/tours.py"
