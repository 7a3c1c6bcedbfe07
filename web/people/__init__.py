"""Customers, their numbers, companies and contacts."""

from aiohttp import web

from pbx_bridge.matching import msgid
from storage.rules.permissions import Permission
from web.keys import MenuItem
from web.people import (
    cards,
    contacts,
    customers,
    histories,
    imports,
    lists,
    notes,
    numbers,
    promises,
)

_KEY = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CUSTOMER = f"/customers/{{id:{_KEY}}}"
_NUMBER = f"{_CUSTOMER}/numbers/{{number:{_KEY}}}"
_PROMISE = f"/promises/{{id:{_KEY}}}"
_IMPORT = f"/customers/imports/{{id:{_KEY}}}"

routes: list[web.RouteDef] = [
    web.get("/customers", lists.index, name="customers.index"),
    web.get("/customers/search", lists.search, name="customers.search"),
    web.get("/customers/new", customers.new, name="customers.new"),
    web.post("/customers", customers.create, name="customers.create"),
    web.get(_CUSTOMER, cards.show, name="customers.show"),
    web.get(f"{_CUSTOMER}/history", histories.show, name="histories.show"),
    web.get(f"{_CUSTOMER}/history/moments", histories.moments, name="histories.moments"),
    web.get(f"{_CUSTOMER}/edit", customers.edit, name="customers.edit"),
    web.post(_CUSTOMER, customers.update, name="customers.update"),
    web.post(f"{_CUSTOMER}/closures", customers.close, name="closures.create"),
    web.post(f"{_CUSTOMER}/closures/delete", customers.reopen, name="closures.delete"),
    web.post(f"{_CUSTOMER}/numbers", numbers.create, name="numbers.create"),
    web.post(f"{_NUMBER}/delete", numbers.delete, name="numbers.delete"),
    web.post(f"{_NUMBER}/choices", numbers.choose, name="choices.create"),
    web.post(f"{_NUMBER}/choices/delete", numbers.unchoose, name="choices.delete"),
    web.post(f"{_CUSTOMER}/contacts", contacts.create, name="contacts.create"),
    web.post(f"{_CUSTOMER}/contacts/{{contact:{_KEY}}}/ends", contacts.end, name="contacts.end"),
    web.post(f"{_CUSTOMER}/notes", notes.create, name="notes.create"),
    web.post(f"{_CUSTOMER}/promises", promises.create, name="promises.create"),
    web.post(f"{_PROMISE}/keepings", promises.keep, name="promises.keep"),
    web.post(f"{_PROMISE}/breaks", promises.give_up, name="promises.give_up"),
    web.get("/customers/imports/new", imports.new, name="imports.new"),
    web.post("/customers/imports", imports.create, name="imports.create"),
    web.get(_IMPORT, imports.show, name="imports.show"),
    web.post(f"{_IMPORT}/dry-runs", imports.check, name="imports.check"),
    web.post(f"{_IMPORT}/customers", imports.carry_out, name="imports.carry_out"),
    web.post(f"{_IMPORT}/delete", imports.forget, name="imports.delete"),
]
menu: list[MenuItem] = [
    MenuItem(
        label=msgid("Customers"),
        route="customers.index",
        permission=Permission.SEE_CUSTOMERS,
        icon="customers",
        order=40,
    )
]
