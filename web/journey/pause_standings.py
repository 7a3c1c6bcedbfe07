"""How the pause of one call stands: what is wanted of the PBX, and what a card says of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pbx_bridge import recorders
from pbx_bridge.call import Call
from pbx_bridge.ids import uuid7
from pbx_bridge.recorders import Recorder
from storage.recording_pauses import Cause, Outcome, What, Wish
from storage.rules import pausing
from storage.rules.pausing import Paused
from web.i18n import gettext as _
from web.journey.screens import Screens
from web.live.pop import iso

AGAIN_SECONDS = 2.0  # before the PBX is asked the same again


@dataclass(slots=True, eq=False)
class Standing:
    """What is wanted of one call's recordings until somebody wants otherwise."""

    wanted: Wish | None = None  # a pause
    resuming: Wish | None = None  # that it ends
    late: bool = False  # the PBX did not confirm what was asked last
    why: str = ""  # a sentence
    in_step: bool = False  # the call's script asks for card data
    answered: bool = False  # the PBX took a wish to go on
    sent: dict[UUID, float] = field(default_factory=dict)  # monotonic, by recording
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is wanted."""
        return not (self.wanted or self.resuming or self.in_step)

    def stir(self) -> None:
        """Wake whoever waits for the call to become otherwise."""
        self.news.set()
        self.news = asyncio.Event()

    def paused(self, call: Call, limit: timedelta) -> Paused | None:
        """Return what decides when the pause ends, None where nobody of ours wants one."""
        if self.wanted is None:
            return None
        since = recorders.paused_since(call)
        then = recorders.ours_at(call, since) if since else frozenset[str]()
        return Paused(
            since=self.wanted.asked_at,
            limit=limit,
            in_step=self.in_step,
            then=then,
            still=recorders.ours_now(call),
        )

    def due(self, call: Call, now: float) -> set[str]:
        """Return the channels of which the PBX is to be asked now, and count them as asked."""
        is_paused = recorders.recorder(call) is Recorder.PAUSED
        channels = recorders.channels(call, paused=self.wanted is None and is_paused)
        due = {
            recording: channel
            for recording, channel in channels.items()
            if now - self.sent.get(recording, float("-inf")) >= AGAIN_SECONDS
        }
        self.sent.update(dict.fromkeys(due, now))
        return set(due.values())

    def is_so(self, call: Call) -> bool:
        """Whether the PBX has said what is wanted."""
        state = recorders.recorder(call)
        if self.wanted is not None:
            return state is not Recorder.ON
        return self.resuming is None or (state is not Recorder.PAUSED and self.answered)

    def settle(self, call: Call) -> list[Wish]:
        """Take from the call what came of the wishes; return those that are news to be kept."""
        state, open_ = recorders.recorder(call), recorders.pauses(call)
        kept: list[Wish] = []
        if self.wanted is not None and state is Recorder.PAUSED:
            pauses = tuple(dict.fromkeys((*self.wanted.pauses, *open_)))
            if (pauses, Outcome.CONFIRMED) != (self.wanted.pauses, self.wanted.outcome):
                self.wanted = replace(self.wanted, outcome=Outcome.CONFIRMED, pauses=pauses)
                kept.append(self.wanted)
            self.late, self.why = False, ""
        if self.resuming is not None and state is not Recorder.PAUSED and self.answered:
            kept.append(replace(self.resuming, outcome=Outcome.CONFIRMED))
            self.resuming, self.late, self.why = None, False, ""
        return kept

    def told(
        self, call: Call, limit: timedelta, names: Mapping[UUID, str]
    ) -> dict[str, Any] | None:
        """Return the member `recording` of a card, None where nothing is recorded."""
        state = recorders.recorder(call)
        if state is Recorder.OFF and self.wanted is None:
            return None
        wanted, paused = self.wanted, self.paused(call, limit)
        until = pausing.until(paused) if paused else None
        user = wanted.user_id if wanted else None
        return {
            "state": state.value,
            "since": iso(recorders.paused_since(call)),
            "by": names.get(user) if user else None,
            "cause": wanted.cause.value if wanted else None,
            "until": iso(until),
            "held": self.in_step,
            "asking": self._asking(state),
        }

    def _asking(self, state: Recorder) -> dict[str, Any] | None:
        if self.wanted is not None and state is Recorder.ON:
            wish = self.wanted
        elif self.resuming is not None and state is Recorder.PAUSED:
            wish = self.resuming
        else:
            return None
        confirmed = False if self.late else None
        return {
            "what": wish.what.value, "since": iso(wish.asked_at), "confirmed": confirmed,
            "why": _(self.why) if self.late and self.why else "",
        }  # fmt: skip


def wish(
    call: Call,
    what: What,
    cause: Cause,
    by: UUID | None,
    reason: str = "",
    *,
    pauses: tuple[UUID, ...] = (),
) -> Wish:
    """Return a wish of this moment that nothing came of yet."""
    now = datetime.now(UTC)
    return Wish(
        id=uuid7(now), call_id=call.id, what=what, cause=cause, user_id=by, asked_at=now,
        outcome=Outcome.UNCONFIRMED, reason=reason, pauses=pauses,
    )  # fmt: skip


def failed(order: Wish, why: str, *, refused: bool) -> Wish:
    """Return the wish as it is to be kept: refused, or not confirmed."""
    return replace(order, outcome=Outcome.REFUSED if refused else Outcome.UNCONFIRMED, why=why)


class Standings(dict[UUID, Standing]):
    """How the pause of each call stands, by call; those without any are left out."""

    def __init__(self, screens: Screens) -> None:
        super().__init__()
        self._screens = screens

    def of(self, call: Call) -> Standing:
        """Return how the call stands, begun where it was not."""
        return self.setdefault(call.id, Standing())

    def moved(self, call: Call) -> Standing | None:
        """Return how the call stands, also where it was another until now."""
        for alias in call.aliases:
            if alias in self:
                self.setdefault(call.id, self.pop(alias))
        return self.get(call.id)

    def limit(self, call: Call) -> timedelta:
        """Return how long a pause of the call may last."""
        arrangement = self._screens.seats.arrangement(call.pbx, call.queue or "")
        return timedelta(seconds=arrangement.pause_seconds)

    def told(self, call: Call) -> dict[str, Any] | None:
        """Return the member `recording` of a card."""
        standing = self.get(call.id) or Standing()
        return standing.told(call, self.limit(call), self._screens.seats.names)

    def parties(self, call: Call) -> frozenset[UUID]:
        """Return who of ours talks in the call."""
        users = self._screens.seats.users
        keys = ((call.pbx, extension) for extension in recorders.ours_now(call))
        return frozenset(users[key] for key in keys if key in users)
