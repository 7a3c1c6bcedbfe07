"""The dialplan tells that a caller refuses: it is kept, and what records is stopped at once."""

import re

from sqlalchemy import select

from pbx_bridge.call import CallState
from storage.consents import CallConsent, ConsentSource
from storage.rules.retention import Consent

RINGALL = "ringall_queue_answered_asterisk_22"


def refusal(act: bytes, word: str) -> bytes:
    """What the PBX says where the dialplan sets the variable on the channel that is recorded."""
    block = next(b for b in act.split(b"\r\n\r\n") if b.startswith(b"Event: MixMonitorStart"))
    block = block.replace(b"Event: MixMonitorStart", b"Event: VarSet")
    more = b"\r\nVariable: RINGBOOK_CONSENT\r\nValue: " + word.encode()
    return re.sub(rb"\r\nMixMonitorID:[^\r]*", b"", block) + more + b"\r\n\r\n"


async def consents(stage) -> list[CallConsent]:
    async with stage.database.reading() as session:
        return list(await session.scalars(select(CallConsent)))


async def test_a_refusal_of_the_dialplan_is_kept_and_stops_the_recording(stage) -> None:
    discarded = []
    await stage.start()
    stage.bridge.consents.telling(lambda call, consent: discarded.append((call, consent)))
    acts = b"".join(stage.pbx.later(RINGALL, seconds=0)[:2])
    stage.pbx.say(acts)
    [call] = await stage.stored(lambda calls: calls and calls[0].state is CallState.TALKING)
    assert "StopMixMonitor" not in stage.pbx.asked
    stage.pbx.say(refusal(acts, "Refused"))
    await stage.eventually(lambda: "StopMixMonitor" in stage.pbx.asked)
    await stage.eventually(lambda: (call.id, Consent.REFUSED) in discarded)
    [row] = await consents(stage)
    assert (row.call_id, row.state, row.source) == (call.id, Consent.REFUSED, ConsentSource.PBX)


async def test_a_word_that_is_none_says_nothing(stage) -> None:
    discarded = []
    await stage.start()
    stage.bridge.consents.telling(lambda call, consent: discarded.append((call, consent)))
    acts = b"".join(stage.pbx.later(RINGALL, seconds=0)[:2])
    stage.pbx.say(acts + refusal(acts, "perhaps") + refusal(acts, "announced"))
    await stage.stored(lambda calls: calls and calls[0].state is CallState.TALKING)
    await stage.eventually(lambda: discarded)
    [row] = await consents(stage)
    assert row.state is Consent.ANNOUNCED
    assert "StopMixMonitor" not in stage.pbx.asked
