"""Whoever reads the audit is warned within a minute of a session that dials what it may not."""

import re
from datetime import UTC, datetime, timedelta

import pytest

import storage.misdials
from storage import audit
from storage.misdials import BARRED, MANY

PAGE = "/administration/misdials"


@pytest.fixture
async def refused(database):
    """Refuses a user so many numbers."""

    async def note(user_id, count: int) -> None:
        async with database.writing() as session:
            for _ in range(count):
                audit.record(session, BARRED, by=user_id, why="closed", kind="premium")

    return note


async def test_many_refusals_of_one_user_are_an_alarm_on_every_page(
    sign_in, refused, database
) -> None:
    adam, ann = await sign_in("administrator"), await sign_in("agent")
    await refused(ann.user.id, MANY)
    warning = await adam.get(PAGE)
    assert ann.user.name in warning
    assert f"was refused {MANY} calls within ten minutes" in warning
    assert f"/administration/users/{ann.user.id}" in warning
    page = await adam.get("/calls")
    asked = re.search(r'id="misdials"[^>]*hx-get="([^"]+)" hx-trigger="load, every 30s"', page)
    assert asked is not None
    assert asked[1] == PAGE
    assert 'id="misdials"' not in await ann.get("/desk")


async def test_a_few_refusals_are_none_nor_are_old_ones(sign_in, refused, database) -> None:
    adam, ann = await sign_in("administrator"), await sign_in("agent")
    await refused(ann.user.id, MANY - 1)
    assert " hidden" in await adam.get(PAGE)
    await refused(ann.user.id, 1)
    assert " hidden" not in await adam.get(PAGE)
    async with database.reading() as session:
        later = datetime.now(UTC) + timedelta(minutes=11)
        assert await storage.misdials.lately(session, now=later) == []
