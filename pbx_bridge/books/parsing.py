"""From the lines of the books to rows; a line that cannot be read is None, never an error.

CEL is written by the mapping that `ringbook doctor --print` prints, which is also Asterisk's own
example. CDR has 16 columns and up to 5 more, by the settings of cdr.conf; all of them are known.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from pbx_bridge.books.rows import Cdr, Cel, QueueEntry
from pbx_bridge.translate import headers

CEL_COLUMNS = (
    *("eventtype", "eventtime", "cid_name", "cid_num", "cid_ani", "cid_rdnis", "cid_dnid"),
    *("exten", "context", "channame", "appname", "appdata", "amaflags", "accountcode"),
    *("uniqueid", "linkedid", "peer", "userfield", "userdeftype", "extra"),
)
_CEL_NEEDS = CEL_COLUMNS.index("linkedid") + 1
CDR_COLUMNS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp"),
    *("lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
_NEW_COLUMNS = ("peeraccount", "linkedid", "sequence")
_LONGEST = 64 * 1024  # characters of a record; a quote that never closes ends here
_EPOCH = re.compile(r"\d{9,11}(?:\.\d{1,9})?")
_UNIQUEID = re.compile(r"(?:^|-)(\d{9,11})\.\d+$")
_CALLER = re.compile(r'^"(?P<name>.*)"\s*<', re.DOTALL)
_CEL_BEGINS = re.compile(r'"?[A-Z_]+"?,"?\d')
_CDR_BEGINS = re.compile(r'(?:"(?:[^"]|"")*",){5}"[^",/]+/')  # …, clid, PJSIP/…
_LAST_YEAR = 9998  # a time zone may still be added


def records(lines: Iterable[str], begins: Callable[[str], object]) -> Iterator[str]:
    """Yield whole CSV records; a field may hold line ends, and a torn record eats no other."""
    held = ""
    for line in lines:
        if held and begins(line):
            yield held
            held = ""
        held += line
        if held.count('"') % 2 == 0 or len(held) > _LONGEST:
            yield held
            held = ""
    if held:
        yield held


def cel_begins(line: str) -> bool:
    """Tell whether a record of CEL begins with this line."""
    return _CEL_BEGINS.match(line) is not None


def cdr_begins(line: str) -> bool:
    """Tell whether a record of CDR begins with this line."""
    return _CDR_BEGINS.match(line) is not None


def cel(record: str) -> Cel | None:
    """Read a record of cel-custom/Master.csv."""
    fields = _fields(record)
    if not _CEL_NEEDS <= len(fields) <= len(CEL_COLUMNS):
        return None
    return cel_of(dict(zip(CEL_COLUMNS, fields, strict=False)))


def cel_of(columns: Mapping[str, str]) -> Cel | None:
    """Read a row of CEL by the names that Asterisk's SQL backends give its columns."""
    get = columns.get
    at = moment(get("eventtime", ""))
    kind, uniqueid, channel = get("eventtype", ""), get("uniqueid", ""), get("channame", "")
    if at is None or not (kind and uniqueid and channel):
        return None
    return Cel(
        type=kind,
        at=at,
        uniqueid=uniqueid,
        linkedid=get("linkedid", "") or uniqueid,
        channel=channel,
        number=headers.number(get("cid_num", "")),
        name=_name(get("cid_name", "")),
        exten=get("exten", ""),
        context=get("context", ""),
        application=get("appname", ""),
        data=get("appdata", ""),
        peer=get("peer", ""),
        extra=_extra(get("extra", "")),
    )


def cdr(record: str) -> Cdr | None:
    """Read a record of cdr-csv/Master.csv; its times are as written, in no time zone yet."""
    fields = _fields(record)
    more = _more_columns(fields[len(CDR_COLUMNS) :])
    if len(fields) < len(CDR_COLUMNS) or more is None:
        return None
    return cdr_of(dict(zip((*CDR_COLUMNS, *more), fields, strict=True)))


def cdr_of(columns: Mapping[str, str]) -> Cdr | None:
    """Read a row of CDR by the names that Asterisk gives its columns."""
    get = columns.get
    start, end = moment(get("start", "")), moment(get("end", ""))
    if start is None or end is None or not get("channel"):
        return None
    caller = _CALLER.match(get("clid", ""))
    return Cdr(
        start=start,
        answer=moment(get("answer", "")),
        end=end,
        src=headers.number(get("src", "")),
        dst=get("dst", ""),
        channel=get("channel", ""),
        dst_channel=get("dstchannel", ""),
        disposition=get("disposition", ""),
        seconds=headers.whole(get("duration", "")),
        billsec=headers.whole(get("billsec", "")),
        uniqueid=get("uniqueid", ""),
        linkedid=get("linkedid", ""),
        context=get("dcontext", ""),
        name=_name(caller["name"]) if caller else "",
        last_app=get("lastapp", ""),
        last_data=get("lastdata", ""),
        sequence=get("sequence", ""),
    )


def queue_entry(line: str) -> QueueEntry | None:
    """Read a line of queue_log."""
    time, *fields = line.rstrip("\r\n").split("|")
    at = moment(time)
    if at is None or len(fields) < len(("callid", "queue", "agent", "event")):
        return None
    callid, queue, agent, event, *data = fields
    return QueueEntry(at=at, callid=callid, queue=queue, agent=agent, event=event, data=tuple(data))


def moment(text: str) -> datetime | None:
    """Read a time: seconds since 1970, or as it is written, taken for UTC."""
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC)
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if not 1 < written.year < _LAST_YEAR:
        return None
    return written.replace(tzinfo=UTC) if written.tzinfo is None else written.astimezone(UTC)


def born(uniqueid: str) -> datetime | None:
    """Return when a channel was made, which its id says unless somebody chose the id."""
    found = _UNIQUEID.search(uniqueid)
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def _fields(record: str) -> list[str]:
    try:
        (fields,) = csv.reader([record.rstrip("\r\n")], strict=True)
    except (csv.Error, ValueError):
        return []
    return fields


def _more_columns(fields: list[str]) -> tuple[str, ...] | None:
    """Name the columns that cdr.conf adds: uniqueid, userfield, the new ones, each or none."""
    new = _NEW_COLUMNS if len(fields) >= len(_NEW_COLUMNS) else ()
    match len(fields) - len(new):
        case 0:
            return new
        case 1:
            return ("uniqueid" if born(fields[0]) else "userfield", *new)
        case 2:
            return ("uniqueid", "userfield", *new)
        case _:
            return None


def _name(text: str) -> str:
    return "" if text.lower() in headers.WITHHELD else " ".join(text.splitlines())


def _extra(text: str) -> Mapping[str, str]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: str(value) for key, value in found.items()}
