"""In which language a page, a refusal and a card speak, and how they write numbers and dates."""

import inspect
from datetime import UTC, datetime

import pytest

from pbx_bridge.ami import troubles
from storage.errors import Conflict, NotFound, NotLeader, Refused
from web import filters, i18n
from web.journey.books import recovery
from web.render import templates

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
RUSSIAN = "2 нояб. 2026\N{NARROW NO-BREAK SPACE}г."  # noqa: RUF001 - Cyrillic
AT = datetime(2026, 11, 2, 13, 5, 7, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english_again():
    yield
    i18n.use("en")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH", "de"),
        ("fr,DE;q=0.4", "de"),
        ("en;q=0.3, de;q=0.8", "de"),
        ("de;q=0, en", "en"),
        ("*", "en"),
        ("fr, it;q=x, ;;;,", "en"),
        ("en,de", "en"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8", "ru"),
    ],
)
def test_the_browsers_best_liked_language_of_ours_is_taken(accepted: str, language: str) -> None:
    assert i18n.preferred(accepted) == language


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 1, "1 call on this page"),
        ("en", 1000, "1,000 calls on this page"),
        ("de", 1, "1 Anruf auf dieser Seite"),
        ("de", 1000, "1.000 Anrufe auf dieser Seite"),
        ("ru", 1, "1 звонок на этой странице"),
        ("ru", 3, "3 звонка на этой странице"),
        ("ru", 11, "11 звонков на этой странице"),
        ("ru", 21, "21 звонок на этой странице"),
        ("ru", 1000, "1\N{NO-BREAK SPACE}000 звонков на этой странице"),
    ],
)
def test_a_number_of_things_has_its_form(language: str, number: int, said: str) -> None:
    text = '{{ ngettext("%(num)s call on this page", "%(num)s calls on this page", n) }}'
    with i18n.speaking(language):
        assert templates(()).from_string(text).render(n=number) == said


async def test_who_is_not_logged_in_is_spoken_to_as_the_browser_asks(stranger) -> None:
    page = await stranger.get("/login", headers=GERMAN)
    assert '<html lang="de"' in page
    assert "<title>Anmelden · Ringbook</title>" in page
    assert '<html lang="en"' in await stranger.get("/login")


async def test_the_language_of_the_profile_goes_before_the_browsers(sign_in, pops) -> None:
    browser = await sign_in("agent", language="en")
    assert '<html lang="en"' in await browser.get("/profile", headers=GERMAN)
    answer = await browser.post("/profile", {"name": "Kim", "language": "de"})
    assert answer.status == 303
    page = await browser.get("/profile")
    assert '<html lang="de"' in page
    assert "Gespeichert." in page, "also the sentence that answers the choice"
    assert ("phones_changed", ()) in pops.told, "the cards must change their language too"


async def test_a_refusal_of_the_base_is_said_in_the_readers_language(sign_in) -> None:
    browser = await sign_in("administrator", language="de")
    form = {"name": "Nord"}
    await browser.post("/administration/teams", form)
    page = await (await browser.post("/administration/teams", form)).text()
    assert "Ein Team dieses Namens gibt es schon." in page
    page = await (await browser.client.get("/customers/7")).text()
    assert '<html lang="de"' in page


def test_an_error_fills_its_sentence_in_the_language_of_the_request() -> None:
    error = Refused("Line {line} has more than {most} columns.", line=1234, most=200)
    assert str(error) == "Line 1234 has more than 200 columns."
    i18n.use("de")
    assert i18n.told(error) == "Zeile 1.234 hat mehr als 200 Spalten."
    assert i18n.told(Conflict("{braces} of a person stay")) == "{braces} of a person stay"
    assert i18n.told(NotFound("user", 7)).startswith("Hier ist nichts")
    assert i18n.told(NotLeader()).startswith("Ein anderer Knoten")


@pytest.mark.parametrize(
    ("language", "time", "day", "number"),
    [
        ("en", "2 Nov 2026, 14:05", "2 Nov 2026", "12,345.6"),
        ("de", "02.11.2026, 14:05", "02.11.2026", "12.345,6"),
        ("ru", f"{RUSSIAN}, 14:05", RUSSIAN, "12\N{NO-BREAK SPACE}345,6"),
    ],
)
def test_times_and_numbers_are_written_as_the_language_does(
    language: str, time: str, day: str, number: str
) -> None:
    filters.use_zone("Europe/Berlin")
    i18n.use(language)
    assert filters.local_time(AT) == time
    assert filters.local_date(AT) == day
    assert filters.clock(AT) == "14:05:07"
    assert filters.number(12345.6) == number
    assert filters.number(filters.NOTHING) == filters.NOTHING
    filters.use_zone("UTC")


def test_inside_another_language_is_spoken_and_outside_the_own_again() -> None:
    with i18n.speaking("de"):
        assert i18n.gettext("Saved.") == "Gespeichert."
        with i18n.speaking("xx"):
            assert i18n.gettext("Saved.") == "Saved."
        assert i18n.language() == "de"
    assert i18n.gettext("Saved.") == "Saved."


@pytest.mark.parametrize(
    "trouble",
    [
        troubles.LOST,
        troubles.mute(8),
        troubles.deaf(3),
        *(troubles.slow(s, host="pbx", port=5038, seconds=5) for s in ("connect", "greeting", "x")),
        troubles.not_asterisk(b"SSH-2.0"),
        *(troubles.too_big(what, 65_536) for what in ("line", "message", "headers")),
        troubles.of_refusal("Authentication failed", username="ringbook"),
        troubles.of_refusal("Username already in use", username="ringbook"),
        troubles.of_error(ConnectionRefusedError(), host="pbx", port=5038),
        troubles.of_error(TimeoutError(), host="pbx", port=5038),
        troubles.of_ca_file("/etc/ca.pem"),
    ],
    ids=lambda trouble: trouble.name,
)
def test_why_a_link_was_down_is_kept_once_and_said_in_every_language(trouble) -> None:
    assert filters.retold(trouble.why) == trouble.why
    said = {trouble.why}
    for language in i18n.LANGUAGES[1:]:
        with i18n.speaking(language):
            said.add(filters.retold(trouble.why))
    assert len(said) == len(i18n.LANGUAGES)
    assert filters.retold("What nobody wrote.") == "What nobody wrote."
    assert not filters.retold(None)


def test_the_cause_of_a_gap_is_one_that_can_be_said_again() -> None:
    source = inspect.getsource(recovery)
    assert recovery.AWAY in filters.CAUSES
    assert all(cause in source for cause in filters.CAUSES)
