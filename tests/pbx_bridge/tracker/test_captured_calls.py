"""What a real Asterisk said becomes the call that took place, and agrees with its own books."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pbx_bridge.call import Call, SegmentKind

STREAMS = Path(__file__).parents[2] / "streams"
NAMES = sorted(path.stem for path in STREAMS.glob("*_asterisk_*.ami"))
BOOKED = [name for name in NAMES if (STREAMS / f"{name}.cel.csv").exists()]
QUEUED = [name for name in BOOKED if "|ENTERQUEUE|" in (STREAMS / f"{name}.queue_log").read_text()]

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
        [("ring", "answered"), ("talk", None), ("hold", None), ("consult", None), ("talk", None)],
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


# -- Asterisk's own books, read by code that shares nothing with the tracker ---------------------


def cel_rows(name: str) -> list[dict[str, Any]]:
    with (STREAMS / f"{name}.cel.csv").open(encoding="utf-8", newline="") as file:
        return [
            {
                "type": row[0], "time": float(row[1]), "channel": row[9], "uniqueid": row[14],
                "extra": json.loads(row[19] or "{}") if len(row) > 19 else {},
            }
            for row in csv.reader(file)
        ]  # fmt: skip


def ended_calls(stage: Any) -> list[Call]:
    return [stage.tracker.call(change.call.id) for change in stage.ends]


@pytest.mark.parametrize("name", BOOKED)
def test_the_legs_are_cel_s_channels(name: str, played: Any) -> None:
    rows = cel_rows(name)
    starts = {row["uniqueid"]: row["time"] for row in rows if row["type"] == "CHAN_START"}
    ends = {row["uniqueid"]: row["time"] for row in rows if row["type"] == "CHAN_END"}
    legs = [leg for call in ended_calls(played(name)) for leg in call.legs]
    assert {leg.uniqueid for leg in legs} == set(starts)
    assert len(legs) == len(starts)
    for leg in legs:
        assert leg.started_at.timestamp() == pytest.approx(starts[leg.uniqueid], abs=0.2)
        assert leg.ended_at.timestamp() == pytest.approx(ends[leg.uniqueid], abs=0.2)


def together(rows: list[dict[str, Any]]) -> Iterator[float]:
    """The lengths of the times in which a bridge held two channels or more."""
    inside: dict[str, set[str]] = {}
    for row, following in pairwise(rows):
        bridge = row["extra"].get("bridge_id", "")
        if row["type"] == "BRIDGE_ENTER":
            inside.setdefault(bridge, set()).add(row["uniqueid"])
        elif row["type"] == "BRIDGE_EXIT":
            inside[bridge].discard(row["uniqueid"])
        if any(len(members) > 1 for members in inside.values()):
            yield following["time"] - row["time"]


@pytest.mark.parametrize("name", BOOKED)
def test_the_talk_is_cel_s_time_in_bridges(name: str, played: Any) -> None:
    talk = sum(call.talk_seconds for call in ended_calls(played(name)))
    assert talk == pytest.approx(sum(together(cel_rows(name))), abs=1.0)


@pytest.mark.parametrize("name", BOOKED)
def test_every_cdr_row_is_explained_by_exactly_one_call(name: str, played: Any) -> None:
    calls = ended_calls(played(name))
    with (STREAMS / f"{name}.cdr.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows
    for row in rows:
        channels = {row[5]} | ({row[6]} if row[6] else set())
        explaining = [call for call in calls if channels <= {leg.channel for leg in call.legs}]
        assert len(explaining) == 1


@pytest.mark.parametrize("name", QUEUED)
def test_the_queue_log_tells_the_same_visit(name: str, played: Any) -> None:
    log = [row.split("|") for row in (STREAMS / f"{name}.queue_log").read_text().splitlines()]
    counted = Counter(row[4] for row in log)
    (call,) = ended_calls(played(name))
    (visit,) = [s for s in call.segments if s.kind is SegmentKind.QUEUE]
    exits = {"CONNECT": "answered", "ABANDON": "abandoned", "EXITWITHTIMEOUT": "timeout"}
    (exit_reason,) = [exits[row[4]] for row in log if row[4] in exits]
    assert visit.exit_reason == exit_reason
    assert visit.queue == next(row[2] for row in log if row[4] == "ENTERQUEUE")
    ends = Counter(offer.end.value for offer in call.offers)
    assert ends["missed"] == counted["RINGNOANSWER"]
    assert ends["answered"] == counted["CONNECT"]
