"""The one file of tokens: every colour stands there, for both themes."""

import re

from web import statics


def test_only_the_tokens_name_colours() -> None:
    raw = re.compile(
        r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb)\(|"
        r"[:\s,(](?:white|black|red|green|blue|orange|gray|grey|silver|navy|yellow)(?=[\s;,)])"
    )
    sheets = sorted((statics.FOLDER / "css").glob("*.css"))
    assert len(sheets) > 8
    found = [
        f"{sheet.name}:{number}: {line.strip()}"
        for sheet in sheets
        if sheet.name != "tokens.css"
        for number, line in enumerate(sheet.read_text().splitlines(), 1)
        if raw.search(re.sub(r"/\*.*?\*/", "", line))
    ]
    assert not found, "\n".join(found)
