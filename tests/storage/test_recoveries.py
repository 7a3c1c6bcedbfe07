"""The mark of a call that the books told: kept when calls join, gone with the call."""

import storage.calls
import storage.recoveries
from fixtures.calls import Teller, after, audited, saved, set_stage
from storage.recoveries import Reason


async def note(database, call_id, *, reason=Reason.RECONCILED, uncertain=(), at=0.0):
    async with database.writing() as session:
        await storage.recoveries.note(
            session, call_id, reason=reason, gap_id=None, is_new=False, uncertain=uncertain,
            at=after(at),
        )  # fmt: skip


async def test_a_call_told_from_the_books_says_so_and_what_is_uncertain(database):
    stage = await set_stage(database)
    told = await saved(database, Teller(stage.pbx).ended(), stage.context())
    heard = await saved(database, Teller(stage.pbx, tag="2.0").ended(), stage.context())
    await note(database, told.call.id, uncertain={"talk", "offers"})
    async with database.reading() as session:
        mark = await storage.recoveries.of(session, told.call.id)
        assert (mark.uncertain, mark.reason) == (["offers", "talk"], Reason.RECONCILED)
        assert await storage.recoveries.of(session, heard.call.id) is None
        both = [told.call.id, heard.call.id]
        assert await storage.recoveries.among(session, both) == {told.call.id}
    [entry] = await audited(database, "call.reconciled")
    assert entry.details == {"gap": None, "uncertain": ["offers", "talk"]}


async def test_a_second_time_renews_the_mark(database):
    stage = await set_stage(database)
    told = await saved(database, Teller(stage.pbx).ended(), stage.context())
    await note(database, told.call.id, uncertain={"talk"})
    await note(database, told.call.id, at=60)
    async with database.reading() as session:
        mark = await storage.recoveries.of(session, told.call.id)
    assert (mark.uncertain, mark.recovered_at) == ([], after(60))


async def test_the_mark_goes_over_to_the_call_that_keeps_its_id(database):
    stage = await set_stage(database)
    keep = await saved(database, Teller(stage.pbx).ended(), stage.context())
    gone = await saved(database, Teller(stage.pbx, tag="2.0").ended(), stage.context())
    await note(database, gone.call.id)
    async with database.writing() as session:
        await storage.calls.join(session, keep.call.id, gone.call.id)
    async with database.reading() as session:
        assert await storage.recoveries.of(session, keep.call.id) is not None
