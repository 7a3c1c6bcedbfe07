"""Why a call is whose it is: the rule at the time stays with the call, whoever said so is named."""

from dataclasses import replace
from uuid import uuid4

import storage.calls
from fixtures.calls import CALLER, Teller, add_customer, saved, set_stage, story
from pbx_bridge import matching
from pbx_bridge.matching import Candidate, Level, match
from storage.calls import CallContext
from storage.customers import Customer


async def why(database, call):
    async with database.reading() as session:
        found = await storage.calls.get(session, call.id)
        return await storage.calls.matched(session, found.call)


def context(stage, found, e164=CALLER):
    known = replace(stage.context(e164=e164), match=found.level, why=found.why)
    return replace(known, customer_id=found.customer)


async def test_the_rule_that_matched_is_kept_and_the_name_is_not(database):
    stage = await set_stage(database)
    zoe = await add_customer(database, "Zoë", CALLER)
    found = match("public", [Candidate(customer=zoe, name="Zoë", kind="person")])
    call = Teller(stage.pbx).ended()
    told = await saved(database, call, context(stage, found))
    assert told.call.match_why == {"text": matching.ONE_OWNER, "customer": str(zoe)}
    assert str((await why(database, call)).why) == "The number is Zoë's alone."
    async with database.writing() as session:
        (await session.get_one(Customer, zoe)).name = "Zoë O'Brien"
    assert str((await why(database, call)).why) == "The number is Zoë O'Brien's alone."


async def test_a_likely_match_says_why_without_a_customer(database):
    stage = await set_stage(database)
    two = [Candidate(customer=uuid4(), name=name, kind="person") for name in ("Ann", "Bo")]
    call = Teller(stage.pbx).ended()
    await saved(database, call, context(stage, match("public", two)))
    assert str((await why(database, call)).why) == "2 customers share this number."


async def test_a_reason_outlives_the_customer(database):
    stage = await set_stage(database)
    line = match("public", [Candidate(customer=uuid4(), name="Acme", kind="company")])
    call = Teller(stage.pbx).ended()
    await saved(database, call, context(stage, line))
    found = await why(database, call)
    assert str(found.why) == "The line of \N{EN DASH}: anyone there may be calling."


async def test_a_later_unknown_keeps_customer_and_reason(database):
    stage = await set_stage(database)
    zoe = await add_customer(database, "Zoë", CALLER)
    found = match("public", [Candidate(customer=zoe, name="Zoë", kind="person")])
    call = Teller(stage.pbx).ended()
    await saved(database, call, context(stage, found))
    later = replace(call, revision=call.revision + 1)
    await saved(database, later, context(stage, match("public")))
    assert str((await why(database, call)).why) == "The number is Zoë's alone."


async def test_a_telling_that_looked_nobody_up_keeps_what_is_known(database):
    stage = await set_stage(database)
    two = [Candidate(customer=uuid4(), name=name, kind="person") for name in ("Ann", "Bo")]
    call = Teller(stage.pbx).ended()
    await saved(database, call, context(stage, match("public", two)))
    later = replace(call, revision=call.revision + 1)
    told = await saved(database, later, CallContext(users=stage.seats))
    assert (told.call.match, told.call.e164) == (Level.LIKELY, CALLER)
    assert str((await why(database, call)).why) == "2 customers share this number."
    other = replace(later, number="+442079460000", revision=later.revision + 1)
    told = await saved(database, other, CallContext(users=stage.seats))
    assert (told.call.match, told.call.match_why) == (Level.UNKNOWN, None)


async def test_who_said_who_it_was_is_told_with_the_time(database):
    stage = await set_stage(database)
    zoe = await add_customer(database, "Zoë")
    call = Teller(stage.pbx).ended()
    await saved(database, call, context(stage, match("public")))
    async with database.writing() as session:
        await storage.calls.match_by_hand(session, call.id, zoe, by=stage.users[1])
    found = await why(database, call)
    assert (str(found.why), found.by) == (matching.BY_HAND, "Bob")
    assert found.at is not None
    again = replace(call, revision=call.revision + 1)
    await saved(database, again, context(stage, match("public")))
    assert (await why(database, call)).by == "Bob"


async def test_a_call_that_followed_its_number_says_so(database):
    stage = await set_stage(database)
    call = Teller(stage.pbx).ended()
    await saved(database, call, context(stage, match("public")))
    zoe = await add_customer(database, "Zoë", CALLER)
    async with database.writing() as session:
        assert await storage.calls.adopt(session, CALLER, zoe, by=None) == 1
    text = "A colleague gave the number to Zoë, and its earlier unknown calls followed."
    assert str((await why(database, call)).why) == text


async def test_a_call_of_before_reasons_were_kept_gives_none(database):
    stage = await set_stage(database)
    call = Teller(stage.pbx).ended()
    await saved(database, call, stage.context())
    assert await why(database, call) == storage.calls.Matched(why=None)
    told = await story(database, call.id)
    users = {(stage.pbx, "101"): stage.users[0]}
    assert storage.calls.context_of(told.call, users).match is Level.UNKNOWN
