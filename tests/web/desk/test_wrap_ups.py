"""After a call: outcome, note and promise; for one's own calls only."""

from datetime import timedelta
from uuid import uuid4

import pytest

from fixtures.calls import Teller, add_customer
from fixtures.middays import MIDDAY
from storage.audit import AuditEntry
from storage.calls import WrapUp
from storage.promises import Promise

TODAY = MIDDAY.date()


def address(call) -> str:
    return f"/desk/calls/{call.id}/wrap-up"


async def test_a_wrap_up_is_stored_and_the_screens_are_told(desk, pops) -> None:
    call = await desk.call()
    fields = {"outcome": desk.stage.outcome, "note": "two pallets\r\nby Friday"}
    response = await desk.send(address(call), fields)
    assert (response.status, await response.json()) == (200, {"done": "Saved."})
    [row] = await desk.rows(WrapUp)
    assert (row.call_id, row.user_id, row.outcome_id) == (
        call.id, desk.ann.user.id, desk.stage.outcome,
    )  # fmt: skip
    assert row.note == "two pallets\nby Friday"
    assert pops.told == [("wrapped_up", (desk.ann.user.id, call.id))]
    assert await desk.rows(AuditEntry, action="wrap_up.stored")


async def test_a_wrap_up_stored_again_is_changed(desk) -> None:
    call = await desk.call()
    for note in ("first", "second"):
        await desk.send(address(call), {"outcome": desk.stage.outcome, "note": note})
    [row] = await desk.rows(WrapUp)
    assert row.note == "second"


async def test_a_promise_is_given_to_the_calls_customer_once(desk, pops) -> None:
    erika = await add_customer(desk.database, "Erika")
    call = await desk.call(customer=erika)
    due = TODAY + timedelta(days=2)
    fields = {"outcome": desk.stage.outcome, "promise": "send the offer", "promise_due": due}
    for _ in range(2):  # the answer to the first was lost on the way
        assert (await desk.send(address(call), fields)).status == 200
    [promise] = await desk.rows(Promise)
    assert (promise.customer_id, promise.call_id, promise.text, promise.due_on) == (
        erika, call.id, "send the offer", due,
    )  # fmt: skip
    assert ("customer_changed", (erika,)) in pops.told


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        pytest.param({}, {"": "Choose an outcome or write a note."}, id="nothing"),
        pytest.param({"note": "x"}, {"outcome": "Choose how the call came out."}, id="no outcome"),
        pytest.param({"outcome": "x"}, {"outcome": "Choose one of the list."}, id="no key"),
        pytest.param(
            {"outcome": str(uuid4())}, {"": "this outcome cannot be chosen any more"}, id="unknown"
        ),
        pytest.param(
            {"outcome": "ours", "promise": "x"},
            {
                "promise": "Say first who this is: a promise is given to a customer.",
                "promise_due": "Say by when.",
            },
            id="promise to nobody",
        ),
        pytest.param(
            {"outcome": "ours", "promise": "x", "promise_due": "soon"},
            {"promise_due": "This is no date."},
            id="no date",
        ),
        pytest.param(
            {"outcome": "ours", "note": "x" * 20_001},
            {"note": "At most 20000 characters fit here."},
            id="too long",
        ),
    ],
)
async def test_a_wrap_up_that_cannot_be_stored_says_why(desk, pops, fields, wrong) -> None:
    call = await desk.call()
    if fields.get("outcome") == "ours":
        fields = fields | {"outcome": str(desk.stage.outcome)}
    response = await desk.send(address(call), fields)
    assert response.status == 422
    assert await response.json() == {"errors": wrong}
    assert await desk.rows(WrapUp) == []
    assert pops.told == []


async def test_a_promise_for_a_day_that_is_over_is_refused(desk) -> None:
    erika = await add_customer(desk.database, "Erika")
    call = await desk.call(customer=erika)
    yesterday = TODAY - timedelta(days=1)
    fields = {"outcome": desk.stage.outcome, "promise": "x", "promise_due": yesterday}
    response = await desk.send(address(call), fields)
    assert await response.json() == {"errors": {"promise_due": "This day is over."}}
    assert await desk.rows(WrapUp) == []


async def test_while_one_still_talks_a_note_needs_no_outcome(desk) -> None:
    call = await desk.call(tell=lambda teller: teller.talking("101"))
    assert (await desk.send(address(call), {"note": "wants a discount"})).status == 200
    [row] = await desk.rows(WrapUp)
    assert (row.outcome_id, row.note) == (None, "wants a discount")


@pytest.mark.parametrize(
    "tell",
    [
        pytest.param(lambda teller: teller.ended("102"), id="answered by a colleague"),
        pytest.param(Teller.abandoned, id="answered by nobody"),
    ],
)
async def test_nobody_wraps_up_a_call_that_was_not_theirs(desk, tell) -> None:
    call = await desk.call(tell=tell)
    response = await desk.send(address(call), {"outcome": desk.stage.outcome})
    assert response.status == 404
    assert await response.json() == {"errors": {"": "This call is not yours."}}
    assert await desk.rows(WrapUp) == []
    page = await desk.ann.client.get(address(call))
    assert page.status == 404


async def test_a_call_of_a_known_customer_is_seen_by_all_and_wrapped_up_by_its_own(desk) -> None:
    erika = await add_customer(desk.database, "Erika")
    call = await desk.call(by="103", customer=erika)
    response = await desk.send(address(call), {"outcome": desk.stage.outcome}, by=desk.bob)
    assert response.status == 404
    assert await desk.rows(WrapUp) == []


async def test_the_desk_knows_sooner_than_the_base_that_the_call_is_over(desk) -> None:
    call = await desk.call(tell=lambda teller: teller.talking("101"))
    response = await desk.send(address(call), {"note": "x", "over": "1"})
    assert await response.json() == {"errors": {"outcome": "Choose how the call came out."}}
    assert await desk.rows(WrapUp) == []


async def test_a_call_that_is_not_stored_as_answered_yet_asks_for_patience(desk) -> None:
    call = await desk.call(tell=Teller.ringing)
    response = await desk.send(address(call), {"outcome": desk.stage.outcome})
    assert response.status == 409
    assert await desk.rows(WrapUp) == []
    page = await desk.ann.client.get(address(call))
    assert page.status == 409
    assert "not stored yet" in await page.text()


async def test_a_call_that_is_not_stored_yet_asks_for_patience(desk) -> None:
    response = await desk.send(f"/desk/calls/{uuid4()}/wrap-up", {"note": "x"})
    assert response.status == 409
    [sentence] = (await response.json())["errors"].values()
    assert "not stored yet" in sentence


async def test_without_a_script_the_form_is_a_page_that_keeps_what_was_typed(desk) -> None:
    erika = await add_customer(desk.database, "Erika <b>Muster</b>")
    call = await desk.call(customer=erika)
    page = await desk.ann.get(address(call))
    assert "Erika &lt;b&gt;Muster" in page
    response = await desk.ann.post(address(call), {"note": "long <i>text</i>", "promise": "x"})
    text = await response.text()
    assert response.status == 422
    assert "long &lt;i&gt;text" in text
    assert "Choose how the call came out." in text
    assert "Say by when." in text


async def test_without_a_script_saving_leads_back_to_the_desk(desk) -> None:
    call = await desk.call()
    response = await desk.ann.post(address(call), {"outcome": str(desk.stage.outcome)})
    assert response.status == 303
    assert response.headers["Location"] == f"/desk?saved={call.id}"
    [row] = await desk.rows(WrapUp)
    assert row.outcome_id == desk.stage.outcome
    assert "checked" in await desk.ann.get(address(call))
