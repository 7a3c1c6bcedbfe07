"""Why a call is what it is: its messages, what each of them made, and who was matched by what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.audit
import storage.calls
import storage.pbxs
import storage.recoveries
from pbx_bridge.call import SegmentKind
from pbx_bridge.journal import Entry, Explanation, Step, hide_paths
from pbx_bridge.journal.effects import About
from pbx_bridge.matching import Reason
from storage.calls import Story
from storage.rules.permissions import Permission
from web.auth import requires
from web.calls.stories import story_of
from web.journey import accounts
from web.keys import DATABASE, SETTINGS
from web.render import render

MOST_SHOWN = 150  # messages on a page
MOST_PARTS = 60  # of a kind that are answered

TONES = {About.RESULT: "accent", About.ODDITY: "bad", About.JOIN: "warn", About.OFFER: "ring"}
ICONS = {
    About.RESULT: "check",
    About.ODDITY: "warning",
    About.JOIN: "link",
    About.OFFER: "phone-in",
    About.SEGMENT: "clock",
    About.RECORDING: "recording",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A message as the page shows it; one without a cause changed nothing."""

    n: int
    at: datetime
    name: str
    text: str
    effects: Sequence[str] = ()
    headers: Sequence[tuple[str, str]] = ()
    cause: str = ""
    tone: str = "quiet"
    icon: str = "info"


@dataclass(frozen=True, slots=True)
class Point:
    """What a message made of a part of the call, and what it said."""

    what: str
    because: str
    n: int


@dataclass(frozen=True, slots=True)
class Answer:
    """How a part of the call came to be as it is."""

    key: UUID | None
    points: Sequence[Point]


class Speech:
    """Says reasons as this call's pages say them."""

    def __init__(self, story: Story) -> None:
        self._phones = accounts.phone_names(story)
        self._queues = story.queues

    def __call__(self, reason: Reason) -> str:
        return accounts.spoken(reason, self._phones, self._queues)


@requires(Permission.SEE_CALLS)
async def show(request: web.Request) -> web.Response:
    """The messages of the PBX that made the call what it is; `all` shows the others too."""
    story = await story_of(request)
    database = request.app[DATABASE]
    async with database.reading() as session:
        matched = await storage.calls.matched(session, story.call)
        recovery = await storage.recoveries.of(session, story.call.id)
        erasure = await storage.audit.last(session, "journal.erased", story.call.id)
        pbx = await storage.pbxs.get(session, story.call.pbx_id)
    account = await accounts.account(request.app[SETTINGS], story, encoding=pbx.encoding)
    found, say = account.explanation, Speech(story)
    shows_all = "all" in request.query
    lines, following = lines_of(
        found, say, since=_number(request.query.get("from", "")), shows_all=shows_all
    )
    return render(
        request,
        "calls/why.html",
        story=story,
        account=account,
        answers=answers_of(found, say),
        lines=lines,
        following=following,
        shows_all=shows_all,
        matched=matched,
        matched_why=say(matched.why) if matched.why else "",
        nothing=say(account.nothing) if account.nothing else "",
        recovery=recovery,
        erasure=erasure,
    )


def lines_of(
    found: Explanation, say: Speech, *, since: int, shows_all: bool
) -> tuple[list[Line], int | None]:
    """The messages from the number `since` on, as many as fit on a page, and the number after them.

    These are the steps, and between them what changed nothing where that is wanted.
    """
    told: dict[int, Step | Entry] = {entry.n: entry for entry in found.idle if shows_all}
    told |= {step.entry.n: step for step in found.steps}
    numbers = sorted(n for n in told if n >= since)
    following = numbers[MOST_SHOWN] if len(numbers) > MOST_SHOWN else None
    return [_line(told[n], say) for n in numbers[:MOST_SHOWN]], following


def answers_of(found: Explanation, say: Speech) -> dict[str, list[Answer]]:
    """The questions that people ask of a call, and what answers them."""
    if found.call is None:
        return {}
    call = found.call
    offers = list(_answers(found, say, About.OFFER, [offer.id for offer in call.offers]))
    told = [one.id for one in call.segments if one.kind is not SegmentKind.RING]
    spans = list(_answers(found, say, About.SEGMENT, told))  # a ring is told by its offers
    parties = [leg.id for leg in call.legs[1:] if not leg.channel.startswith("Local/")]
    joins = list(_answers(found, say, About.JOIN, call.aliases))
    joins += _answers(found, say, About.LEG, parties)
    result = list(_answers(found, say, About.RESULT, [None]))
    return {"offers": offers, "segments": spans, "joins": joins, "result": result}


def _answers(
    found: Explanation, say: Speech, about: About, keys: Sequence[UUID | None]
) -> Iterator[Answer]:
    for key in keys[:MOST_PARTS]:
        points = [
            Point(" ".join(said), say(step.cause), step.entry.n)
            for step in found.steps_of(about, key)
            if (said := [say(e.what) for e in step.effects if (e.about, e.key) == (about, key)])
        ]
        if points:
            yield Answer(key, points)


def _line(step: Step | Entry, say: Speech) -> Line:
    if isinstance(step, Entry):
        return _idle(step)
    about = {effect.about for effect in step.effects}
    main = next((kind for kind in ICONS if kind in about), None)
    return Line(
        n=step.entry.n,
        at=step.at,
        name=step.name,
        text=text_of(step.entry),
        cause=say(step.cause),
        effects=[say(effect.what) for effect in step.effects],
        headers=step.headers,
        tone=TONES.get(main, "quiet") if main else "quiet",
        icon=ICONS[main] if main else "info",
    )


def _idle(entry: Entry) -> Line:
    name = entry.raw.partition(b"\r\n")[0].partition(b":")[2].decode("utf-8", "replace").strip()
    at = datetime.fromtimestamp(entry.at, UTC)
    return Line(n=entry.n, at=at, name=name, text=text_of(entry))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0  # noqa: PLR2004


def text_of(entry: Entry) -> str:
    """The whole message, without the paths that no page shows."""
    return hide_paths(entry.raw).decode("utf-8", "replace").replace("\r\n", "\n").strip()
