"""The look: the gallery in a real browser, under the product's content security policy."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from web import gallery

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; connect-src 'self'"
)
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Server(SimpleHTTPRequestHandler):
    """The gallery's files with the product's content security policy."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("gallery")
    gallery.draw(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("name", gallery.PAGES)
def test_every_icon_of_a_page_is_drawn(tmp_path: Path, name: str) -> None:
    gallery.draw(tmp_path)
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (tmp_path / "static/icons.svg").read_text()))
    shown = set(re.findall(r'icons\.svg#([^"]*)"', (tmp_path / f"{name}.html").read_text()))
    assert shown
    assert shown - drawn == set()


@pytest.mark.browser
@pytest.mark.parametrize("name", gallery.PAGES)
def test_a_page_needs_nothing_that_the_policy_forbids(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/{name}.html")
    assert page.title().endswith("· Ringbook")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('14px Inter'))")
    assert page.evaluate("htmx.config.includeIndicatorCSS") is False


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 640, 390, 320])
@pytest.mark.parametrize("name", gallery.PAGES)
def test_a_page_never_scrolls_sideways(page: Page, address: str, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(f"{address}/{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
@pytest.mark.parametrize("name", gallery.PAGES)
def test_what_can_be_pressed_is_large_enough_and_named(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/{name}.html")
    bad = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, summary')]
          .filter((e) => e.checkVisibility() && !e.closest('p, .skip-link'))
          .map((e) => [e.closest('label, .candidate') ?? e, e])
          .filter(([area, e]) => area.getBoundingClientRect().height < 23.5
            && !e.closest('th, dd, h1, h2, .timeline-line, .card-head')
            && !e.closest('.filters-send, .error-summary')
            || !(e.textContent.trim() || e.labels?.length || e.ariaLabel))
          .map(([, e]) => e.outerHTML.slice(0, 120))"""
    )
    assert bad == []


@pytest.mark.browser
@pytest.mark.parametrize("name", ["pop", "calls", "customer", "edit", "log_in", "parts"])
def test_the_tab_key_reaches_everything_and_shows_where_it_is(
    page: Page, address: str, name: str
) -> None:
    page.goto(f"{address}/{name}.html")
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    expected = page.evaluate(
        """() => {
          const radios = new Set();
          return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
          .filter((e) => !e.disabled && e.type !== 'hidden' && e.checkVisibility())
          .filter((e) => {
            if (e.type !== 'radio') return true;
            const group = (e.form ? [...document.forms].indexOf(e.form) : '') + e.name;
            return !radios.has(group) && radios.add(group);
          }).map((e, i) => { e.dataset.expected = i; return i; }).length; }"""
    )
    assert expected > 2
    reached = set()
    for _ in range(expected * 2 + 20):
        page.keyboard.press("Tab")
        place = page.evaluate(
            """() => { const e = document.activeElement;
              const first = e.type === 'radio'
                ? [...e.form.elements].find((o) => o.name === e.name) : e;
              const shown = e.closest('.choices--pills .choice') ?? e;
              return [first.dataset.expected ?? null, getComputedStyle(shown).outlineStyle]; }"""
        )
        if place[0] is not None:
            reached.add(place[0])
            assert place[1] != "none"
    assert len(reached) == expected


@pytest.mark.browser
def test_a_chosen_theme_stays_after_a_reload(page: Page, address: str) -> None:
    page.goto(f"{address}/parts.html")
    before = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    page.click(".menu--user summary")
    page.click("[data-theme-choice=dark]")
    page.route("**/shell.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"  # before any module
    page.unroute("**/shell.js")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("[data-theme-choice=dark]").get_attribute("aria-pressed") == "true"
    after = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    assert before != after


@pytest.mark.browser
def test_keys_find_help_and_choose(page: Page, address: str) -> None:
    page.goto(f"{address}/pop.html")
    page.keyboard.press("?")
    assert page.locator("#keys-dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys-dialog").is_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("3?")
    assert page.input_value("[data-search]") == "3?"
    page.locator("article [name=outcome][value='2']").focus()
    page.keyboard.press("3")
    assert page.locator("article [name=outcome][value='3']").is_checked()


@pytest.mark.browser
def test_the_bar_shows_what_the_live_socket_says(page: Page, address: str) -> None:
    page.goto(f"{address}/calls.html")
    assert page.locator("#phone-state").inner_text() == "Free"
    assert page.locator("#links summary").inner_text().split() == ["PBX", "connected", "2/2"]
    page.evaluate(
        """() => {
          const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
          tell('ringbook:phone', { state: 'paused' });
          tell('ringbook:links', { links: [
            { pbx: 'Berlin', status: 'connected', since: '2026-11-22T09:00:00Z', why: null },
            { pbx: '<b>x</b>', status: 'down', since: '2026-11-22T10:00:00Z', why: 'no answer' },
          ] });
        }"""
    )
    assert page.locator("#phone-state").inner_text() == "Paused"
    assert page.locator("#links summary").inner_text().split() == ["PBX", "down", "1/2"]
    page.click("#links summary")
    assert "<b>x</b>" in page.locator("#links .menu-sheet").inner_text()
    assert "no answer" in page.locator("#links .menu-sheet").inner_text()


@pytest.mark.browser
def test_a_clone_of_the_blank_pop_shows_its_own_state_and_texts(page: Page, address: str) -> None:
    page.goto(f"{address}/pop.html")
    page.evaluate(
        """async () => {
          const { fill, showState } = await import('/static/js/states.js');
          const blank = document.getElementById('pop-card').content;
          const card = blank.firstElementChild.cloneNode(true);
          card.id = 'clone';
          showState(card, 'talking');
          showState(card, 'unknown', 'sure');
          const since = '2026-11-22T10:40:00Z';
          fill(card, { name: '<i>Ann</i>', number: '+1', queue: null, since });
          document.getElementById('main').append(card);
        }"""
    )
    seen = page.locator("#clone").inner_text()
    assert "Talking" in seen
    assert "<i>Ann</i>" in seen
    assert "Unknown" in seen
    assert "Ringing" not in seen
    assert "Known" not in seen.split()
    expect(page.locator("#clone .pop-clock time")).to_have_text(re.compile(r"^[0-9]+(:[0-9]{2})+$"))


@pytest.mark.browser
def test_a_dialog_opens_takes_the_focus_and_closes(page: Page, address: str) -> None:
    page.goto(f"{address}/customer.html")
    page.click("[data-opens=delete-dialog]")
    assert page.evaluate("document.activeElement.closest('dialog')?.id") == "delete-dialog"
    page.click("[data-closes]")
    assert not page.locator("#delete-dialog").is_visible()
    assert page.evaluate("document.activeElement.dataset.opens") == "delete-dialog"


@pytest.mark.browser
def test_nothing_moves_for_those_who_ask_for_calm(browser: Browser, address: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}/pop.html")
    moving = page.evaluate(
        """() => [...document.querySelectorAll('*')].filter((e) => {
          const s = getComputedStyle(e);
          return s.animationName !== 'none' || s.transitionDuration !== '0s';
        }).length"""
    )
    context.close()
    assert moving == 0
