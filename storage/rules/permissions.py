"""Which role may do what, and for whom: one table, read by pages, API and socket alike."""

from enum import IntEnum, StrEnum


class Permission(StrEnum):
    """An act that needs a right."""

    USE_DESK = "use_desk"  # own pops, own phone
    PLACE_CALLS = "place_calls"  # from the own phone, as far as the dial rules let the role
    PICK_UP_CALLS = "pick_up_calls"  # that ring at a colleague's
    GRAB_CALLERS = "grab_callers"  # who wait in a queue
    SEE_CUSTOMERS = "see_customers"
    EDIT_CUSTOMERS = "edit_customers"
    WORK_TASKS = "work_tasks"  # every task and callback is every colleague's to see and to do
    IMPORT_CUSTOMERS = "import_customers"
    SEE_CALLS = "see_calls"
    SEE_CALLS_IN_PROGRESS = "see_calls_in_progress"
    LISTEN_IN = "calls.listen_in"  # to an agent's call that goes on
    WHISPER = "calls.whisper"  # to the agent, whom alone it is heard by
    BARGE_IN = "calls.barge_in"  # speak with both
    SEE_GAPS = "see_gaps"  # when we heard nothing of a PBX, and where its books differ from us
    LISTEN_RECORDINGS = "recordings.listen"
    DOWNLOAD_RECORDINGS = "recordings.download"  # as a file, to keep
    SHARE_RECORDINGS = "recordings.share"  # by a link
    COMMENT_RECORDINGS = "recordings.comment"
    REVIEW_RECORDINGS = "recordings.review"  # calls, with a scorecard
    DELETE_RECORDINGS = "recordings.delete"  # before its time
    HEAR_INTERNAL_TALK = "recordings.internal"  # in recordings, of ours among themselves
    PAUSE_RECORDINGS = "recordings.pause"  # of calls that go on
    MEND_RECORDINGS = "mend_recordings"  # those that are missing, cut or no call's
    MANAGE_USERS = "manage_users"  # users, teams, agents
    MANAGE_PBXS = "manage_pbxs"  # PBXs, queues, outcomes
    MANAGE_SETTINGS = "manage_settings"
    SEE_AUDIT = "see_audit"
    MANAGE_RETENTION = "manage_retention"  # rules, legal holds, the erasure of a person
    MANAGE_SCRIPTS = "manage_scripts"
    MANAGE_SCORECARDS = "manage_scorecards"  # and the rules that pick calls to review
    SEE_OWN_REVIEWS = "see_own_reviews"  # those released to oneself: read, answer, appeal
    SEE_REPORTS = "see_reports"  # what came of calls and of scripts, of everyone


class Scope(IntEnum):
    """For whom a right is held."""

    NONE = 0
    OWN = 1
    TEAM = 2
    ALL = 3


class RoleName(StrEnum):
    """The roles there are."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


GIVEN = tuple(one for one in Permission if one.startswith(("recordings.", "calls.")))
"""Rights that an administrator gives: what stands below is what holds until then."""

# who administers hears nobody until they say, in the audit, that they do
_UNHEARD = set(GIVEN) - {Permission.DELETE_RECORDINGS, Permission.PAUSE_RECORDINGS}
_ALL_BUT_HEARING = dict.fromkeys((p for p in Permission if p not in _UNHEARD), Scope.ALL)

RIGHTS: dict[RoleName, dict[Permission, Scope]] = {
    RoleName.AGENT: {
        Permission.USE_DESK: Scope.OWN,
        Permission.PLACE_CALLS: Scope.OWN,
        Permission.PICK_UP_CALLS: Scope.TEAM,
        Permission.SEE_CUSTOMERS: Scope.ALL,
        Permission.EDIT_CUSTOMERS: Scope.ALL,
        Permission.WORK_TASKS: Scope.ALL,
        Permission.SEE_CALLS: Scope.OWN,  # lists; a customer's timeline is open to all
        Permission.LISTEN_RECORDINGS: Scope.OWN,
        Permission.SEE_OWN_REVIEWS: Scope.OWN,
        Permission.HEAR_INTERNAL_TALK: Scope.OWN,
        Permission.PAUSE_RECORDINGS: Scope.OWN,
    },
    RoleName.SUPERVISOR: {
        Permission.USE_DESK: Scope.OWN,
        Permission.PLACE_CALLS: Scope.OWN,
        Permission.PICK_UP_CALLS: Scope.ALL,
        Permission.GRAB_CALLERS: Scope.ALL,
        Permission.SEE_CUSTOMERS: Scope.ALL,
        Permission.EDIT_CUSTOMERS: Scope.ALL,
        Permission.WORK_TASKS: Scope.ALL,
        Permission.SEE_CALLS: Scope.ALL,
        Permission.SEE_CALLS_IN_PROGRESS: Scope.ALL,
        Permission.LISTEN_IN: Scope.TEAM,
        Permission.WHISPER: Scope.TEAM,
        Permission.BARGE_IN: Scope.TEAM,
        Permission.SEE_GAPS: Scope.ALL,
        Permission.LISTEN_RECORDINGS: Scope.TEAM,
        Permission.SHARE_RECORDINGS: Scope.TEAM,
        Permission.COMMENT_RECORDINGS: Scope.TEAM,
        Permission.REVIEW_RECORDINGS: Scope.TEAM,
        Permission.HEAR_INTERNAL_TALK: Scope.OWN,
        Permission.PAUSE_RECORDINGS: Scope.TEAM,
        Permission.MANAGE_SCRIPTS: Scope.ALL,
        Permission.MANAGE_SCORECARDS: Scope.ALL,
        Permission.SEE_OWN_REVIEWS: Scope.OWN,
        Permission.SEE_REPORTS: Scope.ALL,
        Permission.MEND_RECORDINGS: Scope.ALL,
    },
    RoleName.ADMINISTRATOR: _ALL_BUT_HEARING,
}


def scope_of(role: str, permission: Permission) -> Scope:
    """Return for whom `role` holds `permission`; an unknown role holds nothing."""
    if role not in RIGHTS:
        return Scope.NONE
    return RIGHTS[RoleName(role)].get(permission, Scope.NONE)


def may(role: str, permission: Permission) -> bool:
    """Whether `role` holds `permission` for anyone at all."""
    return scope_of(role, permission) is not Scope.NONE
