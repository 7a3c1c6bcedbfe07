"""Who is on the other side: made a customer, attached, chosen, corrected; from one's own call."""

from uuid import uuid4

import pytest

from fixtures.calls import CALLER, Teller, add_customer
from storage.calls import CallRecord
from storage.customers import Customer
from storage.numbers import Number


def address(call) -> str:
    return f"/desk/calls/{call.id}/customer"


async def customer_of(desk, call):
    [row] = await desk.rows(CallRecord, id=call.id)
    return row.customer_id


async def numbers_of(desk, customer) -> list[str]:
    return [row.e164 for row in await desk.rows(Number, customer_id=customer)]


async def test_an_unknown_caller_becomes_a_customer_in_one_step(desk, pops) -> None:
    earlier = await desk.call(by="102", ago=7200)
    call = await desk.call()
    response = await desk.send(
        address(call), {"who": "new", "name": " Erika  Muster ", "kind": "person"}
    )
    assert response.status == 200
    [erika] = await desk.rows(Customer)
    assert erika.name == "Erika Muster"
    assert await numbers_of(desk, erika.id) == [CALLER]
    assert await customer_of(desk, call) == erika.id
    assert await customer_of(desk, earlier) == erika.id
    assert pops.told == [("call_matched", (call.id,)), ("customer_changed", (erika.id,))]


async def test_the_same_new_customer_sent_twice_is_made_once(desk) -> None:
    call = await desk.call()
    for _ in range(2):
        assert (await desk.send(address(call), {"who": "new", "name": "Erika"})).status == 200
    assert len(await desk.rows(Customer)) == 1


async def test_an_unknown_caller_is_attached_and_earlier_calls_follow(desk, pops) -> None:
    erika = await add_customer(desk.database, "Erika")
    earlier = await desk.call(ago=7200)
    call = await desk.call()
    fields = {"who": "customer", "customer": erika, "owns_number": "1"}
    response = await desk.send(address(call), fields)
    sentence = (await response.json())["done"]
    assert sentence == "Noted; one earlier call of this number followed."
    assert await customer_of(desk, earlier) == erika
    assert await customer_of(desk, call) == erika
    assert await numbers_of(desk, erika) == [CALLER]
    assert ("call_matched", (call.id,)) in pops.told


async def test_one_of_several_is_chosen_for_this_call_only(desk) -> None:
    erika = await add_customer(desk.database, "Erika", CALLER)
    await add_customer(desk.database, "Max", CALLER)
    call = await desk.call()
    assert (await desk.send(address(call), {"who": "customer", "customer": erika})).status == 200
    assert await customer_of(desk, call) == erika
    assert [row.chosen_at for row in await desk.rows(Number)] == [None, None]


async def test_one_of_several_is_remembered_for_the_number(desk) -> None:
    erika = await add_customer(desk.database, "Erika", CALLER)
    max_ = await add_customer(desk.database, "Max", CALLER)
    call = await desk.call()
    fields = {"who": "customer", "customer": max_, "remember": "1"}
    assert (await desk.send(address(call), fields)).status == 200
    chosen = {row.customer_id: row.chosen_at for row in await desk.rows(Number)}
    assert chosen[max_] is not None
    assert chosen[erika] is None


async def test_a_wrong_match_is_corrected_and_both_customers_are_told(desk, pops) -> None:
    erika = await add_customer(desk.database, "Erika", CALLER)
    max_ = await add_customer(desk.database, "Max")
    call = await desk.call(customer=erika)
    fields = {"who": "customer", "customer": max_, "owns_number": "1"}
    assert (await desk.send(address(call), fields)).status == 200
    assert await customer_of(desk, call) == max_
    assert await numbers_of(desk, max_) == [CALLER]
    told = {ids for what, ids in pops.told if what == "customer_changed"}
    assert told == {(erika,), (max_,)}


async def test_a_wrong_match_is_taken_back(desk) -> None:
    erika = await add_customer(desk.database, "Erika", CALLER)
    call = await desk.call(customer=erika)
    fields = {"who": "nobody", "customer": str(erika)}
    assert (await desk.send(address(call), fields)).status == 200
    assert await customer_of(desk, call) is None
    assert await numbers_of(desk, erika) == [CALLER]


async def test_someone_who_withholds_the_number_can_be_told_by_hand(desk) -> None:
    erika = await add_customer(desk.database, "Erika")
    call = await desk.call(e164=None)
    fields = {"who": "customer", "customer": erika, "owns_number": "1"}
    assert (await desk.send(address(call), fields)).status == 200
    assert await customer_of(desk, call) == erika
    assert await numbers_of(desk, erika) == []


@pytest.mark.parametrize(
    ("fields", "status", "wrong"),
    [
        ({"who": "new", "name": "  "}, 422, {"name": "A customer needs a name."}),
        ({"who": "new", "name": "x" * 201}, 422, {"name": "At most 200 characters fit here."}),
        ({"who": "new", "name": "x", "kind": "cat"}, 422, {"kind": "Choose one of the list."}),
        ({"who": "customer"}, 422, {"": "Choose a customer."}),
        ({"who": "customer", "customer": "7"}, 422, {"customer": "Choose one of the list."}),
        ({"who": "customer", "customer": str(uuid4())}, 404, {"": "This is no longer there."}),
        ({"who": "god"}, 422, {"who": "Choose one of the list."}),
        ({}, 422, {"who": "This is needed."}),
    ],
)
async def test_what_cannot_be_said_changes_nothing(desk, pops, fields, status, wrong) -> None:
    call = await desk.call()
    response = await desk.send(address(call), fields)
    assert (response.status, await response.json()) == (status, {"errors": wrong})
    assert await desk.rows(Customer) == []
    assert pops.told == []


async def test_only_those_it_rang_at_say_who_called(desk) -> None:
    erika = await add_customer(desk.database, "Erika", CALLER)
    call = await desk.call(
        customer=erika, tell=lambda t: Teller(t.pbx, t.start, tag=t.tag, rings=1).ended("101")
    )
    response = await desk.send(address(call), {"who": "nobody"}, by=desk.bob)
    assert response.status == 404
    assert await customer_of(desk, call) == erika


async def test_a_page_without_the_token_changes_nothing(desk) -> None:
    call = await desk.call()
    response = await desk.ann.post(
        address(call), {"who": "new", "name": "Erika"}, headers={"X-CSRF-Token": "guess"}
    )
    assert response.status == 403
    assert await desk.rows(Customer) == []


async def test_without_a_script_a_refusal_is_told_on_the_desk(desk) -> None:
    call = await desk.call()
    response = await desk.ann.post(address(call), {"who": "new"})
    assert (response.status, response.headers["Location"]) == (303, "/desk")
    assert "A customer needs a name." in await desk.ann.get("/desk")
