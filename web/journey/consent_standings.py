"""How the consent of a call's caller stands, and whether a refusal has stopped what records."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pbx_bridge import recorders
from pbx_bridge.call import Call
from pbx_bridge.recorders import Recorder
from storage.consents import CallConsent, ConsentSource
from storage.rules.retention import Consent
from web.i18n import gettext as _
from web.live.pop import iso

AGAIN_SECONDS = 0.9  # before the PBX is asked the same again: each second


@dataclass(slots=True, eq=False)
class Standing:
    """What was told last of a call that goes on, and what came of it."""

    state: Consent
    source: ConsentSource
    by: UUID | None
    at: datetime
    late: bool = False  # the PBX did not confirm that it stopped
    why: str = ""  # a sentence
    sent: dict[UUID, float] = field(default_factory=dict)  # monotonic, by recording
    swept: datetime | None = None  # the link whose PBX was asked for all legs of the call
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, row: CallConsent) -> "Standing":
        """Return what is stored, as it is followed."""
        return cls(row.state, row.source, row.user_id, row.at)

    @property
    def refuses(self) -> bool:
        """Whether nothing of the call may be recorded."""
        return self.state is Consent.REFUSED

    def stir(self) -> None:
        """Wake whoever waits for the call to become otherwise."""
        self.news.set()
        self.news = asyncio.Event()

    def settle(self, call: Call) -> None:
        """Take from the call whether it is recorded still."""
        if recorders.recorder(call) is Recorder.OFF:
            self.late, self.why = False, ""
        self.stir()

    def due(self, call: Call, now: float) -> list[str]:
        """Return the channel of each recording to be stopped now, and count it as asked."""
        channels = {leg.id: leg.channel for leg in call.legs}
        due = [
            recording
            for recording in recorders.running(call)
            if recording.leg in channels
            and now - self.sent.get(recording.id, float("-inf")) >= AGAIN_SECONDS
        ]
        self.sent.update((recording.id, now) for recording in due)
        return [channels[recording.leg] for recording in due]

    def unswept(self, call: Call, link: datetime, *, but: list[str]) -> list[str]:
        """Return the channels of which we may not know that they are recorded, once per link.

        What began while nobody heard the PBX is told by no list. While something does not stop,
        it is looked for on all of them.
        """
        if self.swept == link and not self.late:
            return []
        self.swept = link
        return [leg.channel for leg in call.legs if not leg.ended_at and leg.channel not in but]

    def told(self, call: Call, names: Mapping[UUID, str]) -> dict[str, Any]:
        """Return the member `consent` of a card."""
        return {
            "state": self.state.value,
            "source": self.source.value,
            "by": names.get(self.by) if self.by else None,
            "at": iso(self.at),
            "stop": self._stop(call) if self.refuses else None,
            "why": _(self.why) if self.why else "",
        }

    def _stop(self, call: Call) -> str:
        if recorders.recorder(call) is Recorder.OFF:
            return "stopped"
        return "still" if self.late else "asking"


class Standings(dict[UUID, Standing]):
    """What was told of each call that goes on, by call."""

    def moved(self, call: Call) -> Standing | None:
        """Return what was told of the call, also where it was another until now.

        A refusal of either is one of both.
        """
        for alias in call.aliases:
            one = self.pop(alias, None)
            if one is not None and (one.refuses or call.id not in self):
                self[call.id] = one
        return self.get(call.id)
