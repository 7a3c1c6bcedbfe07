"""What every page has: its place in the menu, addresses, and one sentence after a form."""

import re

import pytest


def current(page: str) -> list[str]:
    """The menu items marked as the place where one is."""
    return re.findall(r'class="rail-link" href="([^"]+)"[^>]*aria-current="page"', page)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/calls", "/calls"),
        ("/calls/in-progress", "/calls/in-progress"),
        ("/customers/new", "/customers"),
    ],
)
async def test_one_place_of_the_menu_is_marked(sign_in, path: str, place: str) -> None:
    browser = await sign_in("administrator")
    assert current(await browser.get(path)) == [place]


async def test_the_menu_shows_only_what_the_role_may(sign_in) -> None:
    agent = await (await sign_in("agent")).get("/customers")
    assert "/administration" not in agent
    administrator = await (await sign_in("administrator")).get("/customers")
    assert "/administration" in administrator


async def test_every_answer_keeps_the_browser_from_being_used_against_its_user(stranger) -> None:
    for path in ("/login", "/static/css/tokens.css", "/nowhere", "/healthz"):
        response = await stranger.client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy, path
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
