"""Queues, outcomes, company and audit, on the pages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

import storage.audit
import storage.outcomes
import storage.pause_reasons
import storage.queues
import storage.settings
from pbx_bridge.ids import uuid7
from storage.audit import AuditEntry
from storage.database import Database


@pytest.fixture
async def admin(sign_in):
    return await sign_in("administrator", login="root")


async def test_a_queue_is_called_as_people_do(admin, pbx, database) -> None:
    async with database.writing() as session:
        queue = await storage.queues.ensure(session, pbx, "600")
    path = f"/administration/queues/{queue.id}"
    assert (await admin.post(path, {"label": "Help <desk>"})).status == 303
    page = await admin.get("/administration/queues")
    assert "Help &lt;desk&gt;" in page
    response = await admin.post(path, {"label": "x" * 81})
    assert response.status == 422
    assert "At most 80 characters." in await response.text()


async def test_a_queue_says_how_its_agents_wrap_up_and_log_in(admin, pbx, database, pops) -> None:
    async with database.writing() as session:
        queue = await storage.queues.ensure(session, pbx, "600")
    path = f"/administration/queues/{queue.id}"
    form = {"label": "", "wrap_up_seconds": "45", "wrap_up_pauses": "1", "agents_log_in": "1"}
    assert (await admin.post(path, form)).status == 303
    assert ("phones_changed", ()) in pops.told
    async with database.reading() as session:
        kept = await storage.queues.get(session, queue.id)
    assert (kept.wrap_up_seconds, kept.wrap_up_pauses, kept.agents_log_in) == (45, True, True)
    assert 'value="45"' in await admin.get("/administration/queues")
    response = await admin.post(path, {"wrap_up_seconds": "3601"})
    assert response.status == 422
    assert "At most 3600." in await response.text()
    assert (await admin.post(path, {"wrap_up_seconds": ""})).status == 303
    async with database.reading() as session:
        assert (await storage.queues.get(session, queue.id)).wrap_up_seconds == 0


async def test_a_queue_says_whether_its_agents_see_who_listens_in(admin, pbx, database) -> None:
    async with database.writing() as session:
        queue = await storage.queues.ensure(session, pbx, "600")
    path = f"/administration/queues/{queue.id}"
    for sent, kept in (("hidden", "hidden"), ("", None), ("speaking", "speaking")):
        assert (await admin.post(path, {"supervision": sent})).status == 303
        async with database.reading() as session:
            assert (await storage.queues.get(session, queue.id)).supervision == kept
    page = await admin.get("/administration/queues")
    assert '<option value="speaking" selected>' in page
    assert (await admin.post(path, {"supervision": "whatever"})).status == 422


async def test_pause_reasons_are_added_moved_renamed_and_closed(admin, database) -> None:
    place = "/administration/pause-reasons"
    for name in ("Lunch", "Tea"):
        assert (await admin.post(place, {"name": name})).status == 303
    for wrong in ("lunch", "Auto-Pause", "a;b", "<b>", ""):
        assert (await admin.post(place, {"name": wrong})).status == 422, wrong
    async with database.reading() as session:
        lunch, _tea = await storage.pause_reasons.listed(session)
    path = f"{place}/{lunch.id}"
    assert (await admin.post(f"{path}/moves", {"to": "down"})).status == 303
    assert (await admin.post(path, {"name": "Midday"})).status == 303
    assert (await admin.post(path, {"name": "tea", "active": "1"})).status == 422
    assert (await admin.post(f"{path}/moves", {"to": "away"})).status == 422
    async with database.reading() as session:
        rows = await storage.pause_reasons.listed(session, closed=True)
    assert [(row.name, row.active) for row in rows] == [("Tea", True), ("Midday", False)]
    assert "Midday" in await admin.get(place)


async def outcomes(database: Database) -> list[tuple[str, bool]]:
    async with database.reading() as session:
        rows = await storage.outcomes.listed(session, closed=True)
    return [(row.name, row.active) for row in rows]


async def test_outcomes_are_added_moved_renamed_and_closed(admin, database) -> None:
    for name in ("Sold", "Later"):
        assert (await admin.post("/administration/outcomes", {"name": name})).status == 303
    assert (await admin.post("/administration/outcomes", {"name": "sold"})).status == 422
    async with database.reading() as session:
        sold, _later = await storage.outcomes.listed(session)
    path = f"/administration/outcomes/{sold.id}"
    assert (await admin.post(f"{path}/moves", {"to": "down"})).status == 303
    assert (await admin.post(path, {"name": "Sold out"})).status == 303
    assert await outcomes(database) == [("Later", True), ("Sold out", False)]
    for wrong in ({"name": "later", "active": "1"}, {"name": ""}):
        assert (await admin.post(path, wrong)).status == 422
    assert (await admin.post(f"{path}/moves", {"to": "away"})).status == 422
    assert await outcomes(database) == [("Later", True), ("Sold out", False)]


async def test_every_page_shows_times_in_the_zone_of_the_company(admin, database) -> None:
    at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    async with database.writing() as session:
        session.add(
            AuditEntry(id=uuid7(at), at=at, user_id=None, action="x.y", noun="x", details={})
        )
    assert "09:30" in await admin.get("/administration/audit?action=x")
    form = {"company_name": "Acme", "time_zone": "Asia/Kolkata"}
    assert (await admin.post("/administration/company", form)).status == 303
    assert "15:00" in await admin.get("/administration/audit?action=x")
    page = await admin.get("/administration/company")
    assert 'value="Acme"' in page
    assert 'value="Asia/Kolkata" selected' in page


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime"])
async def test_a_zone_that_is_none_is_refused(admin, database, zone: str) -> None:
    assert (await admin.post("/administration/company", {"time_zone": zone})).status == 422
    async with database.reading() as session:
        assert await storage.settings.time_zone(session) == "UTC"


@pytest.fixture
async def past(admin, database) -> datetime:
    """An act a day on ten days, by turns of the administrator and of Ringbook itself."""
    berlin = ZoneInfo("Europe/Berlin")
    async with database.writing() as session:
        await storage.settings.put(session, "time_zone", {"name": "Europe/Berlin"}, by=None)
        for day in range(1, 11):
            at = datetime(2026, 3, day, 0, 30, tzinfo=berlin)
            by = admin.user.id if day % 2 else None
            action = "pbx.changed" if day < 6 else "user.changed"
            session.add(
                AuditEntry(
                    id=uuid7(at), at=at, user_id=by, action=action,
                    noun=action[:action.index(".")], details={"day": day},
                )
            )  # fmt: skip
    return datetime(2026, 3, 1, tzinfo=berlin)


def days(page: str) -> list[int]:
    return [day for day in range(1, 11) if f"day: {day}<" in page.replace(" ·", "<")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("since=2026-03-03&until=2026-03-04", [3, 4]),
        ("action=pbx&until=2026-03-31", [1, 2, 3, 4, 5]),
        ("action=user.changed&until=2026-03-31", [6, 7, 8, 9, 10]),
        ("action=nothing", []),
        ("since=yesterday&until=9999-12-31&action=pbx&user=x", [1, 2, 3, 4, 5]),
    ],
)
async def test_the_audit_is_searched_by_day_and_act(
    admin, past, query: str, found: list[int]
) -> None:
    assert days(await admin.get(f"/administration/audit?{query}")) == found


async def test_the_audit_is_searched_by_person(admin, past) -> None:
    page = await admin.get(f"/administration/audit?user={admin.user.id}&until=2026-03-31")
    assert days(page) == [1, 3, 5, 7, 9]


async def test_the_audit_turns_its_pages(admin, database) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    async with database.writing() as session:
        for n in range(120):
            session.add(
                AuditEntry(
                    id=uuid7(at), at=at, user_id=None, action="x.y", noun="x", details={"n": n}
                )
            )
    seen: list[str] = []
    address = "/administration/audit?action=x.y"
    for _ in range(3):
        page = await admin.get(address)
        seen += [f"n: {n}" for n in range(120) if f">n: {n}<" in page]
        older = page.partition('rel="prev"')[2] or page
        link = older.rpartition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        address = link.replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 120
    assert 'rel="next"' not in page


async def test_a_queue_gets_outcomes_of_its_own_and_the_cards_are_told(
    admin, pbx, database, pops
) -> None:
    async with database.writing() as session:
        queue = await storage.queues.ensure(session, pbx, "600")
        now = datetime.now(UTC)
        keys = [
            (await storage.outcomes.create(session, name, now=now, by=None)).id
            for name in ("Sold", "Later", "<b>")
        ]
    path = f"/administration/queues/{queue.id}/outcomes"
    response = await admin.post(path, {"outcomes": [str(keys[0]), str(keys[2])]})
    assert response.status == 303
    assert pops.told == [("phones_changed", ())]
    async with database.reading() as session:
        chosen = (await storage.outcomes.chosen(session))[queue.id]
    assert (chosen.outcomes, chosen.required) == ({keys[0], keys[2]}, False)
    page = await admin.get("/administration/outcomes")
    assert "&lt;b&gt;" in page
    for key in keys:
        ticked = f'name="outcomes" value="{key}" checked' in page
        assert ticked is (key in chosen.outcomes)
    assert (await admin.post(path, {"outcomes": "no key"})).status == 422
    assert (await admin.post(path.replace("/queues/", "/queues/x"), {})).status == 404
