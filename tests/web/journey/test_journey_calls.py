"""From a real Asterisk's messages to the agents' screens and the record."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import storage.calls
import storage.outcomes
import storage.queues
from pbx_bridge.call import CallResult, CallState, Direction
from storage.calls import MatchLevel

ABANDONING = "+442071230006"
RINGALL = "ringall_queue_answered_asterisk_22"
ABANDONED = "abandoned_in_queue_asterisk_22"
HUNTING = "hunting_queue_reoffered_asterisk_22"
WITHHELD = "withheld_number_in_queue_asterisk_22"


async def test_only_phones_that_ring_pop_and_the_loser_loses_its_card(stage):
    await stage.start()
    winner, loser, other = [await stage.screen(e) for e in ("101", "102", "103")]

    stage.pbx.say_act(RINGALL, 0)
    card = await winner.hear("pop.opened")
    rival = await loser.hear("pop.opened")
    assert card["state"] == rival["state"] == "ringing"
    assert card["call"] == rival["call"]
    assert card["id"] != rival["id"]
    assert card["name"] == "Иванов С.В."  # noqa: RUF001 - Cyrillic, as it came from the PBX
    assert card["number"]["written"] == "89161234567"
    assert card["queue"] == "sales"
    assert card["place"] == {"position": 1, "waiting": 1}
    assert card["waiting_since"] < card["queued_at"] < card["offered_at"]

    stage.pbx.say_act(RINGALL, 1)
    gone = await loser.hear("pop.closed")
    assert (gone["id"], gone["why"]) == (rival["id"], "elsewhere")
    talking = await winner.until(
        lambda s: [c for c in s.of("pop.changed") if c["state"] == "answered"]
    )
    assert talking[0]["answered_at"]

    stage.pbx.say_act(RINGALL, 2)
    await winner.until(lambda s: [c for c in s.of("pop.changed") if c["state"] == "wrap_up"])
    assert not winner.of("pop.closed")
    assert not other.of("pop.opened")


async def test_one_call_is_one_record_with_its_recording_asked_for_after_the_commit(stage):
    await stage.start()
    stage.pbx.say_act(RINGALL)
    [call] = await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    assert call.result is CallResult.ANSWERED
    assert call.direction is Direction.INBOUND
    assert call.user_id == stage.users["101"].id
    await stage.eventually(lambda: stage.pickup.expected)
    assert stage.pickup.expected[-1].id == call.id
    async with stage.database.reading() as session:
        assert [q.name for q in await storage.queues.listed(session)] == ["sales"]
        story = await storage.calls.get(session, call.id)
    assert {offer.end.value for offer in story.offers} == {"answered", "elsewhere"}
    assert len(story.recordings) == 1


async def test_the_card_shows_the_customer_with_history_notes_and_promises(stage):
    zoe = await stage.add_customer("Zoë O'Brien", ABANDONING)
    await stage.start()
    stage.pbx.say_act(ABANDONED)
    [first] = await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    assert (first.customer_id, first.match) == (zoe, MatchLevel.KNOWN)
    async with stage.database.writing() as session:
        await storage.outcomes.create(session, "Sold", now=datetime.now(UTC), by=None)

    agent = await stage.screen("101")
    again = stage.pbx.later(ABANDONED, seconds=60)
    stage.pbx.say(again[0])
    card = await agent.card()
    assert card["customer"]["name"] == "Zoë O'Brien"
    assert card["match"] == {"level": "known", "why": "The number is Zoë O'Brien's alone."}
    assert [i["call"] for i in card["interactions"]] == [str(first.id)]
    assert [o["name"] for o in card["outcomes"]] == ["Sold"]
    assert card["is_complete"]


async def test_a_caller_who_gives_up_takes_the_cards_away_and_is_recorded(stage):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(ABANDONED, 0)
    await agent.hear("pop.opened")
    stage.pbx.say_act(ABANDONED, 1)
    closed = await agent.hear("pop.closed")
    assert closed["why"] == "cancelled"
    assert closed["number"]["e164"] == ABANDONING
    [call] = await stage.stored(lambda calls: calls and calls[0].state is CallState.ENDED)
    assert call.result is CallResult.ABANDONED


async def test_a_queue_that_hunts_offers_again_and_a_phone_that_rang_out_missed_it(stage):
    await stage.start()
    agent = await stage.screen("103")
    stage.pbx.say_act(HUNTING, 0)
    first = await agent.hear("pop.opened")
    stage.pbx.say_act(HUNTING, 1, 2, 3)
    missed = await agent.hear("pop.closed")
    assert (missed["id"], missed["why"]) == (first["id"], "missed")
    stage.pbx.say_act(HUNTING, 4, 5)
    second = await agent.hear("pop.opened", 2)
    assert second["call"] == first["call"]
    assert second["id"] != first["id"]


async def test_a_withheld_number_is_nobody(stage):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(WITHHELD, 0)
    card = await agent.card()
    assert card["match"]["level"] == "withheld"
    assert card["customer"] is None
    assert card["candidates"] == []


async def test_two_who_share_a_number_are_candidates(stage):
    await stage.add_customer("Ann", ABANDONING)
    await stage.add_customer("Bob", ABANDONING)
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(ABANDONED, 0)
    card = await agent.card()
    assert card["match"]["level"] == "likely"
    assert {c["name"] for c in card["candidates"]} == {"Ann", "Bob"}
    assert card["customer"] is None


@pytest.mark.parametrize(
    ("stream", "dialled"),
    [
        pytest.param("outgoing_answered_asterisk_22", "+442071230008", id="answered"),
        pytest.param("outgoing_busy_asterisk_22", "+442071230009", id="busy"),
    ],
)
async def test_an_outgoing_call_has_a_card_that_ends_in_wrap_up(stage, stream, dialled):
    await stage.add_customer("Far End", dialled)
    await stage.start()
    agent = await stage.screen("131")
    stage.pbx.say_act(stream)
    [card] = await agent.until(
        lambda s: [c for c in s.view.pops.values() if c["state"] == "wrap_up" and c["customer"]]
    )
    assert (card["outgoing"], card["direction"]) == (True, "outbound")
    assert card["number"]["e164"] == dialled
    assert card["customer"]["name"] == "Far End"


async def test_a_call_between_colleagues_pops_only_where_it_rings_and_needs_no_wrap_up(stage):
    await stage.start()
    caller, called = await stage.screen("131"), await stage.screen("132")
    stage.pbx.say_act("internal_answered_asterisk_22", 0)
    card = await called.card()
    assert card["match"]["level"] == "internal"
    stage.pbx.say_act("internal_answered_asterisk_22", 1, 2)
    closed = await called.hear("pop.closed")
    assert closed["why"] == "ended"
    assert not caller.of("pop.opened")


async def test_two_phones_of_one_agent_are_one_card_that_stays_while_one_rings(stage):
    await stage.start()
    await stage.move("102", to="101")
    agent = await stage.screen("101")
    stage.pbx.say_act(RINGALL, 0)
    await agent.hear("pop.opened")
    stage.pbx.say_act(RINGALL, 1)
    await agent.until(lambda s: [c for c in s.of("pop.changed") if c["state"] == "answered"])
    stage.pbx.say_act(RINGALL, 2)
    await agent.until(lambda s: [c for c in s.of("pop.changed") if c["state"] == "wrap_up"])
    assert len(agent.of("pop.opened")) == 1
    assert not agent.of("pop.closed")


async def test_the_agent_hears_what_their_phone_does(stage):
    await stage.start()
    agent = await stage.screen("101")
    await agent.until(lambda s: [p["state"] for p in s.view.phones.values()] == ["idle"])
    stage.pbx.say_act(RINGALL)
    await agent.until(
        lambda s: [p["state"] for p in s.of("phone.changed")][-3:] == ["ringing", "talking", "idle"]
    )
    assert {p["extension"] for p in agent.of("phone.changed")} == {"101"}
    stage.pbx.cut()
    await agent.until(lambda s: [p["state"] for p in s.view.phones.values()] == ["unknown"])


async def test_pops_are_measured_from_the_pbx_to_the_frame_and_to_the_painted_card(stage):
    await stage.start()
    agent = await stage.screen("101")
    stage.pbx.say_act(RINGALL, 0)
    card = await agent.hear("pop.opened")
    report = {"v": 1, "type": "shown", "data": {"pop": card["id"], "seconds": 0.5}}
    await agent.socket.send(json.dumps(report))
    strange = {"v": 1, "type": "shown", "data": {"pop": "no id", "seconds": 9}}
    await agent.socket.send(json.dumps(strange))
    metrics = stage.bridge.metrics
    await stage.eventually(lambda: sample(metrics.pop_shown, "_count") == 1)
    assert 0.5 <= sample(metrics.pop_shown, "_sum") < 5
    assert sample(metrics.pop_sent, "_count") == 1
    assert sample(metrics.pop_sent, "_sum") < 5
    assert sample(metrics.events, "_total") > 10
    assert sample(metrics.screens, "") == 1
    assert sample(metrics.link_up, "") == 1


def sample(metric: Any, ending: str) -> float:
    """The value of the metric's sample with this ending."""
    [family] = metric.collect()
    return sum(s.value for s in family.samples if s.name == family.name + ending)


async def test_a_message_that_breaks_the_journey_costs_only_itself(stage, monkeypatch):
    await stage.start()
    agent = await stage.screen("101")
    journey = next(iter(stage.bridge.lines._open.values())).journey
    hear, poison = journey._hear, []

    def fail_once(heard: object) -> None:
        if not poison:
            poison.append(heard)
            raise RuntimeError("poisoned")
        hear(heard)

    monkeypatch.setattr(journey, "_hear", fail_once)
    stage.pbx.say(b"Event: Newchannel\r\nChannel: odd\r\n\r\n")
    stage.pbx.say_act(RINGALL, 0)
    await agent.hear("pop.opened")
    assert poison
