"""The rules that pick calls for a review, edited on one page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

import storage.outcomes
import storage.picks
import storage.queues
import storage.scorecards
import storage.scripts
import storage.teams
from storage.database import Session
from storage.errors import Refused
from storage.picks import RuleChanged, RuleFacts, keeping
from storage.rules import scripts as script_rules
from storage.rules.permissions import Permission
from storage.rules.picks import Rule, RuleKind
from storage.rules.scripts import FieldKind
from web.auth import requires
from web.i18n import _, told
from web.keys import DATABASE, VISITOR
from web.render import redirect, render, url
from web.reviews.rights import key_of

EDIT = Permission.MANAGE_SCORECARDS
NEW = UUID(int=0)
MOST = 1_000_000.0


@requires(EDIT)
async def index(request: web.Request) -> web.Response:
    """Every rule, and the form for another."""
    kind = request.query.get("kind", "")
    chosen = RuleKind(kind) if kind in set(RuleKind) else RuleKind.RANDOM
    return await _page(request, kind=chosen)


@requires(EDIT)
async def create(request: web.Request) -> web.Response:
    """Add a rule."""
    facts = read(await _posted(request))
    try:
        async with request.app[DATABASE].writing() as session:
            by, now = request[VISITOR].user_id, datetime.now(UTC)
            await keeping.create(session, facts, by=by, now=now)
    except Refused as error:
        return await _page(
            request, kind=facts.rule.kind, written=facts, errors={"": told(error)}, status=422
        )
    return redirect(request, url(request, "pick_rules.index"), flash=_("Saved."))


@requires(EDIT)
async def edit(request: web.Request) -> web.Response:
    """The form of one rule."""
    async with request.app[DATABASE].reading() as session:
        row = await keeping.get(session, key_of(request))
    facts = RuleFacts(
        name=row.name, rule=keeping.rule_of(row), scorecard_id=row.scorecard_id, active=row.active
    )
    return await _page(request, kind=row.kind, written=facts, row=row)


@requires(EDIT)
async def update(request: web.Request) -> web.Response:
    """Change a rule."""
    posted = await _posted(request)
    facts, version = read(posted), int(_number(posted, "version"))
    by, now = request[VISITOR].user_id, datetime.now(UTC)
    try:
        async with request.app[DATABASE].writing() as session:
            await keeping.change(session, key_of(request), facts, version=version, by=by, now=now)
    except (Refused, RuleChanged) as error:
        async with request.app[DATABASE].reading() as session:
            row = await keeping.get(session, key_of(request))
        return await _page(
            request, kind=facts.rule.kind, written=facts, row=row, errors={"": told(error)},
            status=409 if isinstance(error, RuleChanged) else 422,
        )  # fmt: skip
    return redirect(request, url(request, "pick_rules.index"), flash=_("Saved."))


@requires(EDIT)
async def remove(request: web.Request) -> web.Response:
    """Delete a rule."""
    async with request.app[DATABASE].writing() as session:
        await keeping.remove(session, key_of(request), by=request[VISITOR].user_id)
    return redirect(request, url(request, "pick_rules.index"), flash=_("Removed."))


def read(posted: Mapping[str, list[str]]) -> RuleFacts:
    """Return the rule that a form says; what it cannot hold is left out."""
    kind, question = _one(posted, "kind"), _one(posted, "question")
    script, _colon, field = question.partition(":")
    rule = Rule(
        id=NEW,
        kind=RuleKind(kind) if kind in set(RuleKind) else RuleKind.RANDOM,
        share=min(_number(posted, "share"), 100.0),
        least=int(min(_number(posted, "least"), 1_000.0)),
        limit=_number(posted, "limit"),
        outcomes=frozenset(posted.get("outcomes", ())),
        script=script,
        question=field,
        queues=frozenset(posted.get("queues", ())),
        teams=frozenset(posted.get("teams", ())),
    )
    try:
        card = UUID(_one(posted, "scorecard"))
    except ValueError:
        card = None
    return RuleFacts(
        name=_one(posted, "name"), rule=rule, scorecard_id=card,
        active=_one(posted, "active") == "1",
    )  # fmt: skip


async def _page(
    request: web.Request,
    *,
    kind: RuleKind,
    written: RuleFacts | None = None,
    row: storage.picks.PickRule | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        outcomes = await storage.outcomes.listed(session)
        queues = await storage.queues.listed(session)
        teams = await storage.teams.listed(session)
        cards = await storage.scorecards.listed(session)
        rows = await storage.picks.rules(session)
        questions = await _questions(session)
    return render(
        request, "picks/rule.html" if row else "picks/rules.html", status=status, rows=rows,
        kind=kind, written=written or RuleFacts(name="", rule=Rule(id=NEW, kind=kind)), row=row,
        errors=errors or {}, outcomes=[(str(one.id), one.name) for one in outcomes],
        queues=[(str(one.id), one.label) for one in queues],
        teams=[(str(one.id), one.name) for one in teams],
        cards=[(str(one.card.id), one.card.name) for one in cards if one.card.published],
        questions=questions, kinds=kinds(),
    )  # fmt: skip


async def _questions(session: Session) -> list[tuple[str, str]]:
    """Every question of a script in use that asks for a number: that is what feedback there is."""
    found = []
    for line in await storage.scripts.listed(session):
        if line.script.published is None:
            continue
        version = await storage.scripts.version(session, line.script.id, line.script.published)
        for _step, field in script_rules.from_data(version.outline).fields():
            if field.kind is FieldKind.NUMBER:
                key = f"{line.script.id}:{field.key}"
                found.append((key, f"{line.script.name}: {field.label}"))
    return found


def kinds() -> list[tuple[str, str]]:
    """What rules can look at, with the words for it."""
    return [
        (RuleKind.RANDOM, _("Chance")),
        (RuleKind.OUTCOME, _("Outcome")),
        (RuleKind.HOLD, _("Long hold")),
        (RuleKind.WAIT, _("Long wait")),
        (RuleKind.TALK, _("Long talk")),
        (RuleKind.HANDS, _("Several agents")),
        (RuleKind.COMMENTS, _("Moments with comments")),
        (RuleKind.SILENCE, _("Long silence")),
        (RuleKind.FEEDBACK, _("Low feedback")),
    ]


async def _posted(request: web.Request) -> dict[str, list[str]]:
    posted = await request.post()
    return {name: [str(value) for value in posted.getall(name)] for name in posted}


def _one(posted: Mapping[str, list[str]], name: str) -> str:
    return next(iter(posted.get(name, ())), "")


def _number(posted: Mapping[str, list[str]], name: str) -> float:
    """A number that is not negative; nothing where none can be read."""
    try:
        value = float(_one(posted, name).replace(",", "."))
    except ValueError:
        return 0.0
    return value if 0 <= value <= MOST else 0.0
