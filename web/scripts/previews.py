"""A script tried out as an agent would fill it; nothing of it is kept."""

from aiohttp import web

import storage.outcomes
import storage.scripts
from storage.rules import scripts as rules
from storage.rules.permissions import Permission
from storage.rules.scripts import Outline, Step
from web.auth import requires
from web.drafting import key_of
from web.i18n import _, gettext
from web.keys import DATABASE, VISITOR
from web.render import render


@requires(Permission.MANAGE_SCRIPTS)
async def show(request: web.Request) -> web.Response:
    """The steps that the answers in the address lead to, and the questions of the last one."""
    async with request.app[DATABASE].reading() as session:
        script = await storage.scripts.get(session, key_of(request))
        outcomes = {str(each.id): each.name for each in await storage.outcomes.listed(session)}
    outline = rules.from_data(script.draft)
    written, answers, problems = _answers(request, outline)
    steps, ended = _way(outline, answers, set(request.query.getall("passed", [])), problems)
    names = {
        "name": _("Erika Example"), "address": _("Dr Example"), "company": _("Example & Co"),
        "agent": request[VISITOR].name, "queue": _("Sales"),
    }  # fmt: skip
    return render(
        request,
        "scripts/preview.html",
        script=script,
        steps=[(step, rules.spoken(step.say, names)) for step in steps],
        written=written,
        passed=set(request.query.getall("passed", [])),
        problems=problems,
        pairs={f.key: [(word, word) for word in f.options] for _step, f in outline.fields()},
        ended=ended,
        outcome=outcomes.get(steps[-1].outcome, "") if steps and ended else "",
    )


def _answers(
    request: web.Request, outline: Outline
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return what was written, what of it is an answer, and what is wrong with the rest."""
    written, answers, problems = {}, {}, {}
    for _step, field in outline.fields():
        text = "\n".join(request.query.getall(field.key, []))
        answer, problem = rules.read_answer(field, text)
        written[field.key] = text
        if problem is None:
            answers[field.key] = answer
        else:
            problems[field.key] = gettext(problem.text)
    return written, answers, problems


def _way(
    outline: Outline, answers: dict[str, str], passed: set[str], problems: dict[str, str]
) -> tuple[list[Step], bool]:
    """Return the steps to show, and whether the script is over."""
    shown: list[Step] = []
    for step in rules.walk(outline, answers).steps:
        shown.append(step)
        if step.key not in passed or problems or rules.missing(step, answers):
            return shown, False
    return shown, bool(shown) and rules.advance(outline, answers, shown[-1].key).ended
