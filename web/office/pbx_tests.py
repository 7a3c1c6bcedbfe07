"""Testing the connection to a PBX: one login, and a sentence for each thing found."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import web

import storage.pbxs
from pbx_bridge.commands import ProbeResult, probe
from pbx_bridge.rights import WRITE, lacking_write
from storage.rules.permissions import Permission
from web.auth import requires
from web.i18n import _
from web.keys import DATABASE, SECRETS
from web.office import forms
from web.render import render

DANGEROUS = {"Command": "command", "UpdateConfig": "config"}
CLOCK_TOLERANCE = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about the connection."""

    tone: Literal["good", "warn", "bad"]
    sentence: str


def findings(result: ProbeResult) -> list[Finding]:
    """Say what a login found, the worst that it can do without last."""
    if not result.ok:
        return [Finding("bad", result.why or _("Asterisk did not let us in."))]
    version = result.asterisk or _("of an unknown version")
    found = [Finding("good", _("Logged in: Asterisk {version}.").format(version=version))]
    found += _rights(result.commands)
    if result.clock_ahead is not None and abs(result.clock_ahead) > CLOCK_TOLERANCE:
        seconds = round(result.clock_ahead)
        sentence = _("The PBX's clock differs from ours by {n} seconds: set both by NTP.")
        found.append(Finding("warn", sentence.format(n=seconds)))
    return found


def _rights(commands: dict[str, frozenset[str]] | None) -> list[Finding]:
    if commands is None:
        return [Finding("warn", _("Asterisk did not say what the account may do."))]
    lacking = lacking_write(commands)
    missing = [group for group in WRITE if group in lacking]
    beyond = [name for action, name in DANGEROUS.items() if action in commands]
    found = []
    if missing:
        sentence = _("The account lacks write = {classes} in manager.conf.")
        found.append(Finding("warn", sentence.format(classes=",".join(missing))))
    else:
        found.append(Finding("good", _("The account may do all that Ringbook asks for.")))
    if beyond:
        sentence = _("The account may do more than needed: take write = {classes} away.")
        found.append(Finding("warn", sentence.format(classes=",".join(beyond))))
    return found


@requires(Permission.MANAGE_PBXS)
async def create(request: web.Request) -> web.Response:
    """Log in to the PBX as it is stored, once, and show what was found."""
    async with request.app[DATABASE].reading() as session:
        pbx = await storage.pbxs.get(session, forms.key_of(request))
    result = await probe(storage.pbxs.ami_config(pbx, request.app[SECRETS]))
    return render(request, "pbxs/test.html", pbx=pbx, findings=findings(result))


routes = [web.post("/administration/pbxs/{id}/tests", create, name="pbx_tests.create")]
