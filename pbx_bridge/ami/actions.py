"""An action on its way to Asterisk: checked before it is written, never shown with its secrets."""

import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from panoramisk import actions as panoramisk_actions

from pbx_bridge.ami.errors import ActionRefused, BadAction, OutcomeUnknown
from pbx_bridge.ami.message import Message

Value = str | int | Sequence[str]

MAX_LINE = 1024  # Asterisk's reader, line end included
MAX_HEADERS = 128
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NEVER_DIALLED = frozenset({"application", "data"})


class Action(panoramisk_actions.Action):
    """One action and the future of its answer: a Message, or for a list its events.

    `as_list` collects events until the PBX says it is complete; `max_list` bounds them in bytes.
    """

    def __init__(
        self, headers: Mapping[str, Value], *, as_list: bool = False, max_list: int = 1 << 25
    ) -> None:
        checked = _checked(headers)
        super().__init__(checked, as_list=as_list)  # type: ignore[no-untyped-call]  # panoramisk has no types
        self.wire = self._written()
        self._room = max_list

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(name)  # panoramisk answers '' to any misspelling

    def __repr__(self) -> str:
        return f"<Action {self.name} {self.id}>"

    __str__ = __repr__

    @property
    def name(self) -> str:
        """What it asks for: Originate, Ping."""
        return str(self["Action"])

    @property
    def id(self) -> str:
        """Its ActionID, by which answers find it."""
        return str(self["ActionID"])

    @property
    def action_id(self) -> str:
        """Panoramisk's other name for it."""
        return self.id

    def add_message(self, message: Message) -> bool:
        """Take an answer or an event of the list; True when nothing more is expected."""
        if self.future.done():
            return True
        if not message.is_event:
            return self._answered(message)
        if not self.as_list:
            return False
        ends = message.get("EventList").lower()
        if ends == "cancelled":
            return self._failed(ActionRefused(self.name, message))
        if ends == "complete" or message.name.endswith("Complete"):
            self.future.set_result(self.responses)
            return True
        return self._listed(message)

    def lost(self) -> None:
        """The connection is gone: whoever waits learns that nobody knows."""
        if not self.future.done():
            self._failed(OutcomeUnknown(f"the link was lost before {self.name} was answered"))

    def _answered(self, message: Message) -> bool:
        if not message.success:
            return self._failed(ActionRefused(self.name, message))
        if self.as_list:
            return False
        self.future.set_result(message)
        return True

    def _listed(self, message: Message) -> bool:
        self._room -= len(message.raw)
        if self._room < 0:
            return self._failed(OutcomeUnknown(f"the list of {self.name} is too long"))
        self.responses.append(message)
        return False

    def _failed(self, error: Exception) -> bool:
        self.future.set_exception(error)
        return True

    def _written(self) -> bytes:
        """The bytes for the wire: Action first, ActionID second, then in the order given."""
        first = ["Action", "ActionID"]
        known = {key.lower() for key in first}
        keys = first + [key for key in self if key.lower() not in known]
        lines = [line for key in keys for line in _lines(key, self[key])]
        if len(lines) > MAX_HEADERS:
            raise BadAction(f"{self.name} has more than {MAX_HEADERS} headers")
        return b"".join(lines) + b"\r\n"


def _checked(headers: Mapping[str, Value]) -> dict[str, Value]:
    for key in headers:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise BadAction("a header's name has characters that AMI does not allow")
    lowered = [key.lower() for key in headers]
    if len(set(lowered)) < len(lowered):
        raise BadAction("a header is given twice in different case")
    if not headers or "action" not in lowered:
        raise BadAction("an action without a name")
    checked = dict(headers)
    name = checked[next(key for key in checked if key.lower() == "action")]
    if not isinstance(name, str) or not _KEY.fullmatch(name):
        raise BadAction("an action's name is one word")
    return _asynchronous(checked) if name.lower() == "originate" else checked


def _asynchronous(headers: dict[str, Value]) -> dict[str, Value]:
    """An Originate that does not block the session, and only dials into the dialplan."""
    if any(key.lower() in _NEVER_DIALLED for key in headers):
        raise BadAction("an Originate names Context, Exten and Priority, never an application")
    others = {key: value for key, value in headers.items() if key.lower() != "async"}
    return {**others, "Async": "true"}


def _lines(key: str, value: object) -> list[bytes]:
    if isinstance(value, list | tuple):
        return [_line(key, item) for item in value]
    return [_line(key, value)]


def _line(key: str, value: object) -> bytes:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadAction(f"{key} is neither text nor a whole number")
    text = str(value)
    if _CONTROL.search(text):
        raise BadAction(f"{key} has a control character")
    line = f"{key}: {text}\r\n".encode()
    if len(line) > MAX_LINE:
        raise BadAction(f"{key} is longer than Asterisk reads in a line")
    return line
