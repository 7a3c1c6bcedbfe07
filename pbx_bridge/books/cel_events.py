"""From rows of CEL to the tracker's own events: there is one story-teller, not two."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from pbx_bridge import events
from pbx_bridge.books import dial_ends, dialling
from pbx_bridge.books.channels import Channel, Channels
from pbx_bridge.books.rows import Cel
from pbx_bridge.translate.talks import HOLDING

_SOON = timedelta(seconds=2)  # after a transfer its transferer is gone
_UNPARKED = {
    "ParkedCallTimeOut": "timeout",
    "ParkedCallGiveUp": "abandoned",
    "ParkedCallUnparked": "retrieved",
}

Rule = Callable[[Channels, Channel, Cel], Iterator[events.Event]]


def of_row(channels: Channels, row: Cel) -> Iterator[events.Event]:
    """Yield what a row tells, in our words."""
    rule = RULES.get(row.type)
    channel = channels.by_uniqueid[row.uniqueid]
    if row is channel.began and row.type != "CHAN_START":
        yield from _began(channels, channel, row)
    elif row.type != "CHAN_START" and channel.is_renamed(row):
        yield events.LegChanged(at=row.at, leg=channel.view(row))
    if rule is not None:
        yield from rule(channels, channel, row)


def _began(channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    is_called = channel.is_called
    exten = "" if is_called and not channel.is_local else row.exten
    yield events.LegBegan(
        at=row.at,
        leg=channel.first_view(),
        exten=exten,
        calls=not is_called,
        up=not channel.is_whole,
    )
    if (twin := channels.twin_of(channel)) is not None and twin.began.at <= row.at:
        halves = sorted((channel, twin), key=lambda half: half.name)
        yield events.LocalBridged(at=row.at, one=halves[0].view(), two=halves[1].view())
    if is_called:
        yield from _dial_began(channels, channel, row)


def _dial_began(channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    dialler = dialling.dialler_of(channel, channels)
    queue = channels.queue_of(dialler, row.at) if dialler is not None else None
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


def _answered(_channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    yield events.LegChanged(at=row.at, leg=channel.view(row), up=True)
    if channel.is_called:
        yield events.DialEnded(at=row.at, leg=channel.view(row), status="ANSWER")


def _entered(_channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    yield events.BridgeEntered(
        at=row.at,
        leg=channel.view(row),
        bridge=row.extra.get("bridge_id", ""),
        holding=row.extra.get("bridge_technology") == HOLDING,
    )


def _left(_channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    if row.extra.get("bridge_technology") != HOLDING:
        yield events.BridgeLeft(
            at=row.at, leg=channel.view(row), bridge=row.extra.get("bridge_id", "")
        )


def _optimising(channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    if (twin := channels.twin_of(channel)) is not None:
        yield events.LocalOptimising(at=row.at, one=channel.view(row), two=twin.view())


def _optimised(channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    if (twin := channels.twin_of(channel)) is not None:
        yield events.LocalOptimised(at=row.at, one=channel.view(row), two=twin.view())


def _blind(channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    given = _other(channels, row, "transferee_channel")
    yield events.HandedOver(at=row.at, leg=channel.view(row), given=_bare(given))


def _attended(channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    second = _other(channels, row, "channel2")
    given = _other(channels, row, "transferee_channel")
    target = _other(channels, row, "transfer_target_channel")
    legs = [leg for leg in (channel, second, given, target) if leg is not None]
    views = tuple(view for leg in legs if (view := _bare(leg)) is not None)
    if any(leg.is_up(row.at + _SOON) for leg in (channel, second) if leg is not None):
        yield events.LegsTied(at=row.at, legs=views)
    else:
        yield events.HandedOver(at=row.at, leg=views[0], given=_bare(given), others=views)


def _picked_up(channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    picker = _other(channels, row, "pickup_channel")
    if picker is not None and (view := _bare(picker)) is not None:
        yield events.PickedUp(at=row.at, leg=view, target=channel.view(row))


def _parked(_channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    yield events.Parked(at=row.at, leg=channel.view(row))


def _unparked(channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    retriever = channels.named(row.extra.get("retriever", ""))
    yield events.Unparked(
        at=row.at,
        leg=channel.view(row),
        retriever=_bare(retriever),
        why=_UNPARKED.get(row.extra.get("reason", ""), "retrieved"),
    )


def _runs(_channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    yield events.DialplanReached(
        at=row.at, leg=channel.view(row), exten=row.exten, application=row.application
    )


def _ended(channels: Channels, channel: Channel, row: Cel) -> Iterator[events.Event]:
    if row.at != channel.ended_at:
        return
    if channel.is_called and channel.answered_at is None:
        status = dial_ends.status_of(channel, channels)
        yield events.DialEnded(at=row.at, leg=channel.view(row), status=status)
    yield events.LegEnded(at=row.at, leg=channel.view(row), cause=channel.cause)


def _other(channels: Channels, row: Cel, prefix: str) -> Channel | None:
    return channels.by_uniqueid.get(row.extra.get(f"{prefix}_uniqueid", ""))


def _bare(channel: Channel | None) -> events.LegView | None:
    """Return the channel by its id alone: its linkedid is of another time than the row."""
    return replace(channel.view(), linkedid="") if channel is not None else None


RULES: dict[str, Rule] = {
    "CHAN_START": _began,
    "ANSWER": _answered,
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
    "HANGUP": _ended,
    "CHAN_END": _ended,
}
