"""The chain of custody: each entry holds the hash of the one before it; pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

VERSION = 1  # of what is hashed
START = "0" * 64  # what the first entry follows


class Act(StrEnum):
    """What happened to a recording."""

    STORED = "stored"
    ADOPTED = "adopted"  # it lay on the shelf before there was a chain
    PLAYED = "played"
    READ = "read"  # what was said in it
    DOWNLOADED = "downloaded"
    SHARED = "shared"  # heard by a link
    RESEALED = "resealed"  # encrypted anew, under another name
    REWRAPPED = "rewrapped"  # its key was
    TRANSCODED = "transcoded"  # another form of it lies beside it
    REPLACED = "replaced"  # by its other form: what came from the PBX went
    DELETED = "deleted"


SHELVES = {Act.STORED, Act.ADOPTED, Act.RESEALED}


class Break(StrEnum):
    """How a chain is broken."""

    MISSING = "missing"  # an entry is not there
    CHANGED = "changed"  # it says something else than when it was written
    DETACHED = "detached"  # it does not follow the one before it
    CUT_OFF = "cut_off"  # the chain ends before an entry that was its end
    REPLACED = "replaced"  # it is another one than the one that was noted
    STRANGE = "strange"  # it speaks of a recording that was deleted or never stored
    FILE_LOST = "file_lost"
    FILE_CHANGED = "file_changed"
    ROW_CHANGED = "row_changed"  # the base names another file
    ROW_LOST = "row_lost"  # the base knows it no more, and no entry deletes it
    UNKNOWN = "unknown"  # on the shelf by the base's word alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act on one recording."""

    number: int  # from 1 on
    at: datetime
    act: str
    recording_id: UUID
    call_id: UUID | None
    user_id: UUID | None
    sha256: str  # of the sound, as it was stored
    details: Mapping[str, str]
    previous: str  # the hash of the entry before
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry at which a chain is broken."""

    what: Break
    number: int  # of the entry; 0 where the base names what no entry does
    recording_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording that the chain says is on the shelf."""

    number: int  # of the entry that says so
    sha256: str
    key: str
    forms: Mapping[str, str] = field(default_factory=dict)  # hashes of its other forms, by key


@dataclass(slots=True)
class Walk:
    """Follows a chain from its begin on; `anchors` are hashes that were noted, by number."""

    anchors: Mapping[int, str] = field(default_factory=dict)
    number: int = 0
    hash: str = START
    kept: dict[UUID, Kept] = field(default_factory=dict)
    broken: Broken | None = None

    def feed(self, entry: Entry) -> bool:
        """Take the next entry; gives False once the chain is broken."""
        if self.broken is None:
            what = self._fault(entry)
            if what is not None:
                number = self.number + 1 if what is Break.MISSING else entry.number
                self.broken = Broken(what, number, entry.recording_id)
            else:
                self.number, self.hash = entry.number, entry.hash
        return self.broken is None

    def end(self) -> Broken | None:
        """There are no more entries: gives what is broken, None where all is well."""
        further = [number for number in self.anchors if number > self.number]
        if self.broken is None and further:
            self.broken = Broken(Break.CUT_OFF, self.number + 1)
        return self.broken

    def _fault(self, entry: Entry) -> Break | None:
        if entry.number > self.number + 1:
            return Break.MISSING
        if entry.number != self.number + 1 or entry.previous != self.hash:
            return Break.DETACHED
        if digest(entry) != entry.hash:
            return Break.CHANGED
        if self.anchors.get(entry.number, entry.hash) != entry.hash:
            return Break.REPLACED
        return self._keep(entry)

    def _keep(self, entry: Entry) -> Break | None:
        known, said = self.kept.get(entry.recording_id), entry.details
        was = said.get("was", "") if entry.act == Act.REPLACED else entry.sha256
        if known is None and entry.act not in SHELVES:
            return Break.STRANGE
        if known is not None and known.sha256 != was:
            return Break.STRANGE
        forms = dict(known.forms) if known else {}
        if entry.act == Act.DELETED:
            del self.kept[entry.recording_id]
        elif known is None or entry.act in SHELVES or entry.act == Act.REPLACED:
            kept = Kept(entry.number, entry.sha256, said.get("key", ""), forms)
            self.kept[entry.recording_id] = kept
        elif entry.act == Act.TRANSCODED:
            forms[said.get("key", "")] = said.get("form", "")
            self.kept[entry.recording_id] = replace(known, forms=forms)
        return None


def digest(entry: Entry) -> str:
    """Return the hash of an entry's content, in hexadecimal digits."""
    content = [
        VERSION, entry.number, entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.act, str(entry.recording_id), str(entry.call_id or ""), str(entry.user_id or ""),
        entry.sha256, dict(entry.details), entry.previous,
    ]  # fmt: skip
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def to_line(entry: Entry) -> str:
    """Return the entry as one line of an exported chain."""
    fields = {
        "number": entry.number, "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "act": entry.act, "recording": str(entry.recording_id), "call": str(entry.call_id or ""),
        "user": str(entry.user_id or ""), "sha256": entry.sha256, "details": dict(entry.details),
        "previous": entry.previous, "hash": entry.hash,
    }  # fmt: skip
    return json.dumps(fields, ensure_ascii=True)


def from_line(line: str) -> Entry:
    """Read a line of an exported chain; raises ValueError where it is none."""
    try:
        said = json.loads(line)
        return Entry(
            number=int(said["number"]), at=datetime.fromisoformat(said["at"]), act=str(said["act"]),
            recording_id=UUID(said["recording"]), call_id=_key(said["call"]),
            user_id=_key(said["user"]), sha256=str(said["sha256"]),
            details={str(name): str(value) for name, value in said["details"].items()},
            previous=str(said["previous"]), hash=str(said["hash"]),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"no entry of a chain of custody: {error}") from None


def _key(text: str) -> UUID | None:
    return UUID(text) if text else None
