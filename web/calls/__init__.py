"""Calls: in progress, list, one call's story, its recordings."""

from aiohttp import web

from pbx_bridge.matching import msgid
from storage.rules.permissions import Permission
from web.calls import (
    comments,
    findings,
    gaps,
    keepings,
    lists,
    matches,
    plays,
    readings,
    spoken,
    stories,
    supervisions,
    waveforms,
    whys,
)
from web.keys import MenuItem

KEY = r"{id:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"

TAG = KEY.replace("{id:", "{tag:")

routes: list[web.RouteDef] = [
    web.get("/calls", lists.index, name="calls.index"),
    web.get("/calls/spoken", spoken.index, name="spoken.index"),
    web.get("/calls/in-progress", lists.in_progress, name="calls.in_progress"),
    web.get("/calls/gaps", gaps.index, name="gaps.index"),
    web.post(f"/calls/gaps/{KEY}/fillings", gaps.fill, name="gap_fillings.create"),
    web.get("/calls/differences", findings.index, name="findings.index"),
    web.post(
        f"/calls/differences/{KEY}/dismissals", findings.dismiss, name="finding_dismissals.create"
    ),
    web.post(f"/calls/{KEY}/supervisions", supervisions.create, name="supervisions.create"),
    web.post(
        "/calls/in-progress/supervision-ends", supervisions.leave, name="supervision_ends.create"
    ),
    web.get(f"/calls/{KEY}", stories.show, name="calls.show"),
    web.get(f"/calls/{KEY}/why", whys.show, name="calls.why"),
    web.get(f"/calls/{KEY}/candidates", matches.candidates, name="matches.candidates"),
    web.post(f"/calls/{KEY}/tags", keepings.tag, name="call_tags.create"),
    web.post(f"/calls/{KEY}/tags/{TAG}/removals", keepings.untag, name="call_tags.remove"),
    web.post(f"/calls/{KEY}/consents", keepings.consent, name="consents.create"),
    web.post(f"/calls/{KEY}/holds", keepings.hold, name="call_holds.create"),
    web.post(f"/recordings/{KEY}/deletions", keepings.delete, name="deletions.create"),
    web.post(f"/calls/{KEY}/customer", matches.create, name="matches.create"),
    web.get(f"/recordings/{KEY}/comments", comments.index, name="comments.index"),
    web.post(f"/recordings/{KEY}/comments", comments.create, name="comments.create"),
    web.post(f"/comments/{KEY}", comments.update, name="comments.update"),
    web.post(f"/comments/{KEY}/answers", comments.answer, name="comment_answers.create"),
    web.post(f"/comments/{KEY}/removals", comments.remove, name="comment_removals.create"),
    web.get(f"/recordings/{KEY}/waveform", waveforms.show, name="waveforms.show"),
    web.get(f"/recordings/{KEY}/readings", readings.index, name="readings.index"),
    web.post(f"/recordings/{KEY}/readings", readings.create, name="readings.create"),
    web.post(f"/recordings/{KEY}/plays", plays.create, name="plays.create"),
    web.post(f"/recordings/{KEY}/downloads", plays.download, name="downloads.create"),
    web.get(f"/plays/{KEY}/audio", plays.audio, name="plays.audio"),
]
menu: list[MenuItem] = [
    MenuItem(
        label=msgid("Calls"),
        route="calls.index",
        permission=Permission.SEE_CALLS,
        icon="calls",
        order=20,
    ),
    MenuItem(
        label=msgid("In progress"),
        route="calls.in_progress",
        permission=Permission.SEE_CALLS_IN_PROGRESS,
        icon="progress",
        order=30,
    ),
]
