"""Why a call is what it is although we did not hear all of it: our own notes are steps too."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from pbx_bridge import events
from pbx_bridge.ami.message import Message
from pbx_bridge.call import OfferEnd
from pbx_bridge.journal import Entry, Kind, Retelling, causes, explain, retell
from pbx_bridge.journal.effects import About
from pbx_bridge.tracker import tracker

PBX = UUID(int=7)
PHONES = {f"PJSIP/{n}": str(n) for n in range(101, 250)}
STREAM = Path(__file__).parents[2] / "streams" / "hunting_queue_reoffered_asterisk_22.ami"
LISTED = b"Event: CoreShowChannelsComplete\r\nTimestamp: %f\r\nEventList: Complete"
STARTUP = "2026-11-22T08:00:00"


def entries_of() -> list[Entry]:
    raws = [raw for raw in STREAM.read_bytes().split(b"\r\n\r\n") if b"\r\nTimestamp" in raw]
    times = [Message(raw, 0.0).at.timestamp() for raw in raws]
    pairs = zip(times, raws, strict=True)
    return [Entry(n * 10, at, Kind.MESSAGE, raw) for n, (at, raw) in enumerate(pairs, 1)]


def note(n: int, at: float, kind: Kind, **facts: str) -> Entry:
    return Entry(n, at, kind, json.dumps(facts).encode())


def ids(entries: list[Entry]) -> set[str]:
    (one,) = retell(entries, Retelling(PBX, phones=PHONES))
    return {leg.uniqueid for leg in one.call.legs}


@pytest.mark.parametrize("down", [Kind.DOWN, Kind.BEGAN])
def test_a_cut_in_the_middle_is_a_step_and_the_call_is_told_through_it(down: Kind) -> None:
    entries = entries_of()
    half = len(entries) // 2
    n, at = entries[half].n, entries[half].at
    cut = [note(n + 1, at, down), note(n + 2, at, Kind.UP, startup=STARTUP)]
    heard = [*entries[: half + 1], *cut, *entries[half + 1 :]]
    found = explain(PBX, heard, ids(entries), phones=PHONES)
    (told,) = retell(heard, Retelling(PBX, phones=PHONES))
    assert found.call == told.call
    said = {step.entry.n: str(step.cause) for step in found.steps}
    assert said[n + 1] == "From here on nothing was heard of the PBX."
    assert said[n + 2] == "From here on the PBX is heard."
    alone = explain(PBX, [step.entry for step in found.steps], ids(entries), phones=PHONES)
    assert alone.call is not None
    assert alone.call.offers == told.call.offers
    assert alone.call.segments == told.call.segments


def test_what_a_list_did_not_name_ended_by_that_list() -> None:
    entries = entries_of()
    rings = next(i for i, e in enumerate(entries) if e.raw.startswith(b"Event: DialBegin"))
    heard = entries[: rings + 1]
    last = heard[-1]
    list_raw = LISTED % (last.at + 9)
    cut = [
        note(last.n + 1, last.at + 1, Kind.DOWN),
        note(last.n + 2, last.at + 8, Kind.UP, startup=STARTUP),
        Entry(last.n + 3, last.at + 9, Kind.MESSAGE, list_raw),
    ]
    found = explain(PBX, [*heard, *cut], ids(entries), phones=PHONES)
    assert found.call is not None
    (offer,) = found.call.offers
    assert offer.end is OfferEnd.WITHDRAWN
    step = found.step_of(About.OFFER, offer.id)
    assert step is not None
    assert (step.entry.n, step.name) == (last.n + 3, "CoreShowChannelsComplete")
    assert "what is not in it is gone" in str(step.cause)
    assert "was not heard" in str(step.effects[0].what) or len(step.effects) > 1


@pytest.mark.parametrize("where", [0, -1])
def test_lists_of_another_time_are_no_part_of_a_call(where: int) -> None:
    entries = entries_of()
    beside = entries[where]
    n = beside.n + (5 if where else -5)
    listed = Entry(n, beside.at, Kind.MESSAGE, LISTED % beside.at)
    found = explain(PBX, sorted([*entries, listed], key=by_number), ids(entries), phones=PHONES)
    assert n not in {step.entry.n for step in found.steps}
    assert n not in {entry.n for entry in found.idle}


def by_number(entry: Entry) -> int:
    return entry.n


def test_every_event_that_the_tracker_knows_has_its_sentence() -> None:
    by_what_they_say = {events.LegEnded, events.DialBegan, events.DialEnded, events.Unparked}
    assert set(tracker.RULES) - by_what_they_say - set(causes.SENTENCES) == set()
