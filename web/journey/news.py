"""What every screen is told: the links' states, and whether storing keeps up."""

import time
from datetime import datetime
from uuid import UUID

from web import i18n
from web.filters import retold
from web.keys import PbxLink
from web.live.hub import Hub
from web.live.messages import Kind
from web.live.pop import iso


class News:
    """Tells all screens through the hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def behind(self, since: datetime | None) -> None:
        """Storing is behind since then, or has caught up."""
        data = {"behind": since is not None, "since": iso(since)}
        self._hub.tell_all(Kind.STORAGE_CHANGED, data, now=time.monotonic())

    def link_changed(self, link: PbxLink) -> None:
        """A PBX's link is in another state."""
        data = {
            "pbx": str(link.pbx_id),
            "name": link.pbx,
            "status": link.status,
            "since": iso(link.since),
            "why": link.why,
            "whys": _in_each_language(link.why),
            "lacks": link.lacks,
        }
        self._hub.tell_all(Kind.LINK_CHANGED, data, now=time.monotonic())

    def link_gone(self, pbx: UUID) -> None:
        """We listen to this PBX no longer."""
        self._hub.tell_all(Kind.LINK_REMOVED, {"pbx": str(pbx)}, now=time.monotonic())

    def calls_changed(self, users: set[UUID]) -> None:
        """Have those who watch calls in progress look again."""
        self._hub.hint(users, Kind.CALLS_CHANGED, {}, now=time.monotonic())

    def script_changed(self, users: set[UUID], call_id: UUID) -> None:
        """Have those who are in a call look at its script again."""
        data = {"call": str(call_id)}
        self._hub.hint(users, Kind.SCRIPT_CHANGED, data, now=time.monotonic())

    def day_changed(self, users: set[UUID]) -> None:
        """Have those who look at what is to be done look again."""
        self._hub.hint(users, Kind.DAY_CHANGED, {}, now=time.monotonic())


def _in_each_language(why: str | None) -> dict[str, str]:
    """Return the sentence in every language but English, for all screens are told the same."""
    told = {}
    for language in i18n.LANGUAGES[1:] if why else ():
        with i18n.speaking(language):
            told[language] = retold(why)
    return told
