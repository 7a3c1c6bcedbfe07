"""From rows of CEL to the tracker's own events: there is one story-teller, not two."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from pbx_bridge import events
from pbx_bridge.books import dial_ends, dialling
from pbx_bridge.books.channels import ORIGINATED, Channel
from pbx_bridge.books.ledgers import Ledger
from pbx_bridge.books.rows import Cel
from pbx_bridge.translate.headers import HOLDING

_AT_ONCE = timedelta(milliseconds=300)  # a transferer leaves; of three who talk, none does
_RECORDS, _LISTENS = "MixMonitor", frozenset({"ChanSpy", "ExtenSpy"})
_UNPARKED = {
    "ParkedCallTimeOut": "timeout",
    "ParkedCallGiveUp": "abandoned",
    "ParkedCallUnparked": "retrieved",
}

Rule = Callable[[Ledger, Channel, Cel], Iterator[events.Event]]


def of_row(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    """Yield what a row tells, in our words."""
    if row is channel.began and row.type != "CHAN_START":
        yield from _began(ledger, channel, row)
    elif channel.is_renamed(row):
        yield events.LegChanged(at=row.at, leg=channel.view(row))
    rule = RULES.get(row.type)
    if rule is not None:
        yield from rule(ledger, channel, row)


def _began(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    is_called = channel.is_called
    yield events.LegBegan(
        at=row.at,
        leg=channel.view(),
        exten=channel.exten,
        calls=not is_called,
        up=not channel.is_whole,
    )
    if not (is_called or channel.is_local):
        yield events.DialplanReached(at=row.at, leg=channel.view(), exten=row.exten, application="")
    if channel.first_application == ORIGINATED and len(channel.rows) > 1:
        yield events.LegChanged(at=row.at, leg=channel.view(channel.rows[1]))  # it got it at once
    if channel.is_local and (sender := dial_ends.sent_on_for(channel, ledger)) is not None:
        yield events.DialEnded(at=row.at, leg=_bare(sender), status="CANCEL")
    if (twin := ledger.twin_of(channel)) is not None and twin.began.at <= row.at:
        halves = sorted((channel, twin), key=lambda half: half.name)
        yield events.LocalBridged(at=row.at, one=halves[0].view(), two=halves[1].view())
    if is_called:
        yield from _dial_began(ledger, channel, row)


def _dial_began(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    dialler = dialling.dialler_of(channel, ledger)
    queue = ledger.queue_of(dialler, row.at) if dialler is not None else None
    if dialler is not None and queue is not None and channel.is_of_queue:
        yield events.AgentOffered(
            at=row.at,
            leg=channel.view(),
            caller=dialler.view(),
            queue=queue,
            interface=channel.interface,
            member="",
        )
        return
    yield events.DialBegan(
        at=row.at,
        leg=channel.view(),
        dialler=dialler.view() if dialler is not None else None,
        dialled=dialling.number_dialled(channel, dialler),
    )


def _answered(_ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    yield events.LegChanged(at=row.at, leg=channel.view(row), up=True)
    if channel.is_called:
        yield events.DialEnded(at=row.at, leg=channel.view(row), status="ANSWER")


def _forwarded(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    """The phone rings no longer, though its channel may be there until another has answered."""
    if (called := dial_ends.forwarded_by(channel, row, ledger)) is not None:
        yield events.DialEnded(at=row.at, leg=_bare(called), status="CANCEL")


def _entered(_ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    yield events.BridgeEntered(
        at=row.at,
        leg=channel.view(row),
        bridge=row.extra.get("bridge_id", ""),
        holding=row.extra.get("bridge_technology") == HOLDING,
    )


def _left(_ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    if row.extra.get("bridge_technology") != HOLDING:
        yield events.BridgeLeft(
            at=row.at, leg=channel.view(row), bridge=row.extra.get("bridge_id", "")
        )


def _optimising(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    if (twin := ledger.twin_of(channel)) is not None:
        yield events.LocalOptimising(at=row.at, one=channel.view(row), two=twin.view())


def _optimised(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    if (twin := ledger.twin_of(channel)) is not None:
        yield events.LocalOptimised(at=row.at, one=channel.view(row), two=twin.view())


def _blind(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    given = _other(ledger, row, "transferee_channel")
    yield events.HandedOver(at=row.at, leg=channel.view(row), given=_bare_if_any(given))


def _attended(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    second = _other(ledger, row, "channel2")
    given = _other(ledger, row, "transferee_channel")
    target = _other(ledger, row, "transfer_target_channel")
    legs = [leg for leg in (channel, second, given, target) if leg is not None]
    views = tuple(_bare(leg) for leg in legs)
    if any(leg.is_bridged_after(row.at + _AT_ONCE) for leg in {channel, second or channel}):
        yield events.LegsTied(at=row.at, legs=views)
    else:
        yield events.HandedOver(at=row.at, leg=views[0], given=_bare_if_any(given), others=views)


def _picked_up(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    picker = _other(ledger, row, "pickup_channel")
    if picker is not None:
        yield events.PickedUp(at=row.at, leg=_bare(picker), target=channel.view(row))


def _parked(_ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    yield events.Parked(at=row.at, leg=channel.view(row))


def _unparked(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    retriever = ledger.named(row.extra.get("retriever", ""), row.at)
    yield events.Unparked(
        at=row.at,
        leg=channel.view(row),
        retriever=_bare_if_any(retriever),
        why=_UNPARKED.get(row.extra.get("reason", ""), "retrieved"),
    )


def _runs(_ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    leg = channel.view(row)
    if row.application == _RECORDS:
        path = row.data.partition(",")[0]  # below the PBX's own folder where it begins without /
        yield events.RecordingNamed(at=row.at, leg=leg, path=path)
        yield events.RecordingStarted(at=row.at, leg=leg)
    elif row.application in _LISTENS:
        yield events.Listened(at=row.at, leg=leg)
    else:
        yield events.DialplanReached(
            at=row.at, leg=leg, exten=row.exten, application=row.application
        )


def _runs_no_more(_ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    if row.application in _LISTENS:
        yield events.Unlistened(at=row.at, leg=channel.view(row))


def _ended(ledger: Ledger, channel: Channel, row: Cel) -> Iterator[events.Event]:
    if row.at != channel.ended_at:
        return
    if channel.is_called and channel.answered_at is None:
        status = dial_ends.status_of(channel, ledger)
        yield events.DialEnded(at=row.at, leg=channel.view(row), status=status)
    yield events.LegEnded(at=row.at, leg=channel.view(row), cause=channel.cause)


def _other(ledger: Ledger, row: Cel, prefix: str) -> Channel | None:
    return ledger.channel(row.extra.get(f"{prefix}_uniqueid", ""), row.at)


def _bare(channel: Channel) -> events.LegView:
    """Return the channel by its id alone: its linkedid is of another time than the row."""
    return channel.view()._replace(linkedid="")


def _bare_if_any(channel: Channel | None) -> events.LegView | None:
    return _bare(channel) if channel is not None else None


RULES: dict[str, Rule] = {
    "CHAN_START": _began,
    "ANSWER": _answered,
    "FORWARD": _forwarded,
    "BRIDGE_ENTER": _entered,
    "BRIDGE_EXIT": _left,
    "LOCAL_OPTIMIZE_BEGIN": _optimising,
    "LOCAL_OPTIMIZE": _optimised,
    "BLINDTRANSFER": _blind,
    "ATTENDEDTRANSFER": _attended,
    "PICKUP": _picked_up,
    "PARK_START": _parked,
    "PARK_END": _unparked,
    "APP_START": _runs,
    "APP_END": _runs_no_more,
    "HANGUP": _ended,
    "CHAN_END": _ended,
}
