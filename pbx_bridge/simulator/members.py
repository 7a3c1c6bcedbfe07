"""The members of the simulated PBX's queues: listed, paused, logged in and out as Asterisk does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pbx_bridge.simulator.channels import Headers, event
from pbx_bridge.simulator.stories import Phone

DONE = {
    "queuepause": "Interface paused successfully",
    "queueadd": "Added interface to queue",
    "queueremove": "Removed interface from queue",
}


@dataclass(slots=True)
class _Member:
    """One member of one queue."""

    queue: str
    interface: str
    name: str
    device: str
    membership: str = "static"
    paused: bool = False
    reason: str = ""
    paused_at: int = 0

    def headers(self, *, listed: bool = False) -> Headers:
        """How it stands, with the header names of a list or of an event."""
        name, interface = ("Name", "Location") if listed else ("MemberName", "Interface")
        return (
            ("Queue", self.queue),
            (name, self.name),
            (interface, self.interface),
            ("StateInterface", self.device),
            ("Membership", self.membership),
            ("Penalty", "0"),
            ("CallsTaken", "0"),
            ("LastCall", "0"),
            ("LastPause", str(self.paused_at)),
            ("InCall", "0"),
            ("Status", "1"),
            ("Paused", "1" if self.paused else "0"),
            ("PausedReason", self.reason),
            ("Wrapuptime", "0"),
        )


class Members:
    """Who is in which queue; `queues` says who always is."""

    def __init__(self, queues: Mapping[str, Sequence[Phone]]) -> None:
        self._queues = set(queues)
        self._members: dict[tuple[str, str], _Member] = {}
        for queue, phones in queues.items():
            for phone in phones:
                device = f"PJSIP/{phone.extension}"
                self._members[queue, device] = _Member(queue, device, phone.name, device)

    def takes_calls(self, queue: str, phone: Phone) -> bool:
        """Whether the queue would call the phone; where there is no such member, it would."""
        member = self._members.get((queue, f"PJSIP/{phone.extension}"))
        return member is None or not member.paused

    def listed(self, action: Mapping[str, str]) -> list[Headers]:
        """Return one QueueMember for each member that was asked for."""
        found = (
            m for m in self._members.values() if action.get("Member", m.interface) == m.interface
        )
        return [(("Event", "QueueMember"), *member.headers(listed=True)) for member in found]

    def ask(self, action: Mapping[str, str], at: float) -> tuple[str | None, list[Headers]]:
        """Do what is asked; return why not (or None), and what every listener is told."""
        match action["Action"].lower():
            case "queuepause":
                return self._pause(action, int(at))
            case "queueadd":
                return self._add(action)
            case _:
                return self._remove(action)

    def autopause(self, queue: str, phone: Phone, at: float) -> list[Headers]:
        """The phone let it ring: the queue pauses it, as its settings say."""
        asked = {"Interface": f"PJSIP/{phone.extension}", "Paused": "true", "Reason": "Auto-Pause"}
        return self._pause({**asked, "Queue": queue}, int(at))[1]

    def _meant(self, action: Mapping[str, str]) -> Iterator[_Member]:
        for member in self._members.values():
            is_here = action.get("Queue", member.queue) == member.queue
            if is_here and member.interface == action.get("Interface"):
                yield member

    def _pause(self, action: Mapping[str, str], at: int) -> tuple[str | None, list[Headers]]:
        told = []
        for member in self._meant(action):
            member.paused = action.get("Paused", "").lower() in {"true", "1"}
            member.reason = action.get("Reason", "") if member.paused else ""
            member.paused_at = at if member.paused else member.paused_at
            told.append(event("QueueMemberPause", "agent", member.headers()))
        return (None if told else "Interface not found"), told

    def _add(self, action: Mapping[str, str]) -> tuple[str | None, list[Headers]]:
        queue, interface = action.get("Queue", ""), action.get("Interface", "")
        if queue not in self._queues:
            return "Unable to add interface to queue: No such queue", []
        if (queue, interface) in self._members:
            return "Unable to add interface: Already there", []
        device = action.get("StateInterface", interface)
        name = action.get("MemberName", interface)
        member = _Member(queue, interface, name, device, membership="dynamic")
        self._members[queue, interface] = member
        return None, [event("QueueMemberAdded", "agent", member.headers())]

    def _remove(self, action: Mapping[str, str]) -> tuple[str | None, list[Headers]]:
        member = next(self._meant(action), None)
        if member is None:
            return "Unable to remove interface: Not there", []
        if member.membership != "dynamic":
            return "Unable to remove interface: Member not dynamic", []
        del self._members[member.queue, member.interface]
        return None, [event("QueueMemberRemoved", "agent", member.headers())]
