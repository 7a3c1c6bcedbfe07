"""What people type is never code to Asterisk: a corpus in every field that reaches AMI."""

import re

import pytest

from pbx_bridge import commands, memberships
from pbx_bridge.ami import ActionRefused, BadAction, Link
from pbx_bridge.ami.actions import Action

LINE_ENDS = ["\r", "\n", "\r\n", "\r\n\r\n", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c"]
PAYLOADS = [
    *(f"1{end}Action: Command{end}Command: core stop now{end}{end}" for end in LINE_ENDS),
    *("\x00", "a\x7fb", "\x1b[2J", "\ud800", "1&PJSIP/102", "1,2", "1;2", "${SHELL(id)}", "$[1+1]"),
    *(
        "101@from-internal",
        "101)",
        "a|b",
        "`id`",
        "$(id)",
        "../../etc",
        "%0d%0a",
        "'--",
        "x" * 1025,
    ),
    *("x" * 5000, "/.*/", "1\\\r\n", "\u202e1", "１２３"),  # noqa: RUF001  # digits that are none
]
SHAPES = {
    "Action": r"[A-Za-z]+",
    "ActionID": r"action/[0-9a-f-]+/\d+/\d+",
    "Channel": r"[A-Za-z0-9_]+/[A-Za-z0-9_.@:+*#/-]+(;[12])?",
    "Context": r"[A-Za-z0-9_-]+",
    "Exten": r"[A-Za-z0-9*#+]+",
    "Priority": r"1",
    "Timeout": r"\d+",
    "CallerID": r"([\w .'+()/-]+ )?<\+?[0-9*#]+>",
    "ChannelId": r"[A-Za-z0-9_.-]+",
    "Async": r"true",
    "Variable": r"(_{0,2}[A-Za-z]\w*|PJSIP_HEADER\(add,[A-Za-z][\w-]*\))(=[A-Za-z0-9_.:+/-]*)?",
    "Value": r"[A-Za-z0-9_.:+/-]*",
    "Cause": r"\d+",
    "Interface": r"\w+/[A-Za-z0-9_.@*#+/-]+",
    "Paused": r"true|false",
    "Queue": r"[A-Za-z0-9_.-]+",
    "Reason": r"[\w .'-]+",
    "MemberName": r"[\w .'-]+",
    "StateInterface": r"\w+/[A-Za-z0-9_.@*#+/-]+",
    "Member": r"\w+/[A-Za-z0-9_.@*#+/-]+",
    "UserEvent": r"\w+",
    "Key": r"[A-Za-z0-9_.:+/-]*",
}
ALLOWED = {
    "Originate", "Hangup", "Redirect", "QueueAdd", "QueuePause", "QueueRemove", "QueueStatus",
    "Setvar", "UserEvent",
}  # fmt: skip
DIAL = {
    "channel": "PJSIP/101",
    "exten": "4930123",
    "context": "crm",
    "caller_id": "+4930123",
    "channel_id": "c1",
}
SINKS = {
    **{
        f"originate {field}": lambda link, text, field=field: commands.originate(
            link, **{**DIAL, field: text}
        )
        for field in (*DIAL, "caller_name")
    },
    "originate variable name": lambda link, text: commands.originate(
        link, **DIAL, variables={text: "1"}
    ),
    "originate variable value": lambda link, text: commands.originate(
        link, **DIAL, variables={"X": text}
    ),
    "originate header": lambda link, text: commands.originate(link, **DIAL, headers={text: "1"}),
    "originate header value": lambda link, text: commands.originate(
        link, **DIAL, headers={"X": text}
    ),
    "hangup": lambda link, text: commands.hangup(link, channel=text),
    "redirect channel": lambda link, text: commands.redirect(
        link, channel=text, exten="1", context="c"
    ),
    "redirect exten": lambda link, text: commands.redirect(
        link, channel="PJSIP/1-1", exten=text, context="c"
    ),
    "redirect context": lambda link, text: commands.redirect(
        link, channel="PJSIP/1-1", exten="1", context=text
    ),
    "pause interface": lambda link, text: commands.queue_pause(link, interface=text, paused=True),
    "pause queue": lambda link, text: commands.queue_pause(
        link, interface="PJSIP/1", paused=True, queue=text
    ),
    "pause reason": lambda link, text: commands.queue_pause(
        link, interface="PJSIP/1", paused=False, reason=text
    ),
    "join queue": lambda link, text: memberships.queue_add(link, queue=text, interface="PJSIP/1"),
    "join interface": lambda link, text: memberships.queue_add(link, queue="sales", interface=text),
    "join name": lambda link, text: memberships.queue_add(
        link, queue="sales", interface="PJSIP/1", name=text
    ),
    "join device": lambda link, text: memberships.queue_add(
        link, queue="sales", interface="PJSIP/1", device=text
    ),
    "leave queue": lambda link, text: memberships.queue_remove(
        link, queue=text, interface="PJSIP/1"
    ),
    "leave interface": lambda link, text: memberships.queue_remove(
        link, queue="sales", interface=text
    ),
    "list member": lambda link, text: memberships.queue_member(link, interface=text),
    "queue status": lambda link, text: commands.queue_status(link, queue=text),
    "variable name": lambda link, text: commands.set_variable(link, name=text, value="1"),
    "variable value": lambda link, text: commands.set_variable(link, name="X", value=text),
    "event name": lambda link, text: commands.user_event(link, name=text, headers={}),
    "event key": lambda link, text: commands.user_event(link, name="X", headers={text: "1"}),
    "event value": lambda link, text: commands.user_event(link, name="X", headers={"Key": text}),
}


@pytest.mark.bar(49)
async def test_no_payload_in_any_field_becomes_anything_but_its_value(pbx, linked, proof):
    tapped = bytearray()
    pbx.on_bytes = lambda _, data: tapped.extend(data)
    denied = ("Response: Error", "Message: Permission denied")
    for name in ALLOWED:
        pbx.behaviours[name] = lambda peer, action: peer.answer(action, *denied)
    async with linked(pbx) as link:
        tapped.clear()
        refused = []
        for sink in SINKS.values():
            for payload in PAYLOADS:
                try:
                    await sink(link, payload)
                except BadAction as error:
                    refused.append((payload, str(error)))
                except ActionRefused:
                    pass
        sent = bytes(tapped).decode().removesuffix("\r\n\r\n").split("\r\n\r\n")
    assert len(refused) > len(SINKS) * len(PAYLOADS) * 0.9
    assert not [said for payload, said in refused if payload in said]
    for lines in (block.split("\r\n") for block in sent if block):
        for line in lines:
            name, _, value = line.partition(": ")
            assert name in SHAPES, line
            flags = 0 if name in {"CallerID", "Reason", "MemberName"} else re.ASCII
            assert re.fullmatch(SHAPES[name], value, flags), line
        assert lines[0].removeprefix("Action: ") in ALLOWED
    proof.tried(len(SINKS) * len(PAYLOADS), of="payloads in sinks")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Action": "Ping", "X": "a\nb"}, id="control in a value"),
        pytest.param({"Action": "Ping", "X\r\nAction": "y"}, id="control in a key"),
        pytest.param({"Action": "Ping", "X: y": "z"}, id="colon in a key"),
        pytest.param({"Action": "Ping", "X": ["a", "b\r"]}, id="control in a list"),
        pytest.param({"Action": "Ping", "X": None}, id="none"),
        pytest.param({"Action": "Ping", "X": True}, id="a truth value"),
        pytest.param({"Action": "Ping", "X": "\u2028"}, id="line separator"),
        pytest.param({"Action": "Ping", "X": "\x85"}, id="next line"),
        pytest.param({"Action": "Ping", "X": "\udc00"}, id="half a character"),
        pytest.param({"Action": "Ping", "X": "x" * 1020}, id="1,025 bytes with its end"),
        pytest.param({"Action": "Ping", "X": "ё" * 511}, id="too long in UTF-8"),
        pytest.param({"Action": "Ping", **{f"X{n}": n for n in range(127)}}, id="129 headers"),
        pytest.param({"Action": "Ping", "X": ["v"] * 127}, id="129 headers in a list"),
        pytest.param({"Action": "Ping", "x": "1", "X": "2"}, id="twice in different case"),
        pytest.param({"Action": "Pi ng"}, id="two words"),
        pytest.param({"X": "1"}, id="no action"),
        pytest.param({}, id="nothing"),
        pytest.param({"Action": "Originate", "Application": "System"}, id="an application"),
        pytest.param({"Action": "originate", "DATA": "id"}, id="its data"),
    ],
)
async def test_what_asterisk_could_misread_is_refused_before_a_byte_is_written(
    pbx, linked, headers
):
    async with linked(pbx) as link:
        tapped = []
        pbx.on_bytes = lambda _, data: tapped.append(data)
        with pytest.raises(BadAction):
            await link.ask(headers)
        await link.ask({"Action": "Ping", "X": "x" * 1019})
        assert tapped[0].startswith(b"Action: Ping")
        assert len(tapped[0].split(b"\r\n")[2]) == 1022


async def test_128_headers_pass_and_lists_become_lines():
    action = Action({"Action": "Ping", "Variable": [f"v{n}=1" for n in range(126)]})
    assert action.wire.count(b"\r\n") == 129
    assert b"\r\nVariable: v125=1\r\n\r\n" in action.wire


async def test_a_bad_action_is_refused_without_a_link_too(config_of, pbx):
    link = Link(config_of(pbx))
    with pytest.raises(BadAction):
        await commands.hangup(link, channel="/.*/")
    await link.close()
