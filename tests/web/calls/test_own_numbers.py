"""The name of the number that was dialled stands in the list of calls and on the call's page."""

from datetime import UTC, datetime

import storage.own_numbers
from fixtures.calls import Teller


async def test_the_name_of_our_number_is_shown_as_text(database, stage, store, sign_in) -> None:
    call = await store(Teller(stage.pbx, datetime.now(UTC)).ended(), stage.context())
    async with database.writing() as session:
        await storage.own_numbers.add(
            session, stage.pbx, call.dialled, label="Hotline <b>", source="Web", by=None,
            now=datetime.now(UTC),
        )  # fmt: skip
    sue = await sign_in("supervisor", "sue")
    assert "Hotline &lt;b&gt; · Web" in await sue.get(f"/calls/{call.id}")
    assert 'title="Web">Hotline &lt;b&gt;' in await sue.get("/calls?period=all")
