"""The rules of retention, made on their page; the dry run says what goes and why."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.calls import Teller, audited

PAGE = "/administration/retention"


async def test_rules_are_made_shown_and_taken_away(sign_in, stage, database) -> None:
    adam = await sign_in("administrator")
    given = {"name": "<b>Sales", "days": "30", "queue": "sales", "outcome": str(stage.outcome)}
    assert (await adam.post(f"{PAGE}/rules", given)).status == 303
    assert (await adam.post(f"{PAGE}/rules", {"name": "All", "consent": "unknown"})).status == 303
    text = await adam.get(PAGE)
    for shown in ("&lt;b&gt;Sales", "30 days", "Sales line", "Order placed", "for ever"):
        assert shown in text
    for odd in ({"name": ""}, {"name": "x", "days": "-1"}, {"name": "x", "days": "soon"},
                {"name": "x", "consent": "maybe"}, {"name": "x", "days": "99999"}):  # fmt: skip
        assert (await adam.post(f"{PAGE}/rules", odd)).status == 422
    rows = await audited(database, "retention.added")
    assert len(rows) == 2
    removal = f"{PAGE}/rules/{rows[0].key}/removals"
    assert (await adam.post(removal)).status == 303
    assert (await adam.post(removal)).status == 404
    assert "&lt;b&gt;Sales" not in await adam.get(PAGE)
    terms = {"wins": "shortest", "refusal": "restrict"}
    assert (await adam.post(f"{PAGE}/terms", terms)).status == 303
    assert (await adam.post(f"{PAGE}/terms", terms | {"wins": "mine"})).status == 422
    assert 'value="shortest" checked' in await adam.get(PAGE)


async def test_the_dry_run_names_what_goes_and_what_is_held(
    sign_in, stage, store, database
) -> None:
    adam = await sign_in("administrator")
    old = datetime.now(UTC) - timedelta(days=40)
    calls = []
    for number in range(2):
        teller = Teller(stage.pbx, old, tag=f"{number}.0")
        calls.append(await store(teller.ended(), stage.context(), sound=b"RIFF" + bytes(90)))
    assert "Nothing is due" in await adam.get(f"{PAGE}/due")
    await adam.post(f"{PAGE}/rules", {"name": "A month", "days": "30"})
    await adam.post(f"/calls/{calls[0].id}/holds", {"reason": "lawsuit"})
    text = await adam.get(f"{PAGE}/due")
    assert text.count("A month") == 2
    assert text.count("Legal hold</span>") == 1
    assert all(f"/calls/{call.id}" in text for call in calls)


@pytest.mark.parametrize("page", ["", "/due", "/holds"])
async def test_only_who_keeps_the_law_sees_them(sign_in, page: str) -> None:
    assert (await (await sign_in("supervisor")).client.get(PAGE + page)).status == 403
