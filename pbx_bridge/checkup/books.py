"""What follows from the ends of a PBX's books: can calls be told from them, and how surely?"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pbx_bridge.books import parsing
from pbx_bridge.books.rows import Cdr, Cel, QueueEntry
from pbx_bridge.books.samples import Sample, Samples
from pbx_bridge.checkup.findings import Finding, Mark

EVENTS = frozenset({"CHAN_START", "ANSWER", "BRIDGE_ENTER", "BRIDGE_EXIT", "HANGUP", "CHAN_END"})
MANY = 100  # rows, in which each of these should have come
_PASTE = "Paste {} of `ringbook doctor --print` into the PBX and run `core reload`."
_TELLS = {
    "CEL": "Without CEL, calls that come and go while the link is down are told from CDR: who rang "
    "how long, what was held, and how an unanswered call ended stay uncertain.",
    "CDR": "Without CDR, nothing but CEL can show that a call is missing here, and a PBX that "
    "writes no CEL either leaves such calls untold.",
    "queue_log": "Without queue_log, who waited in which queue, how they left it and which members "
    "let it ring stay uncertain for calls that come and go while the link is down.",
}
_ADVICE = {
    "CEL": _PASTE.format("cel.conf and cel_custom.conf"),
    "CDR": _PASTE.format("cdr.conf"),
    "queue_log": "See that logger.conf does not say `queue_log = no`.",
}
_NOTHING = (
    "No books of this PBX are named: calls that come and go while the link is down are lost, and "
    "nothing can be reconciled."
)
_LATE = timedelta(minutes=10)


def of_books(samples: Samples, *, in_sql: frozenset[str] = frozenset()) -> list[Finding]:
    """Judge the books of a PBX by their ends; `in_sql` names those that are tables instead."""
    books = {"CEL": samples.cel, "CDR": samples.cdr, "queue_log": samples.queue_log}
    if not in_sql and all(sample is None for sample in books.values()):
        return [Finding(Mark.WARNING, _NOTHING, _naming())]
    found = [
        finding
        for name, sample in books.items()
        if sample is not None or name not in in_sql
        for finding in _of_one(name, sample)
    ]
    found += _of_cel(samples.cel.rows if samples.cel is not None else ())
    found += _of_cdr(samples.cdr.rows if samples.cdr is not None else ())
    return found


def _of_one(
    name: str, sample: Sample[Cel] | Sample[Cdr] | Sample[QueueEntry] | None
) -> Iterator[Finding]:
    if sample is None:
        yield Finding(Mark.WARNING, f"{name} is not named. {_TELLS[name]}", _naming())
        return
    advice = _ADVICE[name]
    if sample.why:
        what = f"{name} cannot be read, {sample.path}: {sample.why}. {_TELLS[name]}"
        yield Finding(Mark.BAD, what, f"{advice} Let the user that runs Ringbook read the file.")
    elif not sample.rows and sample.unreadable:
        what = f"None of the last {sample.unreadable} lines of {name} can be read: other columns."
        yield Finding(Mark.BAD, f"{what} {_TELLS[name]}", advice)
    elif not sample.rows:
        yield Finding(Mark.UNPROVEN, f"{name} holds no row yet, {sample.path}.")
    elif sample.unreadable:
        what = f"{sample.unreadable} of the last lines of {name} cannot be read."
        yield Finding(Mark.WARNING, what, "Look at the file: lines were torn, or written by hand.")
    else:
        last = max(_written(row) for row in sample.rows)
        yield Finding(
            Mark.GOOD, f"{name} can be read; its last row is of {last:%Y-%m-%d %H:%M} UTC."
        )


def _of_cel(rows: Sequence[Cel]) -> Iterator[Finding]:
    seen = {row.type for row in rows}
    if not seen:
        return
    count = len(rows)
    if missing := sorted(EVENTS - seen) if count >= MANY else []:
        what = f"CEL has no {', '.join(missing)}: legs and talks cannot be told from it."
        yield Finding(Mark.BAD, what, _PASTE.format("cel.conf"))
    if not any(row.extra for row in rows) and seen & {"HANGUP", "BRIDGE_ENTER"}:
        what = "CEL lacks its last column: who talked with whom and why calls ended is uncertain."
        yield Finding(Mark.WARNING, what, _PASTE.format("cel_custom.conf"))
    if "APP_START" not in seen and count >= MANY:
        what = (
            "CEL names no application: menus, voicemail, listening in and the files of recordings "
            "stay uncertain for calls that are told from the books."
        )
        yield Finding(Mark.WARNING, what, _PASTE.format("cel.conf"))
    if _is_local([(row.at, row.uniqueid) for row in rows if row.type == "CHAN_START"]):
        what = "The times of CEL are local ones: in autumn an hour is there twice."
        yield Finding(Mark.WARNING, what, "Remove `dateformat` from cel.conf, and `core reload`.")


def _of_cdr(rows: Sequence[Cdr]) -> Iterator[Finding]:
    if not rows:
        return
    lacking = [
        setting
        for setting, has_it in (
            ("loguniqueid", any(row.uniqueid for row in rows)),
            ("newcdrcolumns", any(row.linkedid for row in rows)),
            ("usegmtime", not _is_local([(row.start, row.uniqueid) for row in rows])),
        )
        if not has_it
    ]
    if lacking:
        what = f"cdr.conf does not set {' and '.join(lacking)}: which rows are of one call, or when"
        what = f"{what} they happened, has to be found out."
        yield Finding(Mark.WARNING, what, _PASTE.format("cdr.conf"))


def _is_local(moments: list[tuple[datetime, str]]) -> bool:
    """Tell whether most times are hours away from what the uniqueids say."""
    births = [(at, made_at) for at, name in moments if (made_at := parsing.born(name))]
    late = sum(abs(at - made_at) > _LATE for at, made_at in births)
    return late * 2 > len(births)


def _written(row: Cel | Cdr | QueueEntry) -> datetime:
    return row.end if isinstance(row, Cdr) else row.at


def _naming() -> str:
    return (
        "Name the files on the PBX's page or in the settings, as they are called on this machine; "
        "`ringbook doctor --print` prints the settings that make the PBX write them."
    )
