"""What a value that reaches AMI may look like: an allow-list for each kind, whoever typed it."""

import re

from pbx_bridge.ami.errors import BadAction

_SHAPES = {
    # a device to ring: one technology, one place, nothing that adds a leg
    "device": r"(?:PJSIP|SIP|IAX2|SCCP|DAHDI)/[A-Za-z0-9_.-]{1,79}"
    r"|Local/[A-Za-z0-9_*#+-]{1,40}@[A-Za-z0-9_-]{1,80}(?:/n)?",
    # a channel that lives; Hangup would read a leading slash as a pattern
    "channel": r"[A-Za-z0-9_]{1,20}/[A-Za-z0-9_.@:+*#/-]{1,120}(?:;[12])?",
    "extension": r"[A-Za-z0-9*#+]{1,40}",
    "place": r"[A-Za-z0-9*#+]{1,40}|queue[A-Za-z0-9_.-]{1,80}",
    "key": r"[0-9*#A-D]",
    "context": r"[A-Za-z0-9_-]{1,80}",
    "number": r"\+?[0-9*#]{1,40}",
    "queue": r"[A-Za-z0-9_.-]{1,80}",
    "reason": r"[\w .'-]{1,80}",
    "member name": r"[\w .'-]{1,80}",
    "channel id": r"[A-Za-z0-9_.-]{1,120}",
    "variable name": r"_{0,2}[A-Za-z][A-Za-z0-9_]{0,60}",
    "variable value": r"[A-Za-z0-9_.:+/-]{0,250}",
    "header": r"[A-Za-z][A-Za-z0-9_-]{0,40}",
}
_PATTERNS = {kind: re.compile(shape) for kind, shape in _SHAPES.items()}
_NOT_IN_A_NAME = re.compile(r"[^\w .'+()/-]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def shaped(kind: str, value: str) -> str:
    """`value` when it has the shape of its kind, else BadAction (which does not repeat it)."""
    if not isinstance(value, str) or not _PATTERNS[kind].fullmatch(value):
        raise BadAction(f"that is no {kind} which Ringbook sends to Asterisk")
    return value


def caller_id(number: str, name: str = "") -> str:
    """The CallerID header; characters that a dialplan may read as syntax are left out of a name."""
    if _CONTROL.search(name):
        raise BadAction("the name has a control character")
    plain = _NOT_IN_A_NAME.sub("", name)[:80].strip()
    return f"{plain} <{shaped('number', number)}>".lstrip()
