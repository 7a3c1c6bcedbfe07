"""A supervision whose phone is gone is over at once, whoever led or listened when it went."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

import storage.queues
import storage.supervisions
import storage.teams
from pbx_bridge.ids import uuid7
from storage.rules.supervisions import Disclosure, Mode, is_shown
from storage.supervisions import Order, Supervision
from web.journey import Bridge
from web.journey.supervisions import is_told

CHANNEL = "ringbook-listen-9"


def said(event: str, at: float, *more: str) -> bytes:
    """What the PBX says of the supervisor's leg."""
    lines = (
        f"Event: {event}", f"Timestamp: {at:.6f}", "Channel: PJSIP/103-00000009",
        "ChannelState: 6", "CallerIDNum: 103", f"Uniqueid: {CHANNEL}", f"Linkedid: {CHANNEL}",
        *more,
    )  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def supervise(stage, at: datetime) -> UUID:
    """Sue at 103 is in a call since `at`, as far as the base knows."""
    order = Order(
        key="k", pbx_id=stage.pbx_id, channel_id=CHANNEL, user_id=stage.users["103"].id,
        extension="103", call_id=uuid7(at), leg="1.0", agent_id=stage.users["101"].id,
        agent_extension="101", mode=Mode.LISTEN, shown=True,
    )  # fmt: skip
    async with stage.database.writing() as session:
        row, _ = await storage.supervisions.claim(session, order, now=at)
        await storage.supervisions.began(session, row.id, at)
    return row.id


async def ended(stage, key: UUID) -> Supervision:
    """Wait until it is over."""
    async with asyncio.timeout(30):
        while True:
            async with stage.database.reading() as session:
                row = await session.get(Supervision, key)
            if row.ended_at is not None:
                return row
            await asyncio.sleep(0.02)


async def test_after_a_restart_one_that_no_list_names_is_over(stage) -> None:
    at = datetime.now(UTC)
    key = await supervise(stage, at)
    await stage.start()
    row = await ended(stage, key)
    assert (row.end_heard, row.ended_at >= at) == (False, True)
    assert stage.pbx.listed == 1  # it did not wait for another


async def test_one_that_ended_while_nobody_led_has_the_stamp_of_the_pbx(stage, monkeypatch) -> None:
    at, leads = time.time(), list[bool]()
    monkeypatch.setattr(Bridge, "leads", lambda _bridge: bool(leads))
    key = await supervise(stage, datetime.fromtimestamp(at, UTC))
    await stage.start()
    journey = stage.bridge.lines._open[stage.pbx_id].journey
    stage.pbx.say(said("Newchannel", at, "Exten: listen") + said("Hangup", at + 5, "Cause: 16"))
    await stage.eventually(lambda: [call for call in journey.tracker.told() if call.ended_at])
    async with stage.database.reading() as session:
        assert (await session.get(Supervision, key)).ended_at is None
    leads.append(True)
    row = await ended(stage, key)
    assert (row.end_heard, round(row.ended_at.timestamp() - at, 3)) == (True, 5)


async def test_one_whose_leg_is_up_goes_on(stage) -> None:
    key = await supervise(stage, datetime.now(UTC))
    names = ("Channel", "ChannelState", "Uniqueid", "Linkedid")
    lines = [line.split(": ", 1) for line in said("-", 0).decode().split("\r\n") if line]
    row = {name: value for name, value in lines if name in names}
    stage.pbx.channels = [row | {"Duration": "00:00:09"}]
    await stage.start()
    now = stage.bridge.supervisions.now
    await stage.eventually(lambda: [one.id for one in now.of_pbx(stage.pbx_id)] == [key])
    stage.pbx.channels = []
    stage.pbx.cut()  # the phone is hung up meanwhile
    assert (await ended(stage, key)).end_heard is False


@pytest.mark.parametrize(
    ("teams", "queue", "shown"),
    [
        (Disclosure.HIDDEN, Disclosure.SHOWN, True),
        (Disclosure.SHOWN, Disclosure.HIDDEN, False),
        (Disclosure.SHOWN, None, True),
        (Disclosure.HIDDEN, None, False),
    ],
)
async def test_the_queue_of_the_call_is_asked_before_the_teams(stage, teams, queue, shown) -> None:
    agent, now = stage.users["101"].id, datetime.now(UTC)
    async with stage.database.writing() as session:
        team = await storage.teams.create(session, name="Sales", now=now, by=None)
        await storage.teams.change(
            session, team.id, name="Sales", user_ids=[agent], supervision=teams, by=None
        )
        row = await storage.queues.ensure(session, stage.pbx_id, "sales")
        await storage.queues.arrange(
            session, row.id, wrap_up_seconds=0, wrap_up_pauses=False, agents_log_in=False,
            supervision=queue, by=None,
        )  # fmt: skip
    async with stage.database.reading() as session:
        of = {"pbx": stage.pbx_id, "queue": "sales"}
        assert await is_told(session, agent, Mode.LISTEN, **of) is shown
        of = {"pbx": stage.pbx_id, "queue": "other"}
        assert await is_told(session, agent, Mode.LISTEN, **of) is (teams is Disclosure.SHOWN)


@pytest.mark.parametrize(
    ("teams", "queue", "mode", "shown"),
    [
        pytest.param({Disclosure.HIDDEN}, Disclosure.SHOWN, Mode.LISTEN, True, id="shows more"),
        pytest.param({Disclosure.SHOWN}, Disclosure.HIDDEN, Mode.BARGE, False, id="shows less"),
        pytest.param(set(), Disclosure.HIDDEN, Mode.LISTEN, False, id="of whom no team says"),
        pytest.param({Disclosure.SHOWN}, Disclosure.SPEAKING, Mode.LISTEN, False, id="silent"),
        pytest.param({Disclosure.HIDDEN}, Disclosure.SPEAKING, Mode.WHISPER, True, id="speaks"),
        pytest.param({Disclosure.HIDDEN}, None, Mode.LISTEN, False, id="the queue leaves it"),
    ],
)
def test_what_the_queue_says_goes_before_the_teams(teams, queue, mode, shown: bool) -> None:
    assert is_shown(teams, mode, queue) is shown
