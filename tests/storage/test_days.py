"""An agent's own day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import storage.calls
import storage.days
import storage.promises
from fixtures.calls import NOW, Teller, add_customer, set_stage
from pbx_bridge.call import Call, CallResult, Direction, OfferEnd
from storage.database import Database
from storage.days import Figures

TODAY = date(2026, 11, 22)


async def test_promises_due_are_ones_own_open_and_by_that_day(database: Database) -> None:
    ann, bob, _ = (await set_stage(database)).users
    erika = await add_customer(database, "Erika")
    async with database.writing() as session:
        for text, days, by in [
            ("today", 0, ann), ("overdue", -3, ann), ("tomorrow", 1, ann), ("bob's", 0, bob),
        ]:  # fmt: skip
            due = TODAY + timedelta(days=days)
            await storage.promises.add(session, erika, text, due_on=due, by=by, now=NOW)
        kept = await storage.promises.add(session, erika, "kept", due_on=TODAY, by=ann, now=NOW)
        await storage.promises.keep(session, kept.id, by=ann, now=NOW)
    async with database.reading() as session:
        due = await storage.days.promises_due(session, ann, until=TODAY)
        assert await storage.days.count_promises(session, ann, until=TODAY) == len(due)
    assert [(one.promise.text, one.customer) for one in due] == [
        ("overdue", "Erika"), ("today", "Erika"),
    ]  # fmt: skip


async def test_the_tally_counts_what_rang_and_what_was_talked_since(database: Database) -> None:
    stage = await set_stage(database)
    ann = stage.users[0]
    start = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    async with database.writing() as session:
        for hour, by in [(-1, "101"), (1, "101"), (2, "102"), (3, "101")]:
            at = start + timedelta(hours=hour)
            call = Teller(stage.pbx, at, tag=f"{hour}.0").ended(by)
            await storage.calls.save(session, call, context=stage.context())
    async with database.reading() as session:
        assert await storage.days.tally(session, ann, since=start) == (3, 2)
        assert await storage.days.tally(session, ann, since=start + timedelta(days=1)) == (0, 0)


async def tell(database: Database, stage, *calls) -> None:
    async with database.writing() as session:
        for call in calls:
            await storage.calls.save(session, call, context=stage.context())


def missing(teller: Teller, *extensions: str, end: OfferEnd = OfferEnd.MISSED) -> Call:
    """A call that rang out at these phones, and whose caller then gave up."""
    call = teller.abandoned()
    offers = tuple(
        replace(offer, end=end) if offer.extension in extensions else offer for offer in call.offers
    )
    return replace(call, offers=offers)


def calling_back(teller: Teller, by: str, *, answered: bool) -> Call:
    """A call from the phone `by` to the number."""
    call = teller.ended(by)
    outgoing = tuple(replace(o, outgoing=True) for o in call.offers if o.extension == by)
    call = replace(call, direction=Direction.OUTBOUND, offers=outgoing, queue=None)
    if answered:
        return call
    return replace(call, answered_at=None, segments=(), result=CallResult.NO_ANSWER)


START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def at(stage, minutes: int) -> Teller:
    return Teller(stage.pbx, START + timedelta(minutes=minutes), tag=f"{minutes}.0")


async def missed_by(database: Database, user) -> list[storage.calls.MissedCall]:
    async with database.reading() as session:
        return list(await storage.calls.missed(session, user, since=START))


async def test_what_rang_out_at_a_phone_is_missed_until_someone_talks_to_the_number(
    database: Database,
) -> None:
    stage = await set_stage(database)
    ann, bob, _ = stage.users
    first, second = missing(at(stage, 0), "101"), missing(at(stage, 5), "101")
    await tell(database, stage, first, second)
    [missed] = await missed_by(database, ann)
    assert (missed.call.id, missed.times, missed.is_open) == (second.id, 2, True)
    assert await missed_by(database, bob) == []  # the caller gave up while it rang there
    await tell(database, stage, calling_back(at(stage, 7), "102", answered=False))
    [missed] = await missed_by(database, ann)
    assert missed.is_open
    assert missed.tried is not None
    assert missed.tried.by == "Bob"
    back = calling_back(at(stage, 9), "102", answered=True)
    await tell(database, stage, back, at(stage, 20).ended("103"))
    [missed] = await missed_by(database, ann)
    assert not missed.is_open
    assert missed.reached == (back.id, back.started_at, "Bob", True)
    await tell(database, stage, missing(at(stage, 30), "101"))
    [missed] = await missed_by(database, ann)
    assert (missed.is_open, missed.times) == (True, 3)


async def test_a_call_that_a_colleague_took_or_that_one_took_later_is_not_missed(
    database: Database,
) -> None:
    stage = await set_stage(database)
    taken = at(stage, 0).ended("102")
    first = replace(taken.offers[0], end=OfferEnd.MISSED)
    taken = replace(taken, offers=(first, *taken.offers[1:]))
    await tell(database, stage, taken)
    assert await missed_by(database, stage.users[0]) == []


async def test_a_caller_who_rang_at_one_phone_alone_and_gave_up_is_missed_there(
    database: Database,
) -> None:
    stage = await set_stage(database)
    call = at(stage, 0).abandoned()
    alone = replace(call.offers[0], queue=None)
    await tell(database, stage, replace(call, offers=(alone,), queue=None))
    [missed] = await missed_by(database, stage.users[0])
    assert missed.is_open


async def test_the_figures_tell_what_each_did_and_the_average_is_of_those_who_worked(
    database: Database,
) -> None:
    stage = await set_stage(database)
    ann, bob, cyd = stage.users
    await tell(
        database, stage, at(stage, 0).ended("101", seconds=69), at(stage, 5).ended("101", 129),
        missing(at(stage, 10), "101"), at(stage, -60).ended("101"),
        Teller(stage.pbx, START, tag="x", rings=2).ended("102", 39),
    )  # fmt: skip
    async with database.writing() as session:
        call = at(stage, 0).ended("101").id
        await storage.calls.wrap_up(
            session, call, user_id=ann, outcome_id=stage.outcome, note="", by=ann
        )
    async with database.reading() as session:
        found = await storage.days.figures(session, {ann, bob, cyd}, since=START)
        late = await storage.days.figures(session, {cyd}, since=START + timedelta(days=1))
    assert found[ann] == Figures(rang=4, talked=2, talk_seconds=180, missed=1, wrapped_up=1)
    assert (found[bob].rang, found[bob].talked, found[bob].talk_seconds) == (4, 1, 30)
    assert (found[cyd].rang, found[cyd].talked, found[cyd].missed) == (3, 0, 0)
    assert late == {cyd: Figures()}
    average = Figures.average([*found.values(), Figures()])
    assert average == Figures(
        rang=11 / 3, talked=1, talk_seconds=70, missed=1 / 3, wrapped_up=1 / 3
    )
    assert Figures.average(late.values()) is None
