"""A queue's members are offered its caller, connected, or let it ring."""

from pbx_bridge.call import OfferEnd
from pbx_bridge.events import AgentCompleted, AgentConnected, AgentOffered, AgentRefused
from pbx_bridge.tracker import dials, faults, offers, visits
from pbx_bridge.tracker.grouping import Switchboard


def on_agent_offered(board: Switchboard, event: AgentOffered) -> str | None:
    """A queue calls a member for its caller."""
    live = board.met(event.leg, event.at)
    caller = board.met(event.caller, event.at)
    if live is None or caller is None:
        return faults.CALLER_OR_MEMBER_UNKNOWN
    live.queue = event.queue
    dials.call(board, live, caller, event.at)
    return None


def on_agent_connected(board: Switchboard, event: AgentConnected) -> str | None:
    """The queue's caller has an agent; who talks is seen in the bridge."""
    live, caller = board.met(event.leg, event.at), board.met(event.caller, event.at)
    if live is None or caller is None:
        return faults.CALLER_OR_MEMBER_UNKNOWN
    board.unite(live, caller)
    visits.answer(caller, event.at)
    return None


def on_agent_refused(board: Switchboard, event: AgentRefused) -> str | None:
    """The member let it ring."""
    live = board.known(event.leg)
    if live is None:
        return faults.MEMBER_UNKNOWN
    offers.stop(live, event.at, OfferEnd.MISSED)
    return None


def on_agent_completed(board: Switchboard, event: AgentCompleted) -> None:
    """The queue follows it no longer; the conversation ends when the bridge says so."""
    board.known(event.caller)  # Asterisk 16 names no legs after the hang-up
