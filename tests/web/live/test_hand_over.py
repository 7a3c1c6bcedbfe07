"""Who had a call before it rings at a colleague: told from its talks, and from what was said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from pbx_bridge.call import Call, Direction, Offer, Party, Segment, SegmentKind
from web.live.hand_over import HandOvers, Said

START = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
PBX, ANN, BEN = uuid4(), uuid4(), uuid4()
USERS = {(PBX, "101"): ANN, (PBX, "102"): BEN}
NAMES = {ANN: "Ann", BEN: "Ben"}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def offer(extension: str, seconds: float, **more: object) -> Offer:
    return Offer(
        id=uuid4(), extension=extension, attempt=1, legs=(), queue=None, started_at=at(seconds),
        **more,
    )  # fmt: skip


def segment(kind: SegmentKind, begin: float, end: float | None, *who: str, why=None) -> Segment:
    parties = tuple(
        Party(leg=uuid4(), extension=one if len(one) == 3 else None, number=one) for one in who
    )
    return Segment(
        id=uuid4(), kind=kind, started_at=at(begin), ended_at=None if end is None else at(end),
        exit_reason=why, parties=parties,
    )  # fmt: skip


@pytest.fixture
def call() -> Call:
    """Ann talked with a customer for a minute, and now it rings at Ben's."""
    return Call(
        id=uuid4(), pbx=PBX, direction=Direction.INBOUND, number="+44207", name="", dialled="4000",
        started_at=START, offers=(offer("101", 0), offer("102", 70)),
        segments=(segment(SegmentKind.TALK, 5, 65, "+44207", "101", why="transferred"),),
    )  # fmt: skip


def told(call: Call, hand_overs: HandOvers | None = None) -> dict | None:
    return (hand_overs or HandOvers()).told(call, call.offers[-1], USERS, NAMES)


def test_a_transfer_on_the_phone_tells_from_whom_and_how_long_they_talked(call: Call) -> None:
    assert told(call) == {"by": "Ann", "note": None, "how": "sent_on", "talked_seconds": 60}


def test_what_was_said_shows_on_the_offers_after_it_only(call: Call) -> None:
    hand_overs = HandOvers()
    hand_overs.say(replace(call, offers=call.offers[:1]), ANN, "Wants a refund")
    assert told(call, hand_overs)["note"] == "Wants a refund"
    assert hand_overs.told(call, call.offers[0], USERS, NAMES) is None
    hand_overs.take_back(call.id)
    assert told(call, hand_overs)["note"] is None


def test_a_note_follows_a_call_that_is_known_under_another_id(call: Call) -> None:
    hand_overs = HandOvers()
    hand_overs.say_of(call.id, Said(user=ANN, note="VIP", before=frozenset()))
    joined = replace(call, id=uuid4(), aliases=(call.id,))
    assert told(joined, hand_overs)["note"] == "VIP"


@pytest.mark.parametrize(
    ("segments", "how"),
    [
        ((segment(SegmentKind.TALK, 5, 65, "+44207", "101", why="parked"),), "parked"),
        (
            (
                segment(SegmentKind.TALK, 5, 65, "+44207", "101"),
                segment(SegmentKind.HOLD, 65, None, "101"),
            ),
            "asks",
        ),
        ((segment(SegmentKind.TALK, 5, 65, "+44207", "101"),), None),
        ((segment(SegmentKind.TALK, 5, 65, "+44207", "102", why="transferred"),), None),
        ((), None),
    ],
    ids=["parked", "asked first", "hung up", "came back to the same", "never talked"],
)
def test_how_it_came_follows_from_the_talk_before(call: Call, segments, how) -> None:
    found = told(replace(call, segments=segments))
    assert (found and found["how"]) == how


def test_someone_at_a_phone_of_nobody_is_told_by_the_extension(call: Call) -> None:
    found = HandOvers().told(call, call.offers[-1], {}, NAMES)
    assert found["by"] == "101"


def test_only_so_many_notes_are_kept_at_hand(call: Call, monkeypatch) -> None:
    monkeypatch.setattr("web.live.hand_over.MOST", 3)
    hand_overs, ids = HandOvers(), [UUID(int=n) for n in range(5)]
    for key in ids:
        hand_overs.say_of(key, Said(user=ANN, note="n", before=frozenset()))
    kept = [key for key in ids if told(replace(call, id=key), hand_overs)["note"]]
    assert kept == ids[2:]


def test_a_note_that_is_written_later_is_not_for_who_was_rung_before(call: Call) -> None:
    hand_overs = HandOvers()
    hand_overs.say(call, BEN, "For the third of us")
    assert told(call, hand_overs)["note"] is None
    third = replace(call, offers=(*call.offers, offer("103", 90)))
    assert told(third, hand_overs)["note"] == "For the third of us"
