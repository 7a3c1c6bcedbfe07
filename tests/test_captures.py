"""Every story of the lab was captured on every Asterisk that can play it, as Ringbook hears it."""

import re
from pathlib import Path

import pytest

from lab import books
from lab.stories import played
from pbx_bridge import asterisk

STREAMS = Path(__file__).parent / "streams"


@pytest.mark.parametrize(("story", "version"), played())
def test_every_story_was_captured_as_ringbook_hears_it(story, version):
    stream = STREAMS / f"{story}_asterisk_{version}.ami"
    heard = stream.read_bytes()
    events = re.findall(r"^Event: (\w+)\r$", heard.decode(), flags=re.MULTILINE)
    assert len(heard) < 60_000
    assert heard.endswith(b"\r\n\r\n")
    assert set(events) <= {*asterisk.EVENTS, "VarSet", "Newexten"}
    legs = set(re.findall(rb"^Uniqueid: (\S+)\r$", heard, flags=re.MULTILINE))
    rows = books.cel_rows(stream.with_suffix(".cel.csv"))
    booked = {row["uniqueid"].encode() for row in rows if row["eventtype"] == "CHAN_START"}
    assert legs - {b"<unknown>"} == booked  # an Originate in vain names no leg
