"""Proves the lab, not the product: what its stories say is what the PBX's own books say."""

import asyncio
import re
import ssl
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from lab import folders, layout, oracle, sipp
from lab.ami import END, Ear, Refused, headers
from lab.evenings import caught_up
from lab.layout import Kind
from lab.pbx import Pbx
from lab.stories import STORIES, played
from lab.tellings import TELLINGS, tell, tell_all
from pbx_bridge import asterisk
from pbx_bridge.call import SegmentKind

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("lab")]  # one evening for all
STREAMS = Path(__file__).parent / "streams"
ANSWERED, BUSY, UNANSWERED = "ANSWERED", "BUSY", "NO ANSWER"
NOBODY = "nobody"

# What the CDR must say of each story: with whom, and how it ended.
ENDINGS = {
    "extension_answered": {("first", ANSWERED)},
    "extension_not_answered": {("first", UNANSWERED)},
    "extension_busy": {("first", BUSY), (NOBODY, BUSY)},
    "ringall_queue_answered": {("first", ANSWERED), ("second", UNANSWERED)},
    "withheld_number_in_queue": {("first", UNANSWERED), ("second", ANSWERED)},
    "hunting_queue_reoffered": {
        ("first", UNANSWERED),
        ("second", UNANSWERED),
        ("first", ANSWERED),
    },
    "abandoned_in_queue": {("first", UNANSWERED), ("second", UNANSWERED)},
    "queue_timed_out": {("first", UNANSWERED), ("second", UNANSWERED), (NOBODY, ANSWERED)},
    "outgoing_answered": {("trunk", ANSWERED)},
    "outgoing_busy": {("trunk", BUSY), (NOBODY, BUSY)},
    "clicked_to_call": {("trunk", ANSWERED)},
    "internal_answered": {("second", ANSWERED)},
}
QUEUE_LOGS = {
    "ringall_queue_answered": ["ENTERQUEUE", "CONNECT", "COMPLETECALLER"],
    "withheld_number_in_queue": ["ENTERQUEUE", "CONNECT", "COMPLETEAGENT"],
    "hunting_queue_reoffered": [
        *("ENTERQUEUE", "RINGNOANSWER", "RINGNOANSWER", "CONNECT", "COMPLETEAGENT")
    ],
    "abandoned_in_queue": ["ENTERQUEUE", "ABANDON"],
    "queue_timed_out": ["ENTERQUEUE", "RINGNOANSWER", "RINGNOANSWER", "EXITWITHTIMEOUT"],
}
RECORDED = sorted(
    {"extension_answered", "outgoing_answered", "clicked_to_call"}
    | {"ringall_queue_answered", "withheld_number_in_queue", "hunting_queue_reoffered"}
)


@pytest.fixture(scope="module")
def told(evening):
    return tell_all(evening.heard, layout.agents())


def _events(stream: bytes) -> Counter[str]:
    return Counter(re.findall(r"^Event: (\w+)\r$", stream.decode(), flags=re.MULTILINE))


@pytest.mark.parametrize("story", ENDINGS)
def test_the_cdr_says_what_the_story_says(evening, story):
    cast = evening.casts[story]
    places = dict(zip(cast.agents, ("first", "second"), strict=False))
    endings = [
        (_place(row["dstchannel"], places), row["disposition"]) for row in evening.cdr_of(story)
    ]
    assert sorted(endings) == sorted(ENDINGS[story])


def _place(channel: str, places: dict[str, str]) -> str:
    phone = re.match(r"PJSIP/([a-z]+|\d+)", channel)
    return places.get(phone[1], phone[1]) if phone else NOBODY


@pytest.mark.parametrize("story", QUEUE_LOGS)
def test_the_queue_log_says_what_the_story_says(evening, story):
    log = [row for row in evening.queue_log if row["queue"] == evening.casts[story].queue]
    # Asterisk 22 notes a ring that the caller's going ended, 16 does not.
    assert [row["event"] for row in log if row["event"] != "RINGCANCELED"] == QUEUE_LOGS[story]


@pytest.mark.bar(16)
@pytest.mark.parametrize("story", TELLINGS)
def test_a_hard_call_is_told_as_it_took_place_beside_all_others(evening, told, story):
    if story not in evening.casts:
        assert evening.version not in {version for name, version in played() if name == story}
        return
    agents = evening.casts[story].agents
    calls = [call for call in told[0] if {leg.extension for leg in call.legs} & {*agents}]
    calls.sort(key=lambda call: call.started_at)
    assert [tell(call, agents) for call in calls] == TELLINGS[story]


@pytest.mark.bar(16)
def test_the_calls_of_an_evening_agree_with_the_pbx_s_books(evening, told, proof):
    written = oracle.Books(cel=evening.cel, cdr=evening.cdr, queue_log=evening.queue_log)
    differing = oracle.differences(told[0], written)
    assert differing == []
    assert len(told[0]) >= len(evening.casts)
    proof.measured("calls compared", len(told[0]))
    proof.tried(oracle.compared(told[0], written), len(differing), of="fields of calls")


def test_nothing_of_an_evening_is_impossible(told):
    assert told[1] == []


def test_who_is_on_hold_hears_music_and_music_in_a_queue_is_no_hold(evening, told):
    music = defaultdict(list)
    for said in map(headers, evening.everything.split(END)):
        if said.get("Event", "").startswith("MusicOnHold"):
            music[said["CallerIDNum"]].append(said["Event"].removeprefix("MusicOnHold"))
    holds = Counter(c.number for c in told[0] for s in c.segments if s.kind is SegmentKind.HOLD)
    held, waited = (evening.casts[s].number for s in ("held_and_resumed", "abandoned_in_queue"))
    assert (music[held], holds[held]) == (["Start", "Stop", "Start", "Stop"], 2)
    assert (music[waited], holds[waited]) == (["Start", "Stop"], 0)


