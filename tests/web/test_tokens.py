"""Contrasts of the tokens in both themes, and what style sheets and templates may not hold."""

import re
from itertools import product

import pytest

from web.render import templates
from web.statics import FOLDER as STATIC

GROUNDS = ("paper", "sheet", "surface", "raised", "sunken", "hover")
SIGNALS = ("ring", "good", "warn", "bad", "wrap")
TEXT_PAIRS = [
    *product(("text", "muted", "accent"), GROUNDS),
    *((f"{signal}-text", f"{signal}-soft") for signal in SIGNALS),
    *((f"{signal}-text", ground) for signal in SIGNALS for ground in ("surface", "sheet")),
    ("accent", "accent-soft"),
    ("text", "highlight"),
    *product(
        ("on-accent",), ("accent-fill", "accent-fill-hover", "bad-button", "bad-button-hover")
    ),
]
SHAPE_PAIRS = [
    *product(("line-strong", "focus"), ("surface", "sheet")),
    *((f"{signal}-fill", "surface") for signal in (*SIGNALS, "quiet", "accent")),
]
# Filled buttons stand out by their text; in the dark theme their edge may be soft.
SHAPE_PAIRS.remove(("accent-fill", "surface"))
THEMES = ("light", "dark")


def tokens() -> dict[str, tuple[str, str]]:
    css = (STATIC / "css" / "tokens.css").read_text()
    found = re.findall(
        r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", css, re.IGNORECASE
    )
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read_on_every_ground(ink: str, ground: str, theme: str) -> None:
    side = THEMES.index(theme)
    assert contrast(tokens()[ink][side], tokens()[ground][side]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_borders_rings_and_focus_can_be_seen(shape: str, ground: str, theme: str) -> None:
    side = THEMES.index(theme)
    assert contrast(tokens()[shape][side], tokens()[ground][side]) >= 3


def test_colours_are_named_in_the_tokens_only() -> None:
    others = [path for path in (STATIC / "css").glob("*.css") if path.name != "tokens.css"]
    assert others
    stray = {
        path.name: found
        for path in others
        if (found := re.findall(r"(?<!%23)(?<=[ (,])#[0-9a-fA-F]{6}\b", path.read_text()))
    }
    assert stray == {}


def test_every_token_that_a_style_uses_exists() -> None:
    sheets = {path: path.read_text() for path in (STATIC / "css").glob("*.css")}
    defined = set(re.findall(r"(--[a-z0-9-]+):", "".join(sheets.values())))
    used = set(re.findall(r"var\((--[a-z0-9-]+)", "".join(sheets.values())))
    assert used - defined == set()


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "icons.svg").read_text()))
    folder = STATIC.parent / "templates"
    text = "".join(path.read_text() for path in folder.rglob("*.html"))
    named = set(re.findall(r'icon\("([a-z-]+)"[,)]', text))
    named |= set(re.findall(r'icon="([a-z-]+)"', text))
    assert named
    assert named - drawn == set()


def test_no_template_carries_a_style_or_a_script_of_its_own() -> None:
    folder = STATIC.parent / "templates"
    stray = [
        path.name
        for path in folder.rglob("*.html")
        if re.search(
            r'<[^>]*\s(style|on[a-z]+)="|<style|<script(?![^>]*\ssrc=)|\|\s*safe\b',
            path.read_text().split("#}", 1)[-1],
        )
    ]
    assert stray == []


def test_a_name_with_markup_stays_text() -> None:
    source = (
        '{% import "macros/badges.html" as b %}{% import "macros/forms.html" as f %}'
        '{{ b.avatar(name) }}{{ f.text("name", name, name, error=name) }}'
    )
    name = "<img src=x onerror=alert(1)> {{ 7*7 }}"
    drawn = templates(()).from_string(source).render(name=name)
    assert "<img" not in drawn
    assert drawn.count("&lt;img src=x onerror=alert(1)&gt; {{ 7*7 }}") == 3


def test_a_wrong_field_names_its_sentence() -> None:
    source = (
        '{% import "macros/forms.html" as f %}{{ f.error_summary({"name": "Enter a name."}) }}'
        '{{ f.text("name", "Name", none, hint="As on letters", error="Enter a name.") }}'
    )
    drawn = templates(()).from_string(source).render()
    assert 'href="#field-name"' in drawn
    assert 'aria-describedby="field-name-hint field-name-error" aria-invalid="true"' in drawn
    assert 'value=""' in drawn
