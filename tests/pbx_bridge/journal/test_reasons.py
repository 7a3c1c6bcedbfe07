"""Why a call is what it is: every part names the message that made it so."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_bridge import events
from pbx_bridge.ami.message import Message
from pbx_bridge.call import Call, CallResult, OfferEnd, SegmentKind
from pbx_bridge.journal import Entry, Explanation, Kind, Retelling, explain, retell
from pbx_bridge.journal.effects import About
from pbx_bridge.tracker import tracker

PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)} | {"SIP/101-desk": "101"}
STREAMS = {p.stem: p for p in sorted((Path(__file__).parents[2] / "streams").glob("*.ami"))}
BEGINS = b"Event: Newchannel"


def entries_of(name: str) -> list[Entry]:
    raws = [raw for raw in STREAMS[name].read_bytes().split(b"\r\n\r\n") if b"\r\nTimestamp" in raw]
    return [
        Entry(n, Message(raw, 0.0).at.timestamp(), Kind.MESSAGE, raw)
        for n, raw in enumerate(raws, 1)
    ]


def told(entries: Iterable[Entry]) -> list[Call]:
    return [one.call for one in retell(entries, Retelling(PBX, phones=PHONES))]


def ids_of(call: Call) -> set[str]:
    return {leg.uniqueid for leg in call.legs}


def why(name: str) -> Explanation:
    """The explanation of the stream's first call."""
    entries = entries_of(name)
    return explain(PBX, entries, ids_of(told(entries)[0]), phones=PHONES)


def same(one: Call | None, two: Call) -> bool:
    return one is not None and replace(one, revision=0) == replace(two, revision=0)


@pytest.mark.parametrize("name", STREAMS)
def test_explaining_tells_the_same_calls_and_the_steps_alone_suffice(name: str) -> None:
    entries = entries_of(name)
    for call in told(entries):
        found = explain(PBX, entries, ids_of(call), phones=PHONES)
        assert found.call == call
        alone = explain(PBX, [s.entry for s in found.steps], ids_of(call), phones=PHONES)
        assert same(alone.call, call)


@pytest.mark.parametrize("name", STREAMS)
def test_every_part_of_a_call_has_its_step(name: str) -> None:
    entries = entries_of(name)
    for call in told(entries):
        found = explain(PBX, entries, ids_of(call), phones=PHONES)
        for offer in call.offers:
            assert found.step_of(About.OFFER, offer.id), offer
        for leg in call.legs:
            assert found.step_of(About.LEG, leg.id), leg
        for segment in call.segments:
            assert found.step_of(About.SEGMENT, segment.id), segment
        for gone in call.aliases:
            assert found.step_of(About.JOIN, gone), gone
        assert found.step_of(About.RESULT)
        assert len(found.steps) + len(found.idle) == len(entries) or len(told(entries)) > 1
        sentences = [str(x) for s in found.steps for x in (s.cause, *(e.what for e in s.effects))]
        assert all(sentences)
        assert not any("{" in sentence for sentence in sentences)


ENDS = {  # story → phone → what ended its offers, in their order: the event, and what it says
    "hunting_queue_reoffered": {
        "103": [("AgentRingNoAnswer", "let it ring"), ("BridgeEnter", "enters a bridge")],
        "104": [("AgentRingNoAnswer", "let it ring")],
    },
    "extension_busy": {"131": [("DialEnd", "it was busy")]},
    "extension_not_answered": {"131": [("DialEnd", "before anyone answered there")]},
    "two_queues": {
        "212": [("AgentRingNoAnswer", "queue onward says")],
        "215": [("DialEnd", "before anyone answered there")],
        "214": [("BridgeEnter", "enters a bridge")],
    },
    "picked_up_from_a_queue": {
        "101": [("Pickup", "131 picks up the call that rings at 101")],
        "102": [("Hangup", "answered elsewhere")],
        "131": [("BridgeEnter", "enters a bridge")],
    },
    "blind_to_nobody": {"132": [("DialEnd", "nobody answered in time")]},
    "attended_by_refer": {"132": [("BridgeEnter", "enters a bridge")]},
    "abandoned_in_queue": {"101": [("DialEnd", "before anyone answered there")]},
}


@pytest.mark.parametrize("version", [16, 22])
@pytest.mark.parametrize("story", ENDS)
def test_each_offer_s_end_names_the_message_that_ended_it(story: str, version: int) -> None:
    found = why(f"{story}_asterisk_{version}")
    assert found.call is not None
    for phone, expected in ENDS[story].items():
        steps = [
            found.step_of(About.OFFER, o.id) for o in found.call.offers if o.extension == phone
        ]
        assert [step.name for step in steps if step] == [event for event, _ in expected]
        for step, (_, text) in zip(steps, expected, strict=True):
            assert step is not None
            assert text in str(step.cause)


RESULTS = {
    "queue_timed_out": ("VarSet", "gave the caller up: the time for waiting was over"),
    "queue_emptied": ("VarSet", "no agent was there"),
    "queue_left_by_key": ("Hangup", "by a key"),
    "abandoned_in_queue": ("Hangup", "by hanging up"),
    "two_queues": ("VarSet", "gave the caller up"),
    "hunting_queue_reoffered": ("AgentConnect", "has found an agent"),
}


