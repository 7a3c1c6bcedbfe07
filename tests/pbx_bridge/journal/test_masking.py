"""Typed digits and secrets never reach a disk; everything else stays as it was."""

from pathlib import Path

import pytest

from pbx_bridge.ami.message import Message
from pbx_bridge.journal import hide_paths, mask
from pbx_bridge.translate import translate

STREAMS = sorted((Path(__file__).parents[2] / "streams").glob("*.ami"))


def message(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    ("lines", "secret"),
    [
        pytest.param(["Event: DTMFBegin", "Digit: 7"], "7", id="a key is pressed"),
        pytest.param(["Event: DTMFEnd", "Digit: #", "DurationMs: x"], "#", id="a key is let go"),
        pytest.param(["Event: VarSet", "Variable: PIN", "Value: 4711"], "4711", id="a PIN"),
        pytest.param(["Event:VarSet", "Variable:X", "Value:4711"], "4711", id="no space"),
        pytest.param(["event: varset", "variable: x", "value: 4711"], "4711", id="small letters"),
        pytest.param(["Event: VarSet", "Variable: CARD", "Value: 4111 1111"], "4111", id="spaces"),
        pytest.param(["Event: VarSet", "Variable: SCORE", "Value: 5"], "5", id="one digit"),
        pytest.param(["Event: VarSet", "Variable: K", "Value: 1*2#A"], "1*2#A", id="all keys"),
        pytest.param(["Event: VarSet", "Variable: PASSWORD", "Value: hush"], "hush", id="by name"),
        pytest.param(["Event: VarSet", "Value: 99", "Variable: X", "Value: 98"], "9", id="twice"),
        pytest.param(
            ["Event: Newexten", "Application: Read", "AppData: PIN,say-pin,4"], "4", id="Read"
        ),
        pytest.param(
            ["Event: Newexten", "Application: SayDigits", "AppData: 123"], "123", id="SayDigits"
        ),
        pytest.param(
            ["Event: Newexten", "Application: Set", "AppData: CARD=4111"], "4111", id="Set"
        ),
        pytest.param(["Event: Newexten", "AppData: 4711"], "4711", id="no application"),
        pytest.param(["Event: Hangup", "ChanVariable: PIN=4711"], "4711", id="a variable"),
        pytest.param(
            ["Event: VarSet", "ChanVariable: PIN=47", "Variable: X", "Value: y"], "47", id="both"
        ),
        pytest.param(["Event: DialEnd", "DestChanVariable: PIN=47"], "47", id="of the other one"),
        pytest.param(["Event: Hold", "ChanVariable(SIP/1): PIN=4711"], "4711", id="old spelling"),
        pytest.param(["Event: AuthDetail", "Password: hush"], "hush", id="a phone's password"),
        pytest.param(["Event: X", "Md5Cred: 0cc175b9"], "0cc175b9", id="a digest"),
        pytest.param(["Response: Success", "Challenge: 8213"], "8213", id="a challenge"),
        pytest.param(["Event: UserEvent", "UserEvent: Pay", "PIN: 4711"], "4711", id="UserEvent"),
        pytest.param(["Event: UserEvent", "CardNumber: 4111"], "4111", id="a card"),
        pytest.param(["Response: Follows", "Output: secret = hush"], "hush", id="a listing"),
    ],
)  # fmt: skip
def test_what_was_typed_and_what_is_secret_is_masked(lines: list[str], secret: str) -> None:
    masked = mask(message(*lines)).decode()
    assert secret not in masked
    assert "[masked]" in masked
    names = [line.partition(":")[0] for line in masked.split("\r\n")]
    assert names == [line.partition(":")[0] for line in lines]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["Event: Newchannel", "CallerIDNum: +442071234567"], id="a caller"),
        pytest.param(["Event: VarSet", "Variable: QUEUESTATUS", "Value: TIMEOUT"], id="words"),
        pytest.param(["Event: VarSet", "Variable: ANSWEREDTIME", "Value: 12"], id="counted"),
        pytest.param(
            ["Event: VarSet", "Variable: MIXMONITOR_FILENAME", "Value: /a/12.wav"], id="a file"
        ),
        pytest.param(
            ["Event: Newexten", "Extension: 4000", "Application: Dial", "AppData: PJSIP/101,20"],
            id="where a call goes",
        ),
        pytest.param(["Event: Hangup", "ChanVariable: QUEUE=sales"], id="a channel's words"),
    ],
)
def test_what_tells_a_call_stays(lines: list[str]) -> None:
    assert mask(message(*lines)) == message(*lines)


def test_masking_twice_is_masking_once() -> None:
    raw = message("Event: VarSet", "Variable: PIN", "Value: 4711")
    assert mask(mask(raw)) == mask(raw)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda path: path.stem)
def test_the_tracker_is_told_the_same_by_masked_messages(stream: Path) -> None:
    raws = [raw for raw in stream.read_bytes().split(b"\r\n\r\n") if raw.startswith(b"Event: ")]
    assert raws
    for raw in raws:
        assert translate(Message(mask(raw), 0.0)) == translate(Message(raw, 0.0))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Value: /srv/spool/monitor/2026/11/22/1.0.wav", "Value: [path]"),
        ("Value:/srv/spool/1.wav", "Value:[path]"),
        ("AppData: /var/spool/x y/1.wav,b,touch /tmp/it", "AppData: [path] y/1.wav,b,touch [path]"),
        ("ChanVariable(PJSIP/101-1): FILE=/srv/a/b.wav", "ChanVariable(PJSIP/101-1): FILE=[path]"),
        ("Channel: Local/201@from-queue-00000001;2", "Channel: Local/201@from-queue-00000001;2"),
        ("DialString: trunk/sip:0044@10.0.0.1/x", "DialString: trunk/sip:0044@10.0.0.1/x"),
        ("Value: https://example.org/a/b", "Value: https://example.org/a/b"),
    ],
)
def test_a_path_on_the_pbx_is_hidden_and_nothing_else(line: str, shown: str) -> None:
    assert hide_paths(message("Event: VarSet", line)) == message("Event: VarSet", shown)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda path: path.stem)
def test_no_path_of_a_real_asterisk_is_left(stream: Path) -> None:
    for raw in stream.read_bytes().split(b"\r\n\r\n"):
        hidden = hide_paths(raw)
        assert b"/srv" not in hidden
        assert b"/var" not in hidden
        changed = zip(raw.split(b"\r\n"), hidden.split(b"\r\n"), strict=True)
        assert all(b"[path]" in now for before, now in changed if before != now)
