"""What a PBX grants to our account, changed while a test runs."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lab.pbx import Pbx


@asynccontextmanager
async def told(pbx: Pbx, file: str, *changes: tuple[str, str]) -> AsyncIterator[None]:
    """Have the PBX live by other lines in one of its files while the block runs."""
    path = pbx.home / "etc" / file
    before = after = path.read_text()
    for pattern, line in changes:
        after, count = re.subn(pattern, line, after, flags=re.MULTILINE)
        assert count, pattern
    path.write_text(after)
    await pbx.cli("manager reload")
    try:
        yield
    finally:
        path.write_text(before)
        await pbx.cli("manager reload")
