"""Administration: users, teams, PBXs, queues, outcomes, settings; logging in."""

from storage.rules.permissions import Permission
from web.keys import MenuItem
from web.office import (
    agents,
    audit,
    dial_rules,
    misdials,
    oddities,
    outcomes,
    overviews,
    own_numbers,
    passwords,
    pause_reasons,
    pbx_tests,
    pbxs,
    profiles,
    queues,
    rights,
    sessions,
    settings,
    setups,
    softphones,
    spool_hosts,
    teams,
    tokens,
    users,
)

routes = [
    *sessions.routes,
    *passwords.routes,
    *setups.routes,
    *profiles.routes,
    *tokens.routes,
    *overviews.routes,
    *users.routes,
    *agents.routes,
    *softphones.routes,
    *teams.routes,
    *rights.routes,
    *pbxs.routes,
    *pbx_tests.routes,
    *spool_hosts.routes,
    *queues.routes,
    *own_numbers.routes,
    *outcomes.routes,
    *pause_reasons.routes,
    *settings.routes,
    *dial_rules.routes,
    *misdials.routes,
    *oddities.routes,
    *audit.routes,
]
menu = [
    MenuItem(
        label="Administration",
        route="administration",
        permission=Permission.MANAGE_USERS,
        icon="administration",
        order=90,
    )
]
