"""Transfers, pickups, parking, Local channels and their like, as real Asterisks played them."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lab import books, oracle
from lab.tellings import TELLINGS, tell
from pbx_bridge.call import Call, SegmentKind
from pbx_bridge.changes import OfferAnswered

STREAMS = Path(__file__).parents[2] / "streams"
BOOKED = sorted(path.stem.partition(".")[0] for path in STREAMS.glob("*.cel.csv"))
HARD = [name for name in BOOKED if name.rpartition("_asterisk_")[0] in TELLINGS]
# Phones of the cast, in its order, where they are not 131, 132 and so on.
CASTS = {
    "attended_by_manager": ("103", "104", "131"),
    "autopaused": ("210", "211"),
    "blind_into_a_queue": ("131", "101", "102"),
    "blind_twice": ("103", "104", "131", "132"),
    "local_members": ("200", "201"),
    "local_members_optimised": ("202", "203"),
    "picked_up_by_the_group": ("240", "241"),
    "picked_up_from_a_queue": ("101", "102", "131"),
    "queue_emptied": ("206", "207"),
    "queue_left_by_key": ("208", "209"),
    "two_phones_each": ("204", "205"),
    "two_queues": ("212", "213", "214", "215"),
    "withdrawn_from_queue": ("103", "104"),
}


def ended_calls(stage: Any) -> list[Call]:
    ids = dict.fromkeys(stage.tracker.call(change.call.id).id for change in stage.ends)
    return [stage.tracker.call(call) for call in ids]


def books_of(name: str) -> oracle.Books:
    stream = STREAMS / name
    return oracle.Books(
        cel=books.cel_rows(stream.with_suffix(".cel.csv")),
        cdr=books.cdr_rows(stream.with_suffix(".cdr.csv")),
        queue_log=books.queue_log_rows(stream.with_suffix(".queue_log")),
    )


@pytest.mark.parametrize("name", HARD)
def test_a_hard_call_is_told_as_it_took_place(name: str, played: Any) -> None:
    story = name.rpartition("_asterisk_")[0]
    agents = CASTS.get(story, ("131", "132"))
    assert [tell(call, agents) for call in ended_calls(played(name))] == TELLINGS[story]


@pytest.mark.parametrize("name", BOOKED)
def test_a_captured_call_agrees_with_the_pbx_s_books(name: str, played: Any) -> None:
    assert oracle.differences(ended_calls(played(name)), books_of(name)) == []


@pytest.mark.parametrize("name", HARD)
def test_the_customer_stays_the_customer(name: str, played: Any) -> None:
    stage = played(name)
    first = books_of(name).cel[0]
    call = ended_calls(stage)[0]
    assert call.number.startswith("+4420712301")
    if call.direction == "inbound":
        assert (call.number, call.name) == (first["cid_num"], first["cid_name"])


@pytest.mark.parametrize("name", [name for name in HARD if name.startswith("blind_")])
def test_who_gets_a_transferred_call_sees_the_customer_s_number(name: str, played: Any) -> None:
    stage = played(name)
    assert {change.call.number for change in stage.of(OfferAnswered)} == {stage.call.number}


@pytest.mark.parametrize("name", [name for name in HARD if name.startswith("blonde_")])
def test_a_customer_who_was_given_away_too_early_hears_it_ring(name: str, played: Any) -> None:
    call = played(name).call
    customer = call.legs[0].id
    own = [s for s in call.segments if customer in {party.leg for party in s.parties}]
    rings = [s for s in own if s.kind is SegmentKind.RING][1:]
    assert len(rings) == 1
    assert (rings[0].ended_at - rings[0].started_at).total_seconds() > 0.5
    for one, following in pairwise(s for s in own if s.kind is not SegmentKind.HOLD):
        assert one.ended_at <= following.started_at


def test_every_difference_that_is_allowed_does_occur(played: Any, monkeypatch: Any) -> None:
    (connected,) = [
        row
        for row in books_of("picked_up_from_a_queue_asterisk_22").queue_log
        if row["event"] == "CONNECT"
    ]
    assert connected["agent"] == "Agent 101"
    monkeypatch.setattr(oracle, "NEAR", 0.0)
    story = "blind_by_keys_asterisk_22"
    assert oracle.differences(ended_calls(played(story)), books_of(story)) != []
    assert set(oracle.ALLOWED) == {"picked up", "near"}


def test_the_oracle_notices_what_is_told_wrong(played: Any) -> None:
    story = "blind_twice_asterisk_22"
    (call,) = ended_calls(played(story))
    first, *others = call.segments
    for wrong, noticed in (
        (replace(call, legs=call.legs[:-1], segments=()), "is told 0 times"),
        (replace(call, segments=(first, *others[:-1])), "CEL says"),
        (
            replace(call, segments=(replace(first, exit_reason="timeout"), *others)),
            "left its queue",
        ),
        (replace(call, offers=()), "connected 0 members"),
    ):
        said = oracle.differences([wrong], books_of(story))
        assert any(noticed in difference for difference in said), said
    twice = oracle.differences([call, call], books_of(story))
    assert any("explained by 2 calls" in difference for difference in twice)
