"""A call of ours beside the same call as the books tell it."""

from collections.abc import Iterator

from pbx_bridge.books.findings import FindingKind
from pbx_bridge.books.telling import Recovered
from pbx_bridge.call import Call, SegmentKind

NEAR = 1.0  # seconds by which two talks may differ and be the same

Difference = tuple[FindingKind, str, str]


def differences(own: Call, one: Recovered) -> Iterator[Difference]:
    """Yield in what the two differ, ours first; nothing of which the books are not sure."""
    call, unsure = one.call, one.uncertain
    if "started_at" in unsure:
        return  # the books begin in the midst of it
    if of_legs := list(_of_legs(own, call, all_known="legs" not in unsure)):
        yield from of_legs
        return  # they explain whatever else differs
    if "talk" not in unsure and abs(own.talk_seconds - call.talk_seconds) > NEAR:
        said, books = f"{own.talk_seconds:.1f} s", f"{call.talk_seconds:.1f} s"
        yield FindingKind.TALK_DIFFERS, said, books
    if "result" not in unsure and own.result is not call.result:
        yield FindingKind.RESULT_DIFFERS, str(own.result), str(call.result)
    if "queue" not in unsure and (said := _visits(own)) != (books := _visits(call)):
        yield FindingKind.QUEUE_DIFFERS, said or "no queue", books or "no queue"
    if "offers" not in unsure and (said := _offers(own)) != (books := _offers(call)):
        yield FindingKind.OFFERS_DIFFER, said or "no offer", books or "no offer"


def _of_legs(own: Call, call: Call, *, all_known: bool) -> Iterator[Difference]:
    """By name: the uniqueid of a channel that only ever was called is not in every book."""
    ours, theirs = ({leg.channel for leg in one.legs} for one in (own, call))
    more = ours - theirs if all_known else set()
    if more or theirs - ours:
        said, books = (", ".join(sorted(names)) for names in (more, theirs - ours))
        yield FindingKind.LEGS_DIFFER, said or "nothing more", books or "nothing more"


def _visits(call: Call) -> str:
    visits = (s for s in call.segments if s.kind is SegmentKind.QUEUE)
    in_order = sorted(visits, key=lambda visit: visit.started_at)
    return ", ".join(f"{visit.queue} {visit.exit_reason}" for visit in in_order)


def _offers(call: Call) -> str:
    return ", ".join(sorted(f"{o.extension} {o.end} {o.attempt}" for o in call.offers))
