"""Hold calls against the books of the PBX: each conversation has one record, each row one call."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from uuid import UUID

from pbx_bridge.books.findings import Finding, FindingKind
from pbx_bridge.books.rows import Books
from pbx_bridge.call import Call


def check(calls: Iterable[Call], books: Books) -> tuple[Finding, ...]:
    """Return what differs between these calls and the books of the same period."""
    listed = list(calls)
    return tuple(_of_channels(listed, books))


def _of_channels(calls: list[Call], books: Books) -> Iterator[Finding]:
    owners: dict[str, set[UUID]] = defaultdict(set)
    for call in calls:
        for leg in call.legs:
            owners[leg.uniqueid].add(call.id)
    for row in books.cels:
        if row.type == "CHAN_START" and not owners[row.uniqueid]:
            yield Finding(
                kind=FindingKind.CALL_MISSING,
                call=None,
                linkedid=row.linkedid,
                at=row.at,
                said="no call",
                books=row.channel,
            )
