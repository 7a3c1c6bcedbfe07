"""Which role may do what: the one table, checked against what the roles are for."""

import pytest

from storage.rules.permissions import GIVEN, RIGHTS, Permission, RoleName, Scope, may, scope_of


def test_every_right_of_an_agent_is_one_of_a_supervisor_at_least_as_wide() -> None:
    for permission, scope in RIGHTS[RoleName.AGENT].items():
        assert scope_of("supervisor", permission) >= scope, permission


def test_an_administrator_may_do_everything_for_everyone_but_hear_them() -> None:
    unheard = {one for one in Permission if scope_of("administrator", one) is not Scope.ALL}
    assert unheard == set(GIVEN) - {Permission.DELETE_RECORDINGS, Permission.PAUSE_RECORDINGS}
    assert {scope_of("administrator", one) for one in unheard} == {Scope.NONE}


@pytest.mark.parametrize("role", ["", "Agent", "root", "administrator "])
def test_a_role_that_is_not_in_the_table_holds_nothing(role: str) -> None:
    assert not any(may(role, permission) for permission in Permission)


@pytest.mark.parametrize(
    "permission",
    [
        Permission.MANAGE_USERS,
        Permission.MANAGE_PBXS,
        Permission.MANAGE_SETTINGS,
        Permission.SEE_AUDIT,
    ],
)
def test_only_an_administrator_administers(permission: Permission) -> None:
    assert [role for role in RoleName if may(role, permission)] == [RoleName.ADMINISTRATOR]


def test_agents_hear_their_own_and_supervisors_work_with_those_of_the_team() -> None:
    held = {role: {one: scope_of(role, one) for one in GIVEN} for role in RoleName}
    inside = Permission.HEAR_INTERNAL_TALK
    own = (Permission.LISTEN_RECORDINGS, Permission.PAUSE_RECORDINGS, inside)
    heard = dict.fromkeys(own, Scope.OWN)
    assert {one: scope for one, scope in held[RoleName.AGENT].items() if scope} == heard
    assert held[RoleName.SUPERVISOR].pop(inside) is Scope.OWN  # not that of the team
    names = {one.partition(".")[2] for one, scope in held[RoleName.SUPERVISOR].items() if scope}
    ours = {"listen", "share", "comment", "review", "pause"}
    assert names == ours | {"listen_in", "whisper", "barge_in"}
    assert {scope for scope in held[RoleName.SUPERVISOR].values() if scope} == {Scope.TEAM}


def test_nobody_sees_calls_in_progress_for_less_than_all() -> None:
    scopes = {scope_of(role, Permission.SEE_CALLS_IN_PROGRESS) for role in RoleName}
    assert scopes == {Scope.NONE, Scope.ALL}
