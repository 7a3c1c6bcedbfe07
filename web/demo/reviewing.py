"""A scorecard of the demo, what it came to in the last weeks, and rules that pick calls."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import storage.calls
import storage.outcomes
import storage.picks
import storage.reviews.calibrations
import storage.scorecards
import storage.users
from pbx_bridge.call import CallResult
from storage.calls import CallFilters
from storage.database import Database, Session
from storage.picks import RuleFacts, keeping
from storage.reviews import ReviewKind, Said
from storage.rules import scorecards as rules
from storage.rules.picks import Rule, RuleKind
from storage.rules.scorecards import Item, ItemKind, Outline, Section

NAME = "A call of the order line"
MOST = 30  # calls that were reviewed
NOBODY = UUID(int=0)
OUTLINE = Outline(
    (
        Section(
            key="s1", title="Opening", weight=2, items=(
                Item(key="i1", label="Greets by name", help="Within the first two sentences."),
                Item(
                    key="i2", label="Says that the call is recorded", weight=0, critical=True,
                    skippable=False, help="Before anything personal is said.",
                ),
            ),
        ),
        Section(
            key="s2", title="What it is about", weight=5, items=(
                Item(
                    key="i3", label="Finds out what is needed", kind=ItemKind.SCALE, weight=2,
                    help="5: asked, and said it back. 1: guessed.",
                ),
                Item(key="i4", label="Knows the goods", kind=ItemKind.SCALE),
                Item(key="i5", label="Offers what goes with it"),
            ),
        ),
        Section(
            key="s3", title="Closing", weight=3, items=(
                Item(key="i6", label="Sums up and says what happens next"),
                Item(key="i7", label="Tone", kind=ItemKind.SCALE, lowest=0, highest=10),
            ),
        ),
    )
)  # fmt: skip


async def make(database: Database, queue_id: UUID, *, now: datetime) -> None:
    """Make the scorecard and the rules, review calls that were, and let the rules look."""
    random = Random(4002)  # noqa: S311 - a made-up past
    async with database.writing() as session:
        people = {user.login: user.id for user in await storage.users.listed(session)}
        sue, adam = people["sue"], people["adam"]
        card = await storage.scorecards.create(session, NAME, by=sue, now=now)
        await storage.scorecards.save(session, card.id, NAME, OUTLINE, version=1, by=sue, now=now)
        await storage.scorecards.give(session, card.id, queues=[queue_id], teams=[], by=sue)
        await storage.scorecards.publish(session, card.id, version=2, by=sue, now=now)
        await _rules(session, sue, now)
        talked = CallFilters(results=frozenset({CallResult.ANSWERED}))
        page = await storage.calls.listed(session, talked, reach=None, limit=3 * MOST)
        calls = [line.call for line in page.lines if line.call.queue and line.call.user_id]
        appealed = False
        for call in calls[1 : 2 * MOST : 2]:
            agent = call.user_id or sue
            at = min(call.started_at + timedelta(hours=20), now)
            await _review(session, call.id, agent, card.id, by=sue, at=at, random=random)
            if agent == people["ann"] and not appealed:
                appealed = True
                review = await _own(session, call.id, agent, card.id, at=at, random=random)
                await storage.reviews.appeal(
                    session, review, "She had said her name before I could ask.", by=agent, now=at
                )
        if calls:
            first = calls[0]
            made = await storage.reviews.calibrations.start(
                session, first.id, first.user_id or sue, card.id, [sue, adam], by=sue, now=now
            )
            told = await storage.reviews.calibrations.round_of(session, made.id)
            for sheet in told.sheets:
                by = sheet.review.reviewer_id
                await _mark(session, sheet.review.id, by=by, at=now, random=random)
                await storage.reviews.submit(session, sheet.review.id, by=by, now=now)
            await storage.reviews.calibrations.end(session, made.id, by=sue, now=now)


async def _rules(session: Session, by: UUID, now: datetime) -> None:
    outcomes = {one.name: str(one.id) for one in await storage.outcomes.listed(session)}
    for name, rule in (
        (
            "Two of each week, and one in twenty",
            Rule(id=NOBODY, kind=RuleKind.RANDOM, share=5, least=2),
        ),
        (
            "Complaints",
            Rule(
                id=NOBODY, kind=RuleKind.OUTCOME,
                outcomes=frozenset({outcomes["Complaint"]} if "Complaint" in outcomes else ()),
            ),
        ),
        ("Longer than eight minutes", Rule(id=NOBODY, kind=RuleKind.TALK, limit=480)),
    ):  # fmt: skip
        await keeping.create(session, RuleFacts(name=name, rule=rule), by=by, now=now)


async def _review(
    session: Session, call: UUID, agent: UUID, card: UUID, *, by: UUID, at: datetime, random: Random
) -> None:
    review = await storage.reviews.begin(
        session, call, agent, card, kind=ReviewKind.SUPERVISOR, by=by, now=at
    )
    await _mark(session, review.id, by=by, at=at, random=random)
    await storage.reviews.submit(session, review.id, by=by, now=at)
    await storage.reviews.release(session, review.id, by=by, now=at)


async def _own(
    session: Session, call: UUID, agent: UUID, card: UUID, *, at: datetime, random: Random
) -> UUID:
    """The agent rates the call as well; gives the review of the supervisor."""
    own = await storage.reviews.begin(
        session, call, agent, card, kind=ReviewKind.SELF, by=agent, now=at
    )
    await _mark(session, own.id, by=agent, at=at, random=random)
    await storage.reviews.submit(session, own.id, by=agent, now=at)
    given = await storage.reviews.of_call(session, call)
    return next(one.id for one in given if one.kind is ReviewKind.SUPERVISOR)


async def _mark(session: Session, key: UUID, *, by: UUID, at: datetime, random: Random) -> None:
    for item in (item for section in OUTLINE.sections for item in section.items):
        marks = [mark for mark in rules.choices(item) if mark != rules.NOT_APPLICABLE]
        place = min(int(random.expovariate(1.1)), len(marks) - 1)
        if item.critical and random.random() < 0.9:  # noqa: PLR2004 - one in ten is forgotten
            place = 0
        note, seconds = "", None
        if item.key == "i3" and place:
            note, seconds = "Did not ask for the size before offering one.", 21.0
        said = Said(marks[place], note, seconds, moves=seconds is not None)
        await storage.reviews.say(session, key, item.key, said, seen=None, by=by, now=at)
