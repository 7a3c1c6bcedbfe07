"""Scripts as supervisors make them: a list, a form for each, publishing, queues."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

import storage.outcomes
import storage.queues
import storage.scripts
from pbx_bridge.matching import msgid
from storage.blueprints import ChangedMeanwhile
from storage.database import Session
from storage.rules import scripts as rules
from storage.rules.permissions import Permission
from storage.rules.scripts import FieldKind, Outline, Step
from storage.scripts import BLUEPRINTS, Script, ScriptLine, ScriptVersion
from web.auth import requires
from web.drafting import Drafting, key_of
from web.i18n import _
from web.keys import DATABASE, POPS, VISITOR
from web.render import redirect
from web.scripts import drafts


class _Scripts(Drafting[Script, ScriptVersion, Outline]):
    room = "scripts"
    withdrawals = "script_withdrawals.create"
    may = Permission.MANAGE_SCRIPTS
    published = msgid("Published: calls that begin now have it.")
    withdrawn = msgid("Withdrawn. Calls that have begun it go on with it.")

    async def lines(self, session: Session) -> Sequence[ScriptLine]:
        return await storage.scripts.listed(session)

    async def tell(self, request: web.Request) -> None:
        await request.app[POPS].phones_changed()  # their cards know that there is one

    async def shown(
        self, session: Session, row: Script, written: Outline, conflict: ChangedMeanwhile | None
    ) -> dict[str, Any]:
        theirs: tuple[Step, ...] = conflict.outline.steps if conflict else ()
        queues, chosen = await _queues(session, row)
        return {
            "theirs": [step for step in theirs if step != written.step(step.key)],
            "outcomes": [(str(o.id), o.name) for o in await storage.outcomes.listed(session)],
            "queues": queues,
            "chosen": chosen,
            **_words(),
        }


PAGES = _Scripts(BLUEPRINTS, drafts.read)


@requires(Permission.MANAGE_SCRIPTS)
async def assign(request: web.Request) -> web.Response:
    """Say which queues have it."""
    chosen = {str(value) for value in (await request.post()).getall("queues", [])}
    async with request.app[DATABASE].writing() as session:
        queues = [q.id for q in await storage.queues.listed(session) if str(q.id) in chosen]
        by = request[VISITOR].user_id
        await storage.scripts.assign(session, key_of(request), queues, by=by)
    await PAGES.tell(request)
    return redirect(request, PAGES.place(request), flash=_("Saved."))


async def _queues(session: Session, script: Script) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Return each queue with the other script that it has, and those that have this one."""
    given = await storage.scripts.queues_of(session)
    names = {line.script.id: line.script.name for line in await storage.scripts.listed(session)}
    rows = []
    for queue in await storage.queues.listed(session):
        owner = given.get(queue.id)
        other = names[owner] if owner is not None and owner != script.id else ""
        rows.append((str(queue.id), queue.label, other))
    return rows, [str(queue) for queue, owner in given.items() if owner == script.id]


def _words() -> dict[str, Any]:
    """What the page calls kinds of questions and comparisons."""
    return {
        "kinds": [
            (FieldKind.TEXT.value, _("Text")),
            (FieldKind.LONG_TEXT.value, _("Long text")),
            (FieldKind.NUMBER.value, _("Number")),
            (FieldKind.DATE.value, _("Date")),
            (FieldKind.YES_NO.value, _("Yes or no")),
            (FieldKind.CHOICE.value, _("One of a list")),
            (FieldKind.CHOICES.value, _("Several of a list")),
        ],
        "comparisons": [
            ("is", _("is")),
            ("is_not", _("is not")),
            ("at_least", _("is at least")),
            ("at_most", _("is at most")),
            ("answered", _("is answered")),
            ("not_answered", _("is not answered")),
        ],
        "placeholders": ", ".join(f"{{{name}}}" for name in rules.PLACEHOLDERS),
    }
