"""How a phone stands in a queue, since when, and who made it so; pure."""

from collections.abc import Sequence
from datetime import datetime

from pbx_bridge.presences.words import (
    AUTO_PAUSE,
    WRAP_UP,
    AgentState,
    Kind,
    Source,
    Standing,
    Wish,
    WrapUp,
)
from pbx_bridge.queues import Member


def standing(queue: str, member: Member) -> Standing:
    """Return how a member of a queue stands; who made it so is not said."""
    return Standing(
        queue=queue,
        interface=member.interface,
        paused=member.paused,
        reason=member.reason if member.paused else "",
        since=member.paused_at if member.paused else None,
        by=None,
        is_static=member.membership != "dynamic",
        wrap_up_seconds=member.wrap_up_seconds,
    )


def heard_late(member: Member) -> Source | None:
    """The reason alone says who paused a member before we heard of it."""
    if not member.paused:
        return None
    return {AUTO_PAUSE: Source.PBX, WRAP_UP: Source.DESK}.get(member.reason)


def author(
    now: Standing, wish: Wish | None, wrap_up: WrapUp | None, before: Standing | None = None
) -> Source:
    """Return who made a phone stand as it does now, where it stood otherwise before."""
    if now.paused and now.reason == AUTO_PAUSE:
        return Source.PBX
    if now.paused and now.reason == WRAP_UP:
        return Source.DESK
    if before is not None and before.reason == WRAP_UP and wrap_up is None:
        return Source.DESK  # it is over
    if wish is not None and wish.covers(now.queue):
        wanted = wish.kind is Kind.PAUSE
        is_ours = wish.reason == now.reason if now.paused else True
        if wish.kind is Kind.JOIN or (now.paused is wanted and is_ours):
            return Source.DESK
    return Source.PHONE


def since_when(
    state: AgentState, standings: Sequence[Standing], wrap_up: WrapUp | None
) -> datetime | None:
    """Return since when an agent is that, where the PBX or the wrap-up says it."""
    if state in {AgentState.PAUSED, AgentState.WRAP_UP}:
        moments = [each.since for each in standings if each.since]
        if moments:
            return max(moments)
    if state is AgentState.WRAP_UP and wrap_up:
        return wrap_up.since
    return None


def author_of(state: AgentState, standings: Sequence[Standing]) -> Source | None:
    """Return who made it so, where it was one in every queue."""
    if state not in {AgentState.PAUSED, AgentState.AVAILABLE}:
        return None
    sources = {each.by for each in standings if each.paused is (state is AgentState.PAUSED)}
    return sources.pop() if len(sources) == 1 else None