@pytest.mark.parametrize("story", RECORDED)
def test_a_recording_of_an_answered_call_holds_sound(evening, story):
    peaks = evening.peaks_of(story)
    assert len(peaks) == 1
    assert peaks[0] > 1000


def test_ringbooks_account_hears_every_event_it_asks_for(evening):
    everything, heard = _events(evening.everything), _events(evening.heard)
    system_only = {"FullyBooted", "Shutdown"}
    wanted = {name: everything[name] for name in asterisk.EVENTS if name not in system_only}
    assert {name: heard[name] for name in wanted} == wanted
    assert heard["Newchannel"] > len(STORIES)


def test_ringbooks_account_hears_nothing_it_does_not_ask_for(evening):
    heard, everything = _events(evening.heard), _events(evening.everything)
    assert set(heard) <= {*asterisk.EVENTS, "VarSet", "Newexten"}
    assert everything["VarSet"] > 4 * heard["VarSet"]
    variables = set(re.findall(r"^Variable: (\S+)\r$", evening.heard.decode(), flags=re.MULTILINE))
    ours = {name for name in variables if name.startswith(asterisk.OUR_VARIABLES)}
    assert variables - ours == set(asterisk.VARIABLES)
    assert "RINGBOOK_RECORDING" in ours


@pytest.fixture(params=sorted(folders.SUITES, reverse=True))
async def pbx(request):
    async with Pbx(request.param) as running:
        yield running


async def test_ringbooks_account_holds_the_least_classes(pbx):
    said = await pbx.cli("manager show user ringbook")
    held = dict(re.findall(r"(read|write) perm: (\S+)", said))
    assert set(held["read"].split(",")) == {"call", "agent", "cdr", "user", "reporting", "dialplan"}
    assert set(held["write"].split(",")) == {"originate", "call", "agent", "reporting"}


async def test_ringbooks_account_may_not_run_commands(pbx):
    async with await pbx.ear() as ear:
        with pytest.raises(Refused, match="Permission denied"):
            await ear.ask(Action="Command", Command="core show channels")


async def test_a_variable_of_ours_set_by_ourselves_is_heard(pbx):
    async with await pbx.ear() as ear:
        await ear.ask(Action="Setvar", Variable="RINGBOOK_PROBE", Value="42")
        said = await ear.message(lambda m: b"Variable: RINGBOOK_PROBE\r\nValue: 42" in m, seconds=5)
    assert headers(said)["Event"] == "VarSet"


async def test_nobody_hides_a_call_behind_a_name_that_looks_like_an_event(pbx):
    name, agent = 'Event: RTCPSent {{7*7}} [x] <b>"', pbx.agent()
    async with await pbx.ear() as ear:
        async with sipp.phone(pbx, agent, answers_after=0.2):
            await sipp.caller(pbx, number="+4930123", name=name, dial=agent, hang_up_after=0.3)
        await pbx.idle()
        await caught_up(pbx, ear, sign="LabEnd")
    heard, everything = _events(bytes(ear.heard)), _events(bytes(pbx.tap.heard))
    assert heard["Newchannel"] == everything["Newchannel"] == 2
    assert heard["Hangup"] == 2
    assert b"Event: RTCPSent {{7*7}} [x] <b>" in bytes(ear.heard)


async def test_a_blank_line_too_many_does_not_hide_the_next_message():
    async def asterisk_22(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"Response: Success\r\nActionID: lab-1\r\n\r\n")
        writer.write(b"Event: TestEvent\r\n\r\n\r\nEvent: Hangup\r\nUniqueid: 1.2\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(asterisk_22, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with await Ear.login(port=port, username="tap", secret="any") as ear:
            said = await ear.message(lambda m: m.startswith(b"Event: Hangup\r\n"), seconds=5)
    assert headers(said)["Uniqueid"] == "1.2"


async def test_the_manager_interface_answers_over_tls_too(pbx):
    trusted = ssl.create_default_context(cafile=pbx.tls_ca)
    reader, writer = await asyncio.open_connection("127.0.0.1", pbx.ports.ami_tls, ssl=trusted)
    assert (await reader.readline()).startswith(b"Asterisk Call Manager/")
    writer.close()
    await writer.wait_closed()


async def test_all_versions_run_at_once_and_twice():
    async with Pbx(22) as one, Pbx(22) as other, Pbx(16) as older:
        said = [await pbx.cli("core show version") for pbx in (one, other, older)]
    assert [text.split(".")[0] for text in said] == ["Asterisk 22", "Asterisk 22", "Asterisk 16"]
    assert not one.home.exists()


async def test_an_asterisk_that_was_killed_does_not_stand_in_the_way_of_the_next():
    async with Pbx(22) as first:
        first._process.kill()
        await first._process.wait()
        async with Pbx(22) as second:
            assert (await second.cli("core show channels count")).startswith("0 active channels")
    assert list((folders.folder(22) / "srv").iterdir()) == []


async def test_a_caller_who_meets_something_else_than_foreseen_fails():
    async with Pbx(22) as pbx:
        queue = pbx.queue(Kind.RINGALL)
        with pytest.raises(sipp.ScenarioFailed, match="unexpected message"):
            await sipp.caller_who_is_refused(pbx, number="+4930123", dial=queue.number, status=486)


def test_a_folder_with_another_asterisk_is_refused(tmp_path, monkeypatch):
    real = folders.built(22)
    monkeypatch.setenv("RINGBOOK_LAB", str(tmp_path))
    (tmp_path / "asterisk-16").symlink_to(real)
    with pytest.raises(folders.Unavailable, match="should hold Asterisk 16, but says 'Asterisk 22"):
        folders.built(16)
