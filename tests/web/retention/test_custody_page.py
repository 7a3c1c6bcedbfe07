"""The page of the chain of custody: the last check, and who did what to recordings."""

from datetime import UTC, datetime, timedelta

import storage.custody_checks
import storage.recordings
from fixtures.calls import Teller
from recordings import custody
from storage.rules.custody import Act, Break, Broken
from web.keys import SHELF
from web.retention.custody import ACTS, BREAKS

PAGE = "/administration/custody"


async def test_it_shows_who_heard_and_whether_the_chain_held(
    sign_in, stage, store, database, app
) -> None:
    adam = await sign_in("administrator")
    assert "There was none yet." in await adam.get(PAGE)
    call = await store(Teller(stage.pbx).ended(), stage.context(), sound=b"RIFF" + bytes(400))
    now = datetime.now(UTC)
    async with database.writing() as session:
        [recording] = call.recordings
        user = stage.users[0]
        await storage.recordings.open_play(session, recording.id, user_id=user, now=now)
    found = await custody.check(database, app[SHELF], anchors={}, now=now)
    text = await adam.get(PAGE)
    assert found.anchor in text
    assert "Unbroken" in text
    assert "1 file read" in text
    assert text.index("heard") < text.index("stored</td>")
    assert "stored</td>" not in await adam.get(f"{PAGE}?before=1")
    async with database.writing() as session:
        await storage.custody_checks.note(
            session, entries=1, head="0" * 64, files=None,
            broken=Broken(Break.CHANGED, 2, recording.id), now=now + timedelta(seconds=1),
        )  # fmt: skip
    text = await adam.get(PAGE)
    assert "Entry 2:" in text
    assert "An entry says something else than when it was written." in text
    assert found.anchor not in text


async def test_only_who_sees_the_audit_sees_it(sign_in) -> None:
    assert (await (await sign_in("supervisor")).client.get(PAGE)).status == 403


def test_every_act_and_every_break_has_its_words() -> None:
    assert ACTS.keys() == set(Act)
    assert BREAKS.keys() == set(Break)
