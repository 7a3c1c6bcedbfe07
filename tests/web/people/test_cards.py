"""The card holds who they are, what is open and one history."""

from datetime import UTC, datetime, timedelta

import storage.calls
import storage.notes
import storage.promises
import storage.recoveries
from fixtures.calls import CALLER, Teller, set_stage
from storage.database import Database
from storage.recoveries import Reason

NOW = datetime.now(UTC)


async def test_calls_notes_and_promises_stand_in_one_history(
    sign_in, database: Database, add
) -> None:
    erika = await add("Erika", CALLER, about="Likes tea", address_as="Ms Muster")
    agent = await sign_in("agent")
    stage = await set_stage(database, [agent.user])
    call = Teller(stage.pbx, NOW - timedelta(days=2)).ended(by="101")
    async with database.writing() as session:
        context = stage.context(customer_id=erika.id)
        await storage.calls.save(session, call, context=context)
        await storage.calls.wrap_up(
            session, call.id, user_id=agent.user.id, outcome_id=stage.outcome,
            note="wants forty", by=None,
        )  # fmt: skip
        await storage.notes.add(
            session, erika.id, "prefers mail", by=agent.user.id, now=NOW - timedelta(days=1)
        )
        due = (NOW - timedelta(days=1)).date()
        await storage.promises.add(
            session, erika.id, "send offer", due_on=due, by=agent.user.id, now=NOW
        )
    page = await agent.get(f"/customers/{erika.id}")
    for text in ("Likes tea", "Ms Muster", "Order placed", "wants forty", "prefers mail"):
        assert text in page
    assert page.index("send offer") < page.index("prefers mail") < page.index("wants forty")
    assert "overdue" in page
    assert f"/calls/{call.id}" in page


async def test_a_call_told_from_the_books_says_so_in_the_history(
    sign_in, database: Database, add
) -> None:
    erika = await add("Erika", CALLER)
    agent = await sign_in("agent")
    stage = await set_stage(database, [agent.user])
    heard = Teller(stage.pbx, NOW - timedelta(days=2)).ended(by="101")
    told = Teller(stage.pbx, NOW - timedelta(days=1)).ended(by="101")
    async with database.writing() as session:
        for call in (heard, told):
            await storage.calls.save(session, call, context=stage.context(customer_id=erika.id))
        await storage.recoveries.note(
            session, told.id, reason=Reason.RECONCILED,
            gap_id=None, is_new=True, uncertain=(), at=NOW,
        )  # fmt: skip
    page = await agent.get(f"/customers/{erika.id}")
    assert page.count("Recovered<") == 1
    assert page.index(f"/calls/{told.id}") < page.index("Recovered<")
    assert page.index("Recovered<") < page.index(f"/calls/{heard.id}")


async def test_a_new_card_says_that_nothing_happened_yet(sign_in, add) -> None:
    erika = await add("Erika")
    page = await (await sign_in("agent")).get(f"/customers/{erika.id}")
    assert "Nothing yet" in page
    assert "Nothing is promised." in page
    assert "their calls are not recognised" in page


async def test_a_shared_number_names_its_other_owners(sign_in, add) -> None:
    erika = await add("Erika", CALLER)
    max_ = await add("Max", CALLER)
    page = await (await sign_in("agent")).get(f"/customers/{erika.id}")
    assert "Also a number of" in page
    assert f"/customers/{max_.id}" in page
