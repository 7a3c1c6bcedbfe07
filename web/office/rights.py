"""Who may hear recordings and do what with them: for each role, for own, the team's or all."""

from aiohttp import web

import storage.rights
from pbx_bridge.matching import msgid
from storage.rules.permissions import GIVEN, Permission, RoleName, Scope
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url

LABELS = {
    Permission.LISTEN_RECORDINGS: (msgid("Listen"), msgid("in the page, each time audited")),
    Permission.DOWNLOAD_RECORDINGS: (msgid("Download"), msgid("as a file, to keep")),
    Permission.SHARE_RECORDINGS: (msgid("Share"), msgid("by a link that ends")),
    Permission.COMMENT_RECORDINGS: (msgid("Comment"), msgid("at a moment of the sound")),
    Permission.REVIEW_RECORDINGS: (msgid("Review"), msgid("the call, with a scorecard")),
    Permission.HEAR_INTERNAL_TALK: (
        msgid("Internal talk"),
        msgid("what colleagues say among themselves in a recording; else it is silent there"),
    ),
    Permission.DELETE_RECORDINGS: (msgid("Delete"), msgid("before its time")),
    Permission.LISTEN_IN: (msgid("Listen in"), msgid("on a call that goes on; nobody hears it")),
    Permission.WHISPER: (msgid("Whisper"), msgid("into such a call; the agent alone hears it")),
    Permission.BARGE_IN: (msgid("Barge in"), msgid("on such a call; both sides hear it")),
    Permission.PAUSE_RECORDINGS: (msgid("Pause"), msgid("while card data is said")),
}
SCOPES = (
    (Scope.NONE, msgid("none")),
    (Scope.OWN, msgid("their own")),
    (Scope.TEAM, msgid("their team's")),
    (Scope.ALL, msgid("all")),
)


@requires(Permission.MANAGE_USERS)
async def index(request: web.Request) -> web.Response:
    """For whom each role holds each right over recordings."""
    async with request.app[DATABASE].reading() as session:
        held = await storage.rights.of_all(session)
    return render(request, "rights/index.html", held=held, labels=LABELS, scopes=SCOPES)


@requires(Permission.MANAGE_USERS)
async def update(request: web.Request) -> web.Response:
    """Store what each role holds; it counts from the next click on."""
    form = await request.post()
    scopes = {str(scope.value): scope for scope in Scope}
    async with request.app[DATABASE].writing() as session:
        for role in RoleName:
            asked = {one: str(form.get(f"{role}-{one}", "")) for one in GIVEN}
            wanted = {one: scopes[word] for one, word in asked.items() if word in scopes}
            await storage.rights.give(session, role, wanted, by=request[VISITOR].user_id)
    return redirect(request, url(request, "rights.index"), flash=_("Saved."))


routes = [
    web.get("/administration/rights", index, name="rights.index"),
    web.post("/administration/rights", update, name="rights.update"),
]
