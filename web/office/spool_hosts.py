"""The host from which a PBX's recordings are fetched: our key for it, and its own, confirmed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from aiohttp import web

import storage.pbxs
import storage.spool_hosts
import storage.users
from recordings.sftp import keys
from recordings.sftp.addresses import Address, is_address
from storage.errors import Refused
from storage.pbxs import Pbx
from storage.rules.permissions import Permission
from storage.spool_hosts import SpoolHost
from web.auth import requires
from web.i18n import _, gettext
from web.keys import DATABASE, SECRETS, SETTINGS, VISITOR
from web.office import forms
from web.office.pbx_tests import Finding
from web.render import redirect, render, url
from web.spool_hosts import login_of

if TYPE_CHECKING:
    from recordings.sftp.checks import Checked


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at the host found; `shown` is its key where nobody has confirmed it."""

    findings: list[Finding] = field(default_factory=list)
    shown: str = ""
    changed: bool = False


@requires(Permission.MANAGE_PBXS)
async def show(request: web.Request) -> web.Response:
    """Address, keys, and what is to be done next."""
    return await _page(request, *await _pbx(request), Seen())


@requires(Permission.MANAGE_PBXS)
async def make_key(request: web.Request) -> web.Response:
    """Log in with a fresh key from now on."""
    pbx, _host = await _pbx(request)
    private, public = keys.fresh()
    async with request.app[DATABASE].writing() as session:
        await storage.spool_hosts.give_key(
            session, pbx.id, private, public, secrets=request.app[SECRETS],
            by=request[VISITOR].user_id, now=datetime.now(UTC),
        )  # fmt: skip
    flash = _("The key is made. Give its line to the host now.")
    return redirect(request, url(request, "spool_hosts.show", id=pbx.id), flash=flash)


@requires(Permission.MANAGE_PBXS)
async def look(request: web.Request) -> web.Response:
    """Look at the host once, and say what was found."""
    pbx, host = await _pbx(request)
    return await _page(request, pbx, host, await _look(request, pbx, host))


@requires(Permission.MANAGE_PBXS)
async def confirm(request: web.Request) -> web.Response:
    """Take the host's key for the right one, if it still shows the one that was compared."""
    from recordings.sftp.links import host_key
    from recordings.sources import FolderAway

    pbx, _host = await _pbx(request)
    compared = str((await request.post()).get("fingerprint", ""))
    address = Address.parse(pbx.recordings_here or "")
    try:
        shown = await host_key(address)
    except FolderAway:
        raise Refused("the host does not answer now: look at it again") from None
    if keys.fingerprint(shown) != compared:
        raise Refused("the host shows another key than the one that you compared: look again")
    async with request.app[DATABASE].writing() as session:
        await storage.spool_hosts.confirm(
            session, pbx.id, address.door, shown, compared,
            by=request[VISITOR].user_id, now=datetime.now(UTC),
        )  # fmt: skip
    flash = _("Confirmed. Within half a minute recordings are fetched from this host.")
    return redirect(request, url(request, "spool_hosts.show", id=pbx.id), flash=flash)


async def _look(request: web.Request, pbx: Pbx, host: SpoolHost | None) -> Seen:
    from recordings.sftp import checks, links
    from recordings.sources import FolderAway

    login = login_of(pbx, host, request.app[SECRETS])
    checked = None
    if login.key and login.host_key:
        checked = await checks.check(login, clears=request.app[SETTINGS].spool_clear)
        if checked.cause != links.CHANGED:
            return Seen(_findings(checked))
    try:
        shown = await links.host_key(login.address)
    except FolderAway as error:
        return Seen([Finding("bad", gettext(str(error)))])
    if checked is None:
        return Seen([Finding("good", _("The host answers."))], shown)
    return Seen([Finding("bad", gettext(checked.cause))], shown, changed=True)


def _findings(checked: "Checked") -> list[Finding]:
    if checked.cause:
        return [Finding("bad", gettext(checked.cause))]
    found = [Finding("good", _("Ringbook is let in, and the host is the one that was confirmed."))]
    if checked.is_readable is None:
        found.append(Finding("warn", _("There is no file in the folder with which to try more.")))
    elif checked.is_readable:
        found.append(Finding("good", _("The files in the folder can be read.")))
    else:
        found.append(Finding("bad", _("The files in the folder cannot be read by this account.")))
    if checked.is_deletable is False:
        sentence = _("This account may delete no files there, and Ringbook is set to do so.")
        found.append(Finding("warn", sentence))
    return found


async def _pbx(request: web.Request) -> tuple[Pbx, SpoolHost | None]:
    key = forms.key_of(request)
    async with request.app[DATABASE].reading() as session:
        pbx = await storage.pbxs.get(session, key)
        host = await storage.spool_hosts.find(session, key)
    if request.method == "POST" and not is_address(pbx.recordings_here):
        raise Refused("the recordings of this PBX are not fetched over SFTP")
    return pbx, host


async def _page(request: web.Request, pbx: Pbx, host: SpoolHost | None, seen: Seen) -> web.Response:
    place = pbx.recordings_here or ""
    address = Address.parse(place) if is_address(place) else None
    confirmed = host.confirmed(address.door) if host and address else ""
    by = host.confirmed_by if host and confirmed else None
    return render(
        request,
        "spool_hosts/show.html",
        pbx=pbx,
        host=host,
        address=address,
        seen=seen,
        confirmed=keys.fingerprint(confirmed) if confirmed else "",
        by=await _name(request, by) if by else "",
        shown=keys.fingerprint(seen.shown) if seen.shown else "",
    )


async def _name(request: web.Request, user_id: UUID) -> str:
    async with request.app[DATABASE].reading() as session:
        return (await storage.users.get(session, user_id)).name


AT = "/administration/pbxs/{id}/spool"
routes = [
    web.get(AT, show, name="spool_hosts.show"),
    web.post(f"{AT}/keys", make_key, name="spool_keys.create"),
    web.post(f"{AT}/looks", look, name="spool_looks.create"),
    web.post(f"{AT}/confirmations", confirm, name="spool_confirmations.create"),
]
