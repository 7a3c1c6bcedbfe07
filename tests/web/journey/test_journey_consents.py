"""The caller refuses to be recorded: it is kept and shown, and what records is stopped at once."""

import re
import time

import pytest
from sqlalchemy import select

import storage.consents
from fixtures.calls import NOW
from pbx_bridge.call import CallState
from storage.consents import CallConsent, ConsentSource
from storage.errors import Unconfirmed
from storage.rules.retention import Consent

RINGALL = "ringall_queue_answered_asterisk_22"


def of_the_recorded(act: bytes, event: str, *more: str, seconds: int = 0) -> bytes:
    """What the PBX says of the channel that is recorded, some seconds later."""
    blocks = act.split(b"\r\n\r\n")
    block = next(b for b in blocks if b.startswith(b"Event: MixMonitorStart"))
    block = block.replace(b"Event: MixMonitorStart", b"Event: " + event.encode())
    block = re.sub(rb"Timestamp: (\d+)", lambda m: b"Timestamp: %d" % (int(m[1]) + seconds), block)
    return block + "".join(f"\r\n{line}" for line in more).encode() + b"\r\n\r\n"


def refusal(act: bytes, word: str, *, seconds: int = 0) -> bytes:
    """What it says where the dialplan sets the variable on that channel."""
    lines = ("Variable: RINGBOOK_CONSENT", f"Value: {word}")
    return of_the_recorded(act, "VarSet", *lines, seconds=seconds)


def stops(stage) -> int:
    return stage.pbx.asked.count("StopMixMonitor")


async def talking(stage, acts: bytes):
    """Let the call come and be answered; gives it as it is stored."""
    stage.pbx.say(acts)
    [call] = await stage.stored(lambda calls: calls and calls[0].state is CallState.TALKING)
    return call


def acts_now(stage) -> bytes:
    return b"".join(stage.pbx.now(RINGALL)[:2])


def list_what_is_up(stage, acts: bytes) -> None:
    """The PBX lists the customer's and the agent's channels, as after a restart of ours."""
    rows = {}
    for block in acts.split(b"\r\n\r\n"):
        lines = dict(line.split(b": ", 1) for line in block.split(b"\r\n") if b": " in line)
        if lines.get(b"Event") == b"BridgeEnter":
            rows[lines[b"Uniqueid"]] = lines
    names = {b"Channel", b"Uniqueid", b"Linkedid", b"ChannelState", b"CallerIDNum"}
    stage.pbx.channels = [
        {name.decode(): value.decode() for name, value in row.items() if name in names}
        | {"BridgeId": row[b"BridgeUniqueid"].decode(), "Duration": "00:00:20"}
        for row in rows.values()
    ]


def consent_of(screen):
    return [pop["consent"] for pop in screen.view.pops.values() if pop["consent"]]


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


async def test_a_refusal_on_the_card_says_still_recording_until_the_pbx_says_otherwise(
    stage,
) -> None:
    await stage.start()
    screens = [await stage.screen("101"), await stage.screen("101")]
    acts = acts_now(stage)
    call = await talking(stage, acts)
    asked = time.monotonic()
    with pytest.raises(Unconfirmed, match="STILL RECORDING"):
        await stage.bridge.consents.tell(
            call.id, Consent.REFUSED, by=stage.users["101"].id
        )  # the PBX takes it, and does not say that it did it
    assert time.monotonic() - asked < 5  # 0.75 s, and what a loaded machine adds
    for screen in screens:
        [told] = await screen.until(lambda s: [c for c in consent_of(s) if c["stop"] == "still"])
        assert (told["state"], told["source"], told["by"]) == ("refused", "person", "Agent 101")
    before = stops(stage)
    await stage.eventually(lambda: stops(stage) > before)  # it is asked again
    stage.pbx.say(of_the_recorded(acts, "MixMonitorStop", seconds=1))
    for screen in screens:
        await screen.until(lambda s: [c for c in consent_of(s) if c["stop"] == "stopped"])
    [row] = await consents(stage)
    assert (row.state, row.source) == (Consent.REFUSED, ConsentSource.PERSON)
    stage.pbx.say(
        of_the_recorded(
            acts, "VarSet", "Variable: MIXMONITOR_FILENAME", "Value: /srv/again.wav", seconds=2
        )
    )
    before = stops(stage)
    stage.pbx.say(of_the_recorded(acts, "MixMonitorStart", seconds=2))
    await stage.eventually(lambda: stops(stage) > before)  # what begins later is stopped as well


