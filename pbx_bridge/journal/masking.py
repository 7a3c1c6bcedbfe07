"""What must never reach a disk is taken out of a message: typed digits and secrets; pure."""

import re

MASK = b"[masked]"
HIDDEN = b"[path]"

_HINTS = (
    b"digit", b"dtmf", b"\r\npin", b"cvv", b"card", b"secret", b"passw", b"md5", b"challenge",
    b"authoriz", b"token", b"hash", b"chanvariable", b"expectedresponse", b"keypress",
)  # fmt: skip
_WORDS = rb"digits?|dtmf|pin|cvv|card|secret|passw|md5|challenge|authoriz|token|hash|keypress"
_SENSITIVE = re.compile(rb"(?i)" + _WORDS)
_HEADER = re.compile(
    rb"(?i)(\r\n(?:[^:\r\n]*(?:digit|dtmf|cvv|card|secret|passw|md5|challenge|authoriz|token|hash|"
    rb"expectedresponse|keypress)[^:\r\n]*|pin(?:code)?): ?)(.*?)(?=\r\n|\Z)",
    re.DOTALL,
)
_PRINTED = re.compile(rb"(?i)((?:secret|passw(?:or)?d|md5_?cred)\s*[:=]\s*)([^\s,;]+)")
_VARIABLE = re.compile(rb"(?i)\r\nVariable: ?(.*?)(?=\r\n|\Z)", re.DOTALL)
_VALUE = re.compile(rb"(?i)(\r\nValue: ?)(.*?)(?=\r\n|\Z)", re.DOTALL)
_CHANNEL_VARIABLE = re.compile(
    rb"(?i)(\r\n[a-z]*ChanVariable(?:\([^\r\n]*?\))?: ?)([^=\r\n]*)=(.*?)(?=\r\n|\Z)", re.DOTALL
)
_APPLICATION = re.compile(rb"(?i)\r\nApplication: ?(.*?)(?=\r\n|\Z)", re.DOTALL)
_ARGUMENTS = re.compile(rb"(?i)(\r\nAppData: ?)(.*?)(?=\r\n|\Z)", re.DOTALL)
_PATHS = re.compile(rb"(?<![\w/.@-])(?:/[^/\s,;&|\"']+){2,}")
_DIGITS = re.compile(rb"[0-9]+")
_TYPED = re.compile(rb"[\s,;&|-]*[0-9*#A-D](?:[\s,;&|-]*[0-9*#A-D])*[\s,;&|-]*")

# Their headers are Asterisk's own: nothing but a ChanVariable can hold what was typed.
_HARMLESS = frozenset(
    b"Event: " + name
    for name in (
        b"AgentCalled AgentComplete AgentConnect AgentRingNoAnswer AttendedTransfer BlindTransfer "
        b"BridgeCreate BridgeDestroy BridgeEnter BridgeLeave BridgeMerge CoreShowChannel "
        b"DeviceStateChange DialBegin DialEnd DialState ExtensionStatus Hangup HangupRequest Hold "
        b"LocalBridge MixMonitorMute MixMonitorStart MixMonitorStop NewCallerid NewConnectedLine "
        b"Newchannel Newstate ParkedCall Pickup QueueCallerAbandon QueueCallerJoin "
        b"QueueCallerLeave QueueEntry QueueMember QueueMemberPause QueueMemberStatus RTCPReceived "
        b"RTCPSent UnParkedCall Unhold"
    ).split()
)

# Numbers that Asterisk itself sets about a call: nobody typed them.
_COUNTED = re.compile(
    rb"(?:LOCAL\()?(?:QUEUE\w*|Q?DIAL\w*|ANSWEREDTIME\w*|RINGTIME\w*|PROGRESSTIME\w*|RTPAUDIO\w*"
    rb"|BRIDGE\w*|ARGC|GOSUB_RETVAL|MIXMONITOR\w*|HANGUPCAUSE|PRIORITY|AGISTATUS|MEMBER\w*)\)?"
)
# Applications whose arguments say where a call goes; all others may be given what was typed.
_GOES = frozenset(
    b"AppDial AppDial2 AppQueue Answer Background BridgeWait Busy ChanSpy ConfBridge Congestion "
    b"Dial ExtenSpy Gosub Goto Hangup Macro MeetMe MixMonitor Monitor MusicOnHold Park ParkedCall "
    b"Pickup Playback Progress Queue Return Ringing StopMixMonitor Stasis Transfer VoiceMail "
    b"VoiceMailMain Wait WaitExten".split()
)


def mask(raw: bytes) -> bytes:
    """Return the message without typed digits and secrets; it has the same headers in their order.

    What was dialled stays: the Extension of a Newexten is a number like any other.
    """
    first = raw.partition(b"\r\n")[0]
    if first in _HARMLESS:
        return _without_variables(raw)
    name = first.lower().removeprefix(b"event:").strip()
    if name == b"varset":
        return _without_variables(_varset(raw))
    if name == b"newexten":
        return _without_variables(_newexten(raw))
    lowered = raw.lower()
    if any(hint in lowered for hint in _HINTS):
        raw = _HEADER.sub(rb"\1" + MASK, raw)
        raw = _CHANNEL_VARIABLE.sub(_channel_variable, raw)
        raw = _PRINTED.sub(rb"\1" + MASK, raw)
    return raw


def hide_paths(raw: bytes) -> bytes:
    """Return the message without paths on the PBX, of recordings above all: no page shows one."""
    return _PATHS.sub(HIDDEN, raw)


def _without_variables(raw: bytes) -> bytes:
    return _CHANNEL_VARIABLE.sub(_channel_variable, raw) if b"ChanVariable" in raw else raw


def _varset(raw: bytes) -> bytes:
    named = _VARIABLE.search(raw)
    name = named[1] if named else b""

    def without(found: re.Match[bytes]) -> bytes:
        return found[1] + (MASK if _is_typed(name, found[2]) else found[2])

    return _VALUE.sub(without, raw)


def _channel_variable(found: re.Match[bytes]) -> bytes:
    value = MASK if _is_typed(found[2], found[3]) else found[3]
    return found[1] + found[2] + b"=" + value


def _is_typed(name: bytes, value: bytes) -> bool:
    """Whether a variable may hold what somebody typed, or a secret."""
    if _SENSITIVE.search(name):
        return True
    return bool(_TYPED.fullmatch(value)) and not _COUNTED.fullmatch(name)


def _newexten(raw: bytes) -> bytes:
    application = _APPLICATION.search(raw)
    if application and application[1] in _GOES:
        return raw
    return _ARGUMENTS.sub(lambda found: found[1] + _DIGITS.sub(MASK, found[2]), raw)
