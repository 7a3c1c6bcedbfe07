"""Little room for recordings is told to those who can do something, by pages and by readiness."""

import pytest

from recordings.pickup import Pickup
from recordings.sftp.links import CHANGED
from recordings.shelf import Shelf
from recordings.shortages import Floor, Level, Shortage
from recordings.stores import Space
from web.journey.shortages import Shortages
from web.keys import SHELF, SHORTAGES
from web.live.metrics import Metrics


@pytest.fixture
def shortages(app):
    """What lacks room, for the test to say."""
    found: list[Shortage] = []
    app[SHORTAGES] = lambda: tuple(found)
    return found


async def test_supervisors_are_warned_on_every_page_and_agents_are_not(
    shortages, sign_in, stage
) -> None:
    shortages.append(Shortage(None, Level.LOW, 3_100_000_000))
    boss, agent = await sign_in("supervisor"), await sign_in("agent")
    page = await boss.get("/calls")
    assert "The disk on which Ringbook keeps recordings is nearly full." in page
    assert "3.1 GB free." in page
    assert "nearly full" not in await agent.get("/calls")
    shortages[:] = [Shortage(stage.pbx, Level.FULL, 0)]
    assert "new calls are not recorded any more" in await boss.get("/recordings/room")
    shortages[:] = [Shortage(stage.pbx, Level.UNREACHED, None, CHANGED)]
    told = await boss.get("/recordings/room")
    assert CHANGED in told
    assert f"/administration/pbxs/{stage.pbx}/spool" not in told  # a supervisor may not change it
    assert "Make room" not in told
    shortages[:] = [Shortage(None, Level.FULL, None)]
    assert "Ringbook cannot store recordings" in await boss.get("/recordings/room")
    shortages.clear()
    fragment = await boss.get("/recordings/room")
    assert "full" not in fragment
    assert " hidden" in fragment


async def test_readiness_names_the_place_and_stays_ready(shortages, stranger) -> None:
    shortages.append(Shortage(None, Level.FULL, 0))
    response = await stranger.client.get("/readyz")
    assert response.status == 200
    assert (await response.json())["parts"]["room shelf"] == "full"


async def test_a_look_tells_figures_and_keeps_what_it_saw(
    app, database, stage, monkeypatch
) -> None:
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry()
    shelf: Shelf = app[SHELF]
    room = Shortages(shelf, Pickup(database, shelf, {}), Floor(), gauge=Metrics(registry).room)
    for free, figure in ((3_000_000_000, 1), (0, 0), (90_000_000_000, 2)):
        monkeypatch.setattr(shelf, "space", lambda free=free: Space(free, 100_000_000_000))
        await room.look()
        assert registry.get_sample_value("ringbook_recordings_room") == figure
    assert room.now == ()
