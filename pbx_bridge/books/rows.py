"""Rows of the books a PBX keeps of its calls, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Cel:
    """Something that happened to a channel (Channel Event Logging)."""

    type: str  # CHAN_START, ANSWER, BRIDGE_ENTER, HANGUP …
    at: datetime
    uniqueid: str
    linkedid: str
    channel: str  # PJSIP/101-00000002
    number: str = ""  # as the PBX wrote it, "" where withheld
    name: str = ""  # a stranger's text
    exten: str = ""
    context: str = ""
    application: str = ""
    data: str = ""  # what the application was given
    peer: str = ""  # whom it is bridged with
    extra: Mapping[str, str] = field(default_factory=dict)  # what only this type of event has


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdr:
    """One attempt to connect two channels (Call Detail Records); a call has several."""

    start: datetime
    answer: datetime | None
    end: datetime
    src: str
    dst: str
    channel: str
    dst_channel: str = ""
    disposition: str = ""  # ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION
    seconds: int = 0
    billsec: int = 0
    uniqueid: str = ""  # "" where the PBX does not log it
    linkedid: str = ""  # the same
    context: str = ""
    name: str = ""  # a stranger's text
    last_app: str = ""
    last_data: str = ""
    sequence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A line of queue_log; its time is in whole seconds."""

    at: datetime
    callid: str  # the uniqueid of the caller's channel, NONE where there is none
    queue: str
    agent: str  # the member's name
    event: str  # ENTERQUEUE, CONNECT, RINGNOANSWER, ABANDON …
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What a PBX wrote down of a period, in order of time.

    `troubles` are sentences: a file that is missing, lines that could not be read.
    """

    cels: tuple[Cel, ...] = ()
    cdrs: tuple[Cdr, ...] = ()
    queue_log: tuple[QueueEntry, ...] = ()
    troubles: tuple[str, ...] = ()
    has_cel: bool = False
    has_cdr: bool = False
    has_queue_log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFolder:
    """Where the books of a PBX are on this machine, local or mounted; None: it keeps none."""

    cdr: Path | None = None  # …/cdr-csv/Master.csv
    cel: Path | None = None  # …/cel-custom/Master.csv
    queue_log: Path | None = None  # …/asterisk/queue_log
