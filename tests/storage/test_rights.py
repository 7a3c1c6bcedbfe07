"""Rights over recordings that an administrator gave, on both engines."""

import storage.rights
from fixtures.calls import audited
from storage.database import Database
from storage.rights import RoleRight
from storage.rules.permissions import GIVEN, Permission, RoleName, Scope, scope_of

HEAR, KEEP = Permission.LISTEN_RECORDINGS, Permission.DOWNLOAD_RECORDINGS


async def test_what_nobody_chose_is_what_the_table_says(database: Database) -> None:
    async with database.reading() as session:
        held = await storage.rights.of_all(session)
        assert await storage.rights.given(session, "administrator") == {}
    assert held == {role: {one: scope_of(role, one) for one in GIVEN} for role in RoleName}
    assert held[RoleName.ADMINISTRATOR][HEAR] is Scope.NONE


async def test_a_right_is_given_and_taken_and_each_change_is_audited(database: Database) -> None:
    async with database.writing() as session:
        wanted = {HEAR: Scope.ALL, KEEP: Scope.TEAM}
        assert await storage.rights.give(session, RoleName.SUPERVISOR, wanted, by=None)
    async with database.writing() as session:
        assert not await storage.rights.give(session, RoleName.SUPERVISOR, wanted, by=None)
        await storage.rights.give(session, RoleName.SUPERVISOR, {HEAR: Scope.NONE}, by=None)
    async with database.reading() as session:
        given = await storage.rights.given(session, "supervisor")
    assert given == {HEAR: Scope.NONE, KEEP: Scope.TEAM}
    rows = [row.details for row in await audited(database, "rights.given")]
    assert rows == [
        {"role": "supervisor", "listen": "all", "download": "team"},
        {"role": "supervisor", "listen": "none"},
    ]


async def test_no_other_right_can_be_given_and_an_odd_row_gives_nothing(
    database: Database,
) -> None:
    async with database.writing() as session:
        wanted = {Permission.MANAGE_USERS: Scope.ALL}
        assert not await storage.rights.give(session, RoleName.AGENT, wanted, by=None)
        session.add(RoleRight(role="agent", permission="manage_users", scope=3))
        session.add(RoleRight(role="agent", permission=HEAR, scope=9))
    async with database.reading() as session:
        assert await storage.rights.given(session, "agent") == {HEAR: Scope.NONE}
