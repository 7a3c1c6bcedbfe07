"""What a real Asterisk said becomes the call that took place, and agrees with its own books."""

from pathlib import Path
from typing import Any

import pytest

STREAMS = Path(__file__).parents[2] / "streams"
NAMES = sorted(path.stem for path in STREAMS.glob("*_asterisk_*.ami"))

# story → direction, number, result, [(extension, attempt, end)], [(segment, exit reason)]
STORIES: dict[str, tuple[str, str, str, list[tuple[str, int, str]], list[tuple[str, str | None]]]]
STORIES = {
    "abandoned_in_queue": (
        "inbound", "+442071230006", "abandoned",
        [("101", 1, "cancelled"), ("102", 1, "cancelled")],
        [("queue", "abandoned")],
    ),
    "attended_transfer": (
        "inbound", "+442071234567", "answered",
        [("101", 1, "answered"), ("103", 1, "answered")],
        [
            ("ring", "answered"), ("talk", "transferred"), ("hold", None), ("consult", None),
            ("talk", None),
        ],
    ),
    "clicked_to_call": (
        "outbound", "+442071230010", "answered",
        [("131", 1, "answered")],
        [("ring", "answered"), ("talk", None)],
    ),
    "extension_answered": (
        "inbound", "+442071230001", "answered",
        [("131", 1, "answered")],
        [("ring", "answered"), ("talk", None)],
    ),
    "extension_busy": (
        "inbound", "+442071230003", "busy",
        [("131", 1, "missed")],
        [("ring", "busy")],
    ),
    "extension_not_answered": (
        "inbound", "+442071230002", "abandoned",
        [("131", 1, "cancelled")],
        [("ring", "cancel")],
    ),
    "hunting_queue_reoffered": (
        "inbound", "+442071230005", "answered",
        [("103", 1, "missed"), ("104", 1, "missed"), ("103", 2, "answered")],
        [("queue", "answered"), ("talk", None)],
    ),
    "internal_answered": (
        "internal", "131", "answered",
        [("132", 1, "answered")],
        [("ring", "answered"), ("talk", None)],
    ),
    "outgoing_answered": (
        "outbound", "00442071230008", "answered",
        [("131", 1, "answered")],
        [("ring", "answered"), ("talk", None)],
    ),
    "outgoing_busy": (
        "outbound", "+442071230009", "busy",
        [("131", 1, "cancelled")],
        [("ring", "busy")],
    ),
    "queue_timed_out": (
        "inbound", "+442071230007", "timed_out",
        [("105", 1, "missed"), ("106", 1, "missed")],
        [("queue", "timeout")],
    ),
    "ringall_queue_answered": (
        "inbound", "89161234567", "answered",
        [("101", 1, "answered"), ("102", 1, "elsewhere")],
        [("queue", "answered"), ("talk", None)],
    ),
    "withheld_number_in_queue": (
        "inbound", "", "answered",
        [("101", 1, "elsewhere"), ("102", 1, "answered")],
        [("queue", "answered"), ("talk", None)],
    ),
}  # fmt: skip


def story_of(name: str) -> str:
    return name.rpartition("_asterisk_")[0]


@pytest.mark.parametrize("name", [name for name in NAMES if story_of(name) in STORIES])
def test_a_captured_call_is_told_as_it_took_place(name: str, played: Any) -> None:
    direction, number, result, offers, segments = STORIES[story_of(name)]
    stage = played(name)
    call = stage.call
    assert (call.direction, call.number, call.result) == (direction, number, result)
    assert stage.offers() == offers
    assert stage.kinds() == segments


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_captured_call_stays_open(name: str, played: Any) -> None:
    stage = played(name)
    assert stage.ends
    assert not stage.tracker.calls
    for ended in stage.ends:
        call = stage.tracker.call(ended.call.id)
        parts = (*call.segments, *call.offers, *call.legs, *call.recordings)
        assert all(part.ended_at is not None for part in parts)


@pytest.mark.parametrize("name", NAMES)
def test_a_captured_call_holds_nothing_impossible(name: str, played: Any) -> None:
    assert played(name).impossible == []


def test_three_calls_in_a_row_stay_three(played: Any) -> None:
    stage = played("queue_ringall_asterisk_22")
    ended = [stage.tracker.call(change.call.id) for change in stage.ends]
    assert [call.number for call in ended] == ["+442071234567", "89161234567", ""]
    assert [call.name for call in ended] == ["Zoë O'Brien", "Иванов С.В.", ""]  # noqa: RUF001 - his name
    assert {call.result for call in ended} == {"answered"}
    assert all(len(call.recordings) == 1 for call in ended)


def test_the_recording_bears_the_pbx_s_name_for_it(played: Any) -> None:
    (recording,) = played("extension_answered_asterisk_22").call.recordings
    assert recording.path.startswith("/srv/spool/monitor/2026/11/22/")
    assert recording.started_at < recording.ended_at


def test_the_same_stream_gives_the_same_call(played: Any) -> None:
    one, two = (played("hunting_queue_reoffered_asterisk_22") for _ in range(2))
    assert one.changes == two.changes
