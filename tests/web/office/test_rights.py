"""The administrator says who may hear recordings."""

import storage.rights
from fixtures.calls import Teller
from storage.rules.permissions import GIVEN, Permission, RoleName, Scope

PAGE = "/administration/rights"
SOUND = b"RIFF" + bytes(400)


async def test_a_right_that_is_given_counts_at_once_and_so_does_one_that_is_taken(
    sign_in, stage, store, database
) -> None:
    call = await store(Teller(stage.pbx).ended(), stage.context(), sound=SOUND)
    plays = f"/recordings/{call.recordings[0].id}/plays"
    adam, sue = await sign_in("administrator"), await sign_in("supervisor")
    assert (await adam.post(plays)).status == 403
    assert (await sue.post(plays)).status == 403
    given = {"supervisor-recordings.listen": "3", "agent-manage_users": "3"}
    response = await adam.post(PAGE, given)
    assert (response.status, response.headers["Location"]) == (303, PAGE)
    assert (await sue.post(plays)).status == 201
    assert "data-player" in await sue.get(f"/calls/{call.id}")
    assert (await adam.post(plays)).status == 403
    await adam.post(PAGE, {"supervisor-recordings.listen": "0", "agent-recordings.share": "9"})
    assert (await sue.post(plays)).status == 403
    assert "data-player" not in await sue.get(f"/calls/{call.id}")
    async with database.reading() as session:
        held = await storage.rights.of_all(session)
    assert held[RoleName.SUPERVISOR][Permission.LISTEN_RECORDINGS] is Scope.NONE
    assert held[RoleName.AGENT][Permission.SHARE_RECORDINGS] is Scope.NONE


async def test_the_page_shows_what_is_held(sign_in) -> None:
    adam = await sign_in("administrator")
    text = await adam.get(PAGE)
    assert text.count("<select") == 3 * len(GIVEN)
    assert text.count("selected") == 3 * len(GIVEN)
