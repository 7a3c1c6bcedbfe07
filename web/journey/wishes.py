"""What an agent asks of the queues: refused with a sentence, or sent to the PBX."""

from collections.abc import Callable, Sequence

from pbx_bridge import memberships
from pbx_bridge.commands import Asker
from pbx_bridge.presences import Kind, Standing, Wish
from storage.errors import Refused
from web.i18n import gettext
from web.journey.seats import Arrangement


def refuse(
    wish: Wish, standings: Sequence[Standing], arrangement: Callable[[str], Arrangement]
) -> None:
    """Raise Refused for what cannot be asked as the phone stands."""
    meant = [each for each in standings if wish.covers(each.queue)]
    if wish.kind is Kind.JOIN:
        if not arrangement(wish.queue or "").agents_log_in:
            raise Refused(gettext("Agents do not log in to this queue by themselves."))
        return
    if wish.kind is Kind.LEAVE and any(each.is_static for each in meant):
        text = gettext(
            "You stand in this queue by the telephone system's own settings: nobody can log you "
            "out from here. Pause instead."
        )
        raise Refused(text)
    if not meant:
        here, all_ = gettext("You are not in this queue."), gettext("You are in no queue.")
        raise Refused(here if wish.queue else all_)


async def send(
    link: Asker, wish: Wish, standings: Sequence[Standing], *, own: str, name: str
) -> None:
    """Ask the PBX for it; `own` is the phone's device, `name` the agent's. Raises AmiError."""
    meant = [each for each in standings if wish.covers(each.queue)]
    if wish.kind is Kind.JOIN:
        used = standings[0].interface if standings else own  # as its other queues call the phone
        device = "" if used == own else own
        await memberships.queue_add(
            link, queue=wish.queue or "", interface=used, name=fit(name), device=device
        )
    elif wish.kind is Kind.LEAVE:
        for each in meant:
            await memberships.queue_remove(link, queue=each.queue, interface=each.interface)
    else:
        paused = wish.kind is Kind.PAUSE
        reason = wish.reason if paused else ""
        for interface in dict.fromkeys(each.interface for each in meant):
            await memberships.queue_pause(
                link, interface=interface, paused=paused, queue=wish.queue, reason=reason
            )


async def hold(link: Asker, standings: Sequence[Standing], *, reason: str) -> None:
    """Pause a phone in these queues for the reason; without one it takes calls again."""
    for each in standings:
        await memberships.queue_pause(
            link,
            interface=each.interface,
            paused=bool(reason),
            queue=each.queue,
            reason=reason,
        )


def fit(name: str) -> str:
    """Return a name without what Asterisk may read as more than a name."""
    plain = "".join(c for c in name if c.isalnum() or c in "_ .'-")
    return plain[:80].strip()
