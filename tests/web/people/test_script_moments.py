"""What a customer answered in a script stands in their history and on the call's page."""

from fixtures.calls import add_customer, set_stage
from fixtures.scripts import Filling, call_of, make


async def test_answers_stand_in_the_history_and_on_the_call(database, sign_in) -> None:
    stage = await set_stage(database)
    version = await make(database, stage)
    zoe = await add_customer(database, "Zoe")
    call = await call_of(database, stage, customer_id=zoe)
    filling = Filling(database, stage, call, version.id)
    await filling.give("f1", "no")
    await filling.go_on("s1")
    await filling.give("f2", "<i>late</i>")
    sue = await sign_in("supervisor", "sue")
    for path in (
        f"/customers/{zoe}",
        f"/customers/{zoe}?sort=script&text=late",
        f"/calls/{call.id}",
    ):
        page = await sue.get(path)
        assert "What went wrong?" in page
        assert "&lt;i&gt;late&lt;/i&gt;" in page
        assert "Not gone through to the end" in page
    await filling.give("f1", "yes", seen=1)
    assert "dropped: an earlier answer leads elsewhere" in await sue.get(f"/calls/{call.id}")
    assert "&lt;i&gt;late" not in await sue.get(f"/customers/{zoe}")
