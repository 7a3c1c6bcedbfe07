"""A script of the demo's queue, and what was answered in the calls of the last weeks."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import storage.calls
import storage.outcomes
import storage.scripts
from pbx_bridge.call import CallResult
from storage.calls import CallFilters
from storage.database import Database, Session
from storage.rules.scripts import Branch, Comparison, Field, FieldKind, Outline, Step

NAME = "How was the delivery?"
MOST = 60  # calls that were asked
HAPPY = Field(key="f1", label="Is everything as you wanted it?", kind=FieldKind.YES_NO, needed=True)
SCORE = Field(key="f2", label="From 0 to 10, would you recommend us?", kind=FieldKind.NUMBER)
WRONG = Field(
    key="f3", label="What is wrong?", kind=FieldKind.CHOICE, needed=True,
    options=("Came late", "Broken", "Not what was ordered", "Something else"),
)  # fmt: skip
WANTS = Field(
    key="f4", label="What would help?", kind=FieldKind.CHOICES,
    options=("A new one", "Money back", "A call from the workshop"),
)  # fmt: skip


def outline(outcome: str) -> Outline:
    """Ask whether all is well, and what is wrong where it is not."""
    return Outline(
        (
            Step(
                key="s1", title="Greeting", next="s2", fields=(HAPPY,),
                say="Hello {name}, this is {agent}. May I ask how your last delivery was?",
                branches=(Branch(field="f1", test=Comparison.IS, value="no", to="s3"),),
            ),
            Step(
                key="s2", title="Thanks", say="That is good to hear. Thank you!", fields=(SCORE,),
                outcome=outcome,
            ),
            Step(
                key="s3", title="Complaint", fields=(WRONG, WANTS),
                say="I am sorry to hear that. Let me write down what happened.",
            ),
        )
    )  # fmt: skip


async def make(database: Database, queue_id: UUID, *, now: datetime) -> None:
    """Make the script, publish it, and fill it in the stored calls of the queue."""
    random = Random(4001)  # noqa: S311 - a made-up past
    async with database.writing() as session:
        [outcome, *_others] = await storage.outcomes.listed(session)
        script = await storage.scripts.create(session, NAME, by=None, now=now)
        await storage.scripts.save(
            session, script.id, NAME, outline(str(outcome.id)), version=1, by=None, now=now
        )
        await storage.scripts.assign(session, script.id, [queue_id], by=None)
        version = await storage.scripts.publish(session, script.id, version=2, by=None, now=now)
        talked = CallFilters(results=frozenset({CallResult.ANSWERED}))
        page = await storage.calls.listed(session, talked, reach=None, limit=2 * MOST)
        asked = [line.call for line in page.lines if line.call.queue and line.call.user_id]
        for call in asked[:MOST]:
            if call.user_id is not None:
                at = call.started_at + timedelta(minutes=1)
                await _fill(session, call.id, version.id, by=call.user_id, at=at, random=random)


async def _fill(
    session: Session, call: UUID, version: UUID, *, by: UUID, at: datetime, random: Random
) -> None:
    async def give(field: str, answer: str) -> None:
        await storage.scripts.give(session, call, version, field, answer, seen=0, by=by, now=at)

    async def go_on(step: str) -> None:
        await storage.scripts.go_on(session, call, version, step, by=by, now=at)

    is_happy = random.random() < 0.7  # noqa: PLR2004 - seven in ten are
    await give("f1", "yes" if is_happy else "no")
    await go_on("s1")
    if random.random() < 0.2:  # noqa: PLR2004 - one in five hangs up here
        return
    if is_happy:
        await give("f2", str(random.randint(6, 10)))
    else:
        await give("f3", random.choice(WRONG.options))
        await give("f4", random.choice(WANTS.options))
    await go_on("s2" if is_happy else "s3")
