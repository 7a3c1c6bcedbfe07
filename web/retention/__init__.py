"""What the law asks of recordings: for how long they are kept, and what happened to each."""

from aiohttp import web

from web.keys import MenuItem
from web.retention import custody, erasures, holds, policies, purges

KEY = r"{id:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"
AT = "/administration/retention"

routes: list[web.RouteDef] = [
    *custody.routes,
    web.get(f"/customers/{KEY}/erasure", erasures.new, name="erasures.new"),
    web.post(f"/customers/{KEY}/erasures", erasures.create, name="erasures.create"),
    web.post(f"/customers/{KEY}/holds", holds.create, name="customer_holds.create"),
    web.get(AT, policies.index, name="retention.index"),
    web.post(f"{AT}/rules", policies.add, name="retention_rules.create"),
    web.post(f"{AT}/rules/{KEY}/removals", policies.remove, name="retention_rules.remove"),
    web.post(f"{AT}/terms", policies.choose, name="retention_terms.update"),
    web.get(f"{AT}/due", purges.index, name="purges.index"),
    web.get(f"{AT}/holds", holds.index, name="holds.index"),
    web.post(f"{AT}/holds/{KEY}/lifts", holds.lift, name="hold_lifts.create"),
]
menu: list[MenuItem] = []
