"""The administrator says who may dial what."""

import pytest

import storage.dial_rules
from storage.rules.dialling import DEFAULTS, DialCaps, DialRule, NumberKind
from storage.rules.permissions import RoleName

PAGE = "/administration/dialling"


async def test_a_role_is_given_other_rules(sign_in, database) -> None:
    adam = await sign_in("administrator")
    given = {"kinds": ["internal", "international"], "per_minute": "3", "at_once": "1"}
    response = await adam.post(f"{PAGE}/supervisor", given)
    assert (response.status, response.headers["Location"]) == (303, PAGE)
    async with database.reading() as session:
        rules = await storage.dial_rules.of_all(session)
    wanted = DialRule(
        kinds=frozenset({NumberKind.INTERNAL, NumberKind.INTERNATIONAL}), per_minute=3, at_once=1
    )
    assert rules == {**DEFAULTS, RoleName.SUPERVISOR: wanted}
    text = await adam.get(PAGE)
    assert 'id="supervisor-international"' in text
    assert text.count("checked") == 2 + 2 + 2


async def test_the_caps_of_all_are_set(sign_in, database) -> None:
    adam = await sign_in("administrator")
    await adam.post(f"{PAGE}/all", {"per_minute": "7", "at_once": "0"})
    async with database.reading() as session:
        assert await storage.dial_rules.caps(session) == DialCaps(per_minute=7, at_once=0)


@pytest.mark.parametrize(
    ("whose", "given", "sentence"),
    [
        ("agent", {"per_minute": "many", "at_once": "1"}, "whole number"),
        ("agent", {"per_minute": "1", "at_once": "-1"}, "At least 0"),
        ("all", {"per_minute": "5000", "at_once": "1"}, "At most 1000"),
    ],
)
async def test_a_wrong_figure_is_told_and_nothing_is_stored(
    sign_in, database, whose: str, given: dict[str, str], sentence: str
) -> None:
    adam = await sign_in("administrator")
    response = await adam.post(f"{PAGE}/{whose}", given)
    assert response.status == 422
    assert sentence in await response.text()
    async with database.reading() as session:
        assert await storage.dial_rules.of_all(session) == DEFAULTS
        assert await storage.dial_rules.caps(session) == DialCaps()


async def test_the_hours_of_all_are_set(sign_in, database) -> None:
    adam = await sign_in("administrator")
    given = {"per_minute": "7", "at_once": "2", "from_hour": "22", "to_hour": "6"}
    await adam.post(f"{PAGE}/all", given)
    async with database.reading() as session:
        caps = await storage.dial_rules.caps(session)
    assert caps == DialCaps(per_minute=7, at_once=2, from_hour=22, to_hour=6)
    response = await adam.post(f"{PAGE}/all", given | {"from_hour": "24"})
    assert response.status == 422
    assert "At most 23" in await response.text()


async def test_a_role_that_is_not_there_is_not_found(sign_in) -> None:
    adam = await sign_in("administrator")
    assert (await adam.post(f"{PAGE}/nobody", {"per_minute": "1", "at_once": "1"})).status == 404
