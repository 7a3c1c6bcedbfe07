"""A customer is held from their own page, and shown to be; nobody deletes or erases meanwhile."""

from uuid import uuid4

import storage.customers
from fixtures.calls import NOW, Teller, audited
from storage.customers import Profile


async def test_a_customer_is_held_and_released_on_their_own_page(
    sign_in, stage, store, database
) -> None:
    adam, sue = await sign_in("administrator"), await sign_in("supervisor")
    async with database.writing() as session:
        profile = Profile(name="Zoe")
        zoe = await storage.customers.create(session, profile, by=None, now=NOW)
    context = stage.context(customer_id=zoe.id)
    call = await store(Teller(stage.pbx).ended(), context, sound=b"RIFF" + bytes(400))
    page, holds = f"/customers/{zoe.id}", f"/customers/{zoe.id}/holds"
    assert "Hold all calls of this customer" in await adam.get(page)
    assert "Legal hold" not in await sue.get(page)
    assert (await sue.post(holds, {"reason": "x"})).status == 403
    assert (await adam.post(holds, {"reason": "  "})).status == 422
    assert (await adam.post(f"/customers/{uuid4()}/holds", {"reason": "x"})).status == 404
    answer = await adam.post(holds, {"reason": "<i>lawsuit"})
    assert (answer.status, answer.headers["Location"].split("?")[0]) == (303, page)
    [row] = await audited(database, "hold.placed")
    assert (row.user_id, row.details) == (adam.user.id, {"customer": str(zoe.id)})
    for who in (adam, sue):
        assert "&lt;i&gt;lawsuit" in await who.get(page)
        assert "&lt;i&gt;lawsuit" in await who.get(f"/calls/{call.id}")
    lift = f"/administration/retention/holds/{row.key}/lifts"
    assert lift in await adam.get(page)
    assert lift not in await sue.get(page)
    assert (await adam.post(f"/recordings/{call.recordings[0].id}/deletions")).status == 422
    answer = await adam.post(lift, {"back": "customer"})
    assert (answer.status, answer.headers["Location"].split("?")[0]) == (303, page)
    assert "lawsuit" not in await adam.get(page)
    assert (await adam.post(f"/recordings/{call.recordings[0].id}/deletions")).status == 303