async def test_an_announcement_takes_back_no_refusal_and_an_agent_does(stage) -> None:
    await stage.start()
    screen = await stage.screen("101")
    acts = acts_now(stage)
    call = await talking(stage, acts)
    stage.pbx.say(refusal(acts, "refused", seconds=1) + refusal(acts, "announced", seconds=2))
    [told] = await screen.until(consent_of)
    assert (told["state"], told["source"], told["by"]) == ("refused", "pbx", None)
    await stage.eventually(lambda: stops(stage))
    await stage.bridge.consents.tell(call.id, Consent.ANNOUNCED, by=stage.users["101"].id)
    await screen.until(lambda s: [c for c in consent_of(s) if c["state"] == "announced"])
    await stage.eventually(lambda: not stage.bridge.consents._words._waiting)
    await stage.stop()  # the journal tells the refusal again, and it is old by now
    list_what_is_up(stage, acts)
    before = stops(stage)
    await stage.start()
    await stage.eventually(lambda: call.id in stage.bridge.consents._standings)
    assert stage.bridge.consents._standings[call.id].state is Consent.ANNOUNCED
    await stage.bridge.consents._words.store()
    [row] = await consents(stage)
    assert (row.state, stops(stage)) == (Consent.ANNOUNCED, before)


async def test_a_refusal_that_was_stored_stops_the_recording_again_after_a_restart(stage) -> None:
    await stage.start()
    acts = acts_now(stage)
    call = await talking(stage, acts)
    await stage.stop()
    async with stage.database.writing() as session:
        await storage.consents.tell(
            session, call.id, Consent.REFUSED, source=ConsentSource.API, by=None, now=NOW
        )
    list_what_is_up(stage, acts)
    assert stops(stage) == 0
    await stage.start()
    screen = await stage.screen("101")
    await stage.eventually(lambda: stops(stage) >= 2)  # of its leg, and of those beside it
    [told] = await screen.until(consent_of)
    assert (told["state"], told["source"]) == ("refused", "api")
    stage.pbx.say(of_the_recorded(acts, "MixMonitorStop", seconds=30))
    await screen.until(lambda s: [c for c in consent_of(s) if c["stop"] == "stopped"])
    before = stops(stage)
    stage.pbx.cut()  # what began while nobody listened is told by no list
    stage.pbx.connected.clear()
    await stage.pbx.connected.wait()
    await stage.eventually(lambda: stops(stage) > before)


async def test_what_a_page_or_a_program_stored_counts_at_once_and_shows_who_told_it(stage) -> None:
    discarded = []
    await stage.start()
    tell = stage.bridge.consents.telling(lambda *given: discarded.append(given))
    screen = await stage.screen("101")
    call = await talking(stage, acts_now(stage))
    await stage.eventually(lambda: call.id in stage.bridge.consents._looked)
    user = stage.users["102"].id
    async with stage.database.writing() as session:
        await storage.consents.tell(
            session, call.id, Consent.REFUSED, source=ConsentSource.API, by=user, now=NOW
        )
    tell(call.id, Consent.REFUSED)  # after the commit
    assert discarded == [(call.id, Consent.REFUSED)]
    await stage.eventually(lambda: stops(stage))
    [told] = await screen.until(lambda s: [c for c in consent_of(s) if c["by"]])
    assert (told["source"], told["by"]) == ("api", "Agent 102")
    tell(call.id, None)  # a recording was deleted by hand: that says nothing of consent
    assert stage.bridge.consents._standings[call.id].refuses
