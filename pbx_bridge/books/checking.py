"""Hold calls against the books of the PBX: each conversation has one record, each row one call.

The books are told as calls first, and a call of ours is the told one with which it shares a leg.
What the books do not say for sure is not held against ours.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from uuid import UUID

from pbx_bridge.books.comparing import differences
from pbx_bridge.books.findings import Finding, FindingKind
from pbx_bridge.books.rows import Books, Cdr
from pbx_bridge.books.telling import Recovered, tell
from pbx_bridge.call import Call, Leg

_AROUND = timedelta(minutes=5)  # a uniqueid or a name that comes farther away is another leg's
_NOBODY = UUID(int=0)


def check(calls: Iterable[Call], books: Books) -> tuple[Finding, ...]:
    """Return what differs between our calls of a period and the books of it.

    Calls that are still up, here or in the books, are left alone. Hand in all calls that touched
    the period: one that is not there is missing.
    """
    ended = [call for call in calls if call.ended_at is not None]
    told = tell(_pbx_of(ended), _phones_of(ended), books)
    legs = _Index(ended)
    found: list[Finding] = []
    explained: set[str] = set()  # names of channels of which something was found already
    for one in told:
        if one.is_open:
            explained |= {leg.channel for leg in one.call.legs}
            continue
        about = list(_of_told(one, legs))
        if any(finding.kind in _OF_CHANNELS for finding in about):
            explained |= {leg.channel for leg in one.call.legs}
        found += about
    found += _not_on_the_pbx(ended, told, books)
    found += _of_cdrs(ended, books, explained)
    return tuple(sorted(found, key=lambda finding: (finding.at, finding.kind)))


_OF_CHANNELS = frozenset(
    {FindingKind.CALL_MISSING, FindingKind.CALL_TWICE, FindingKind.LEGS_DIFFER}
)


class _Index:
    """Our legs, by what the books call them."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._legs: dict[str, list[tuple[Leg, Call]]] = defaultdict(list)
        for call in calls:
            for leg in call.legs:
                for name in {leg.uniqueid, leg.channel}:
                    self._legs[name].append((leg, call))

    def calls_of(self, leg: Leg) -> list[Call]:
        """Return our calls that tell of this leg of the books."""
        found = self._legs.get(leg.uniqueid) or self._legs.get(leg.channel, [])
        near = (call for own, call in found if abs(own.started_at - leg.started_at) <= _AROUND)
        return list({call.id: call for call in near}.values())


def _of_told(one: Recovered, ours: _Index) -> Iterator[Finding]:
    call = one.call
    shared: dict[UUID, Call] = {}
    for leg in call.legs:
        shared |= {own.id: own for own in ours.calls_of(leg)}
    match sorted(shared.values(), key=lambda own: (own.started_at, own.id)):
        case []:
            yield _finding(FindingKind.CALL_MISSING, None, call, "no call", _names(call))
        case [own]:
            for kind, said, books in differences(own, one):
                yield _finding(kind, own, call, said, books)
        case [_, *others] as several:
            said = f"{len(several)} calls: {', '.join(str(own.id) for own in several)}"
            yield _finding(FindingKind.CALL_TWICE, others[-1], call, said, _names(call))


def _not_on_the_pbx(
    calls: Iterable[Call], told: Iterable[Recovered], books: Books
) -> Iterator[Finding]:
    """Only CEL has a row of every channel; before its first and after its last row it is silent."""
    if not books.cels:
        return
    known = {name for one in told for leg in one.call.legs for name in (leg.uniqueid, leg.channel)}
    since, until = books.cels[0].at, books.cels[-1].at
    for call in calls:
        if not known & {leg.uniqueid for leg in call.legs} and since <= call.started_at <= until:
            yield _finding(FindingKind.NOT_ON_THE_PBX, call, call, _names(call), "nothing")


def _of_cdrs(calls: list[Call], books: Books, explained: set[str]) -> Iterator[Finding]:
    owners: Mapping[str, list[Call]] = _by_channel(calls)
    counted: set[UUID] = set()
    for row in books.cdrs:
        explaining = [
            call
            for call in owners.get(row.channel, ())
            if _is_during(row, call) and _names_of(row) <= _names_of_legs(call, row)
        ]
        counted |= {call.id for call in explaining}
        if len(explaining) == 1 or _names_of(row) & explained:
            continue
        kind = FindingKind.CDR_TWICE if explaining else FindingKind.CDR_UNEXPLAINED
        said = ", ".join(str(call.id) for call in explaining) or "no call"
        yield Finding(
            kind=kind,
            call=explaining[-1].id if explaining else None,
            linkedid=row.linkedid or row.uniqueid,
            at=row.start,
            said=said,
            books=" → ".join(filter(None, (row.channel, row.dst_channel))),
        )
    if books.cdrs:
        yield from _without_cdr(calls, books, counted)


def _without_cdr(calls: list[Call], books: Books, counted: set[UUID]) -> Iterator[Finding]:
    since, until = min(row.start for row in books.cdrs), max(row.end for row in books.cdrs)
    named = {name for row in books.cdrs for name in _names_of(row)}
    for call in calls:
        if call.id in counted or call.answered_at is None:
            continue  # whether CDR has calls that nobody took is a setting of the PBX
        is_named = named & {leg.channel for leg in call.legs}
        if not is_named and since <= call.started_at <= until:
            yield _finding(FindingKind.CDR_MISSING, call, call, _names(call), "no row")


def _by_channel(calls: Iterable[Call]) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        for channel in {leg.channel for leg in call.legs}:
            found[channel].append(call)
    return found


def _is_during(row: Cdr, call: Call) -> bool:
    ended_at = call.ended_at or row.start
    return call.started_at - _AROUND <= row.start <= ended_at + _AROUND


def _names_of(row: Cdr) -> set[str]:
    return {row.channel, row.dst_channel} - {""}


def _names_of_legs(call: Call, row: Cdr) -> set[str]:
    """Return the names of the call's channels; the caller's counts with its own uniqueid alone."""
    return {
        leg.channel
        for leg in call.legs
        if leg.channel != row.channel or not row.uniqueid or leg.uniqueid == row.uniqueid
    }


def _names(call: Call) -> str:
    return ", ".join(leg.channel for leg in call.legs)


def _finding(kind: FindingKind, own: Call | None, at: Call, said: str, books: str) -> Finding:
    return Finding(
        kind=kind,
        call=own.id if own is not None else None,
        linkedid=at.legs[0].linkedid,
        at=at.started_at,
        said=said,
        books=books,
    )


def _pbx_of(calls: list[Call]) -> UUID:
    return calls[0].pbx if calls else _NOBODY


def _phones_of(calls: Iterable[Call]) -> dict[str, str]:
    """Return our phones as our calls know them: those of the time of the call."""
    legs = (leg for call in calls for leg in call.legs)
    return {leg.interface: leg.extension for leg in legs if leg.extension}