@pytest.mark.parametrize("story", RESULTS)
def test_a_wait_in_a_queue_says_by_which_message_it_ended(story: str) -> None:
    found = why(f"{story}_asterisk_22")
    assert found.call is not None
    visit = next(s for s in found.call.segments if s.kind is SegmentKind.QUEUE)
    step = found.step_of(About.SEGMENT, visit.id)
    event, text = RESULTS[story]
    assert step is not None
    assert step.name == event
    assert any(text in str(effect.what) for effect in step.effects if effect.key == visit.id)


def test_a_transfer_says_why_two_calls_are_one_and_who_talked_how_long() -> None:
    found = why("attended_by_refer_asterisk_22")
    assert found.call is not None
    (gone,) = found.call.aliases
    step = found.step_of(About.JOIN, gone)
    assert step is not None
    assert step.name == "BridgeEnter"
    assert "Two calls turn out to be one: they share a bridge." in map(
        str, (e.what for e in step.effects)
    )
    assert ("BridgeUniqueid") in dict(step.headers)
    said = [str(e.what) for s in found.steps for e in s.effects]
    assert "This talk is over: 1 are credited to 132." in said
    assert "What they said counts as a consultation among us: 131, 132." in said


def test_the_headers_that_mattered_are_those_that_were_read() -> None:
    found = why("extension_busy_asterisk_22")
    assert found.call is not None
    step = found.step_of(About.OFFER, found.call.offers[0].id)
    assert step is not None
    headers = dict(step.headers)
    assert headers["DialStatus"] == "BUSY"
    assert headers["DestChannel"].startswith("PJSIP/131-")
    assert "DestChannelState" not in headers  # nobody read it
    assert "DestCallerIDName" not in headers  # read, and no news here
    assert "CallerIDNum" in dict(found.steps[0].headers)  # here it is news


def test_a_broken_rule_of_the_tracker_shows_in_other_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "hunting_queue_reoffered_asterisk_22"
    whole = why(name)
    monkeypatch.setitem(tracker.RULES, events.AgentRefused, lambda _board, _event: None)
    broken = why(name)
    assert whole.call is not None
    assert broken.call is not None
    ends = [
        x.step_of(About.OFFER, x.call.offers[0].id).name
        for x in (whole, broken)  # type: ignore[union-attr]
    ]
    assert ends == ["AgentRingNoAnswer", "DialEnd"]
    monkeypatch.setitem(tracker.RULES, events.BridgeEntered, lambda _board, _event: None)
    deaf = why(name)
    assert deaf.call is not None
    assert deaf.call.result is CallResult.ABANDONED
    assert OfferEnd.ANSWERED not in {offer.end for offer in deaf.call.offers}


def test_a_message_that_fits_nothing_is_a_step_that_changed_nothing() -> None:
    entries = entries_of("extension_busy_asterisk_22")
    (call,) = told(entries)
    again = next(e for e in entries if e.raw.startswith(b"Event: Hangup"))
    twice = [*entries, replace(again, n=900)]
    found = explain(PBX, twice, ids_of(call), phones=PHONES)
    assert found.call == call
    step = found.steps[-1]
    assert (step.entry.n, step.effects[0].about) == (900, About.ODDITY)
    assert "a leg that is gone already" in str(step.effects[0].what)


def test_what_we_noted_ourselves_is_a_step_where_it_ended_something() -> None:
    entries = entries_of("extension_answered_asterisk_22")
    (call,) = told(entries)
    half = entries[: len(entries) // 2]
    at = half[-1].at
    facts = json.dumps({"startup": "2026-11-22T11:00:00", "at": "2026-11-22T23:00:00+00:00"})
    before = json.dumps({"startup": "2026-11-22T08:00:00", "at": "2026-11-22T08:00:01+00:00"})
    notes = [Entry(901, at, Kind.DOWN, b""), Entry(902, at, Kind.UP, facts.encode())]
    up = Entry(0, half[0].at, Kind.UP, before.encode())
    found = explain(PBX, [up, *half, *notes], ids_of(call), phones=PHONES)
    assert found.call is not None
    assert found.call.result is CallResult.FAILED or found.call.answered_at
    ended = found.step_of(About.RESULT)
    assert ended is not None
    assert (ended.entry.n, ended.name, ended.headers) == (902, "", ())
    assert "started anew" in str(ended.cause)


def test_a_call_of_which_nothing_was_heard_has_no_steps() -> None:
    entries = entries_of("extension_busy_asterisk_22")
    found = explain(PBX, entries, {"none of these"}, phones=PHONES)
    assert (found.call, found.steps) == (None, ())
    assert len(found.idle) == len(entries)
    assert explain(PBX, [], {"x"}) == Explanation()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(STREAMS)), st.randoms(use_true_random=False))
def test_whatever_is_missing_or_out_of_order_is_explained_in_whole_sentences(name, random) -> None:
    entries = entries_of(name)
    some = [entry for entry in entries if random.random() < 0.8]
    for _ in range(4):
        one, two = random.randrange(len(some)), random.randrange(len(some))
        some[one], some[two] = some[two], some[one]
    ids = {Message(e.raw, 0.0).get("Uniqueid") for e in entries if e.raw.startswith(BEGINS)}
    found = explain(PBX, some, ids, phones=PHONES)
    assert len(found.steps) + len(found.idle) <= len(some)
    for step in found.steps:
        assert "{" not in str(step.cause)
        assert all("{" not in str(effect.what) for effect in step.effects)
