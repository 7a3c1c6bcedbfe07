"""The agent's own screen: pops, wrap-ups, phone."""

from pbx_bridge.matching import msgid
from storage.rules.permissions import Permission
from web.desk import (
    callers,
    consents,
    days,
    desks,
    dials,
    dismissals,
    handlings,
    homes,
    presences,
    recording_pauses,
    scripts,
    softphones,
    takings,
    tasks,
    wrap_ups,
)
from web.keys import MenuItem

routes = [
    *homes.routes,
    *desks.routes,
    *wrap_ups.routes,
    *callers.routes,
    *dismissals.routes,
    *dials.routes,
    *presences.routes,
    *softphones.routes,
    *handlings.routes,
    *recording_pauses.routes,
    *consents.routes,
    *takings.routes,
    *scripts.routes,
    *days.routes,
    *tasks.routes,
]
menu = [
    MenuItem(
        label=msgid("Desk"),
        route="desk.show",
        permission=Permission.USE_DESK,
        icon="desk",
        order=10,
    ),
    MenuItem(
        label=msgid("My day"),
        route="days.show",
        permission=Permission.USE_DESK,
        icon="calendar",
        order=15,
        counts="days.count",
    ),
]
