"""The phone behind a Local channel may ring before the PBX tells who calls that channel.

A Local channel runs on a thread of its own: on a busy PBX it dials the phone before the queue has
said that it called the member.
"""

import pytest

from fixtures.evenings import STREAMS
from lab import layout
from lab.tellings import tell_all
from pbx_bridge.call import Call


def headers(block: bytes) -> dict[str, str]:
    lines = block.decode().split("\r\n")
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def hurried(stream: bytes) -> bytes:
    """The same, where the phone behind the first member is dialled before the queue says so."""
    blocks = stream.split(b"\r\n\r\n")
    known = [headers(block) for block in blocks]

    def first(event: str, key: str, name: str) -> int:
        return next(
            n for n, one in enumerate(known)
            if one.get("Event") == event and one.get(key, "").startswith(name)
        )  # fmt: skip

    offered = first("AgentCalled", "DestChannel", "Local/")
    local, _half = known[offered]["DestChannel"].split(";")
    dialled = first("DialBegin", "Channel", f"{local};2")
    made = first("Newchannel", "Channel", known[dialled]["DestChannel"])
    assert offered < made < dialled
    early = [blocks[made], blocks[dialled]]
    rest = [block for n, block in enumerate(blocks) if n not in {made, dialled}]
    return b"\r\n\r\n".join([*rest[:offered], *early, *rest[offered:]])


def offers(calls: list[Call]) -> list[tuple[str, str | None, str | None]]:
    return [(o.extension, o.queue, o.end) for call in calls for o in call.offers]


@pytest.mark.parametrize("version", [16, 22])
@pytest.mark.parametrize("story", ["local_members", "local_members_optimised"])
def test_the_phones_of_a_queues_local_members_are_offered_by_the_queue(
    story: str, version: int
) -> None:
    stream = (STREAMS / f"{story}_asterisk_{version}.ami").read_bytes()
    (plain, *_rest), (late, *_more) = (
        tell_all(each, layout.agents()) for each in (stream, hurried(stream))
    )
    assert None not in {queue for _, queue, _ in offers(plain)}
    assert sorted(offers(late)) == sorted(offers(plain))
