"""What a screen knows: a snapshot, and every message since folded into it."""

from collections.abc import Iterable
from typing import Any, Self

from web.live.messages import Data, Kind

CLOSED_KEPT = 20  # pops that went away, for "you missed …"


class View:
    """The state of one user's screens; the server and every client fold the same messages."""

    def __init__(self) -> None:
        self.pops: dict[str, Data] = {}  # by id, in the order in which they opened
        self.closed: dict[str, Data] = {}  # the last ones by id, newest last
        self.phones: dict[str, Data] = {}  # by pbx and extension
        self.presences: dict[str, Data] = {}  # by pbx and extension
        self.links: dict[str, Data] = {}  # by pbx
        self.storage: Data = {"behind": False, "since": None}

    @classmethod
    def of(cls, snapshot: Data) -> Self:
        """Begin from what a snapshot says."""
        view = cls()
        view.pops = {pop["id"]: pop for pop in snapshot["pops"]}
        view.closed = {pop["id"]: pop for pop in snapshot["closed"]}
        view.phones = _by(("pbx", "extension"), snapshot["phones"])
        view.presences = _by(("pbx", "extension"), snapshot.get("presences", ()))
        view.links = _by(("pbx",), snapshot["links"])
        view.storage = snapshot["storage"]
        return view

    def data(self) -> dict[str, Any]:
        """Return the state as a snapshot says it."""
        return {
            "pops": list(self.pops.values()),
            "closed": list(self.closed.values()),
            "phones": list(self.phones.values()),
            "presences": list(self.presences.values()),
            "links": list(self.links.values()),
            "storage": self.storage,
        }

    def apply(self, kind: str, data: Data) -> None:
        """Fold one message in; a kind without state changes nothing."""
        match kind:
            case Kind.POP_OPENED | Kind.POP_CHANGED:
                self.closed.pop(data["id"], None)
                self.pops[data["id"]] = data
            case Kind.POP_CLOSED:
                self._close(data)
            case Kind.PHONE_CHANGED:
                self.phones[_key(("pbx", "extension"), data)] = data
            case Kind.PRESENCE_CHANGED:
                self.presences[_key(("pbx", "extension"), data)] = data
            case Kind.PRESENCE_REMOVED:
                self.presences.pop(_key(("pbx", "extension"), data), None)
            case Kind.LINK_CHANGED:
                self.links[_key(("pbx",), data)] = data
            case Kind.LINK_REMOVED:
                self.links.pop(_key(("pbx",), data), None)
            case Kind.STORAGE_CHANGED:
                self.storage = data
            case _:
                pass

    def _close(self, data: Data) -> None:
        self.pops.pop(data["id"], None)
        self.closed[data["id"]] = data  # said again with a better reason, it keeps its place
        while len(self.closed) > CLOSED_KEPT:
            del self.closed[next(iter(self.closed))]


def _key(names: tuple[str, ...], data: Data) -> str:
    return "/".join(str(data[name]) for name in names)


def _by(names: tuple[str, ...], rows: Iterable[Data]) -> dict[str, Data]:
    return {_key(names, row): row for row in rows}
