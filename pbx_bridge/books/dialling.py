"""Who dialled whom: CEL does not say it, so it is found in what the other rows say.

A CDR row names the pair. Where there is none, the application of the dialler names the interface
that it dials; a queue's members are dialled for the caller who waits in it. Last, it was whoever of
the same call did something last.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from pbx_bridge.books.channels import Channel
from pbx_bridge.books.ledgers import Ledger
from pbx_bridge.translate.headers import dialled_number

_DIALS = frozenset({"Dial", "Queue", "FollowMe", "RetryDial"})
_AT_ONCE = timedelta(seconds=2)


def dialler_of(called: Channel, ledger: Ledger) -> Channel | None:
    """Return the channel for which this one was called, None where the PBX did it by itself."""
    if called.is_of_itself:
        return None
    began = called.began
    others = [
        other
        for other in ledger.sharing(began.linkedid)
        if other is not called and other.is_up(began.at) and _may_dial(other, called)
    ]
    for look in (_named_by_cdr, _named_by_application, _waiting, _latest):
        found = look(called, others, ledger)
        if found is not None:
            return found
    return None


def number_dialled(called: Channel, dialler: Channel | None) -> str:
    """Return the number that was sent out with the dial, "" where the rows hold none."""
    rows = dialler.rows if dialler is not None else ()
    for row in rows:
        if row.application in _DIALS and row.at >= called.began.at:
            for string in _dial_strings(row.data):
                if interface_of(string) == called.interface:
                    return dialled_number(string)
    return ""


def interface_of(dial_string: str) -> str:
    """Return the interface that a dial string calls: PJSIP/101, PJSIP/trunk, Local/7@context."""
    if dial_string.startswith("Local/"):
        return dial_string.removesuffix("/n")
    technology, _, rest = dial_string.partition("/")
    who, _, host = rest.partition("@")
    endpoint = host if host and not who.partition("/")[2] else who
    return f"{technology}/{endpoint.partition('/')[0]}"


def _may_dial(other: Channel, called: Channel) -> bool:
    """A phone that rings dials nobody; half of a Local channel that runs the dialplan does."""
    if other.is_local and other.name.endswith(";1"):
        return other.answered_at is not None and other.answered_at <= called.began.at
    answered_at = other.answered_at
    return not other.is_called or (answered_at is not None and answered_at <= called.began.at)


def _named_by_cdr(called: Channel, others: Iterable[Channel], ledger: Ledger) -> Channel | None:
    for row in ledger.cdrs_to(called.name):
        if abs(row.start - called.began.at) <= _AT_ONCE and row.last_app in _DIALS:
            return next((other for other in others if other.name == row.channel), None)
    return None


def _named_by_application(
    called: Channel, others: Iterable[Channel], _ledger: Ledger
) -> Channel | None:
    for other in others:
        rows = (row for row in other.rows if row.at >= called.began.at)
        dials = (row.data for row in rows if row.application in _DIALS - {"Queue"})
        if any(called.interface in map(interface_of, _dial_strings(data)) for data in dials):
            return other
    return None


def _waiting(called: Channel, others: Iterable[Channel], ledger: Ledger) -> Channel | None:
    if not called.is_of_queue:
        return None
    waiting = (other for other in others if ledger.queue_of(other, called.began.at))
    return next(waiting, None)


def _latest(called: Channel, others: Iterable[Channel], _ledger: Ledger) -> Channel | None:
    def last_stir(other: Channel) -> tuple[object, str]:
        return max(row.at for row in other.rows if row.at <= called.began.at), other.uniqueid

    return max(others, key=last_stir, default=None)


def _dial_strings(data: str) -> Iterator[str]:
    yield from data.partition(",")[0].split("&")
