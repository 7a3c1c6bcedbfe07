"""What `ringbook doctor` says of a host from which recordings are fetched."""

from pbx_bridge.checkup import Finding, Mark
from storage.database import Database
from storage.pbxs import Pbx
from storage.secrets import SecretBox

PAGE = "Open Administration, PBXs, this PBX, Recordings over SFTP."
ADVICE = {
    "CHANGED": f"Find out why before you confirm the new key. {PAGE}",
    "REFUSED": f"Put Ringbook's line into authorized_keys of the account there. {PAGE}",
    "UNCONFIRMED": PAGE,
    "NO_KEY": PAGE,
    "AWAY": "Is it running, and reached from here at that port?",
    "NO_FOLDER": "Mend the folder in the address, as the account sees it there.",
}


async def of_host(
    database: Database, pbx: Pbx, secrets: SecretBox, *, clears: bool
) -> list[Finding]:
    """Look at the host once: reached, its key, ours, the folder, reading, and deleting if asked."""
    from recordings.sftp import links
    from recordings.sftp.checks import check
    from storage import spool_hosts
    from web.spool_hosts import login_of

    async with database.reading() as session:
        host = await spool_hosts.find(session, pbx.id)
    login = login_of(pbx, host, secrets)
    checked = await check(login, clears=clears)
    if checked.cause:
        advice = next(a for name, a in ADVICE.items() if getattr(links, name) == checked.cause)
        return [Finding(Mark.BAD, checked.cause, advice)]
    found = [Finding(Mark.GOOD, f"The recordings folder {login.address} is reached.")]
    if checked.is_readable is False:
        what = "The files in that folder cannot be read."
        found.append(Finding(Mark.BAD, what, "Let the account there read them, by its group."))
    if checked.is_readable is None:
        what = "There is no file in that folder with which to try reading."
        found.append(Finding(Mark.UNPROVEN, what))
    if checked.is_deletable is False:
        what = "RINGBOOK_SPOOL_CLEAR is set, and the account there may delete nothing."
        found.append(Finding(Mark.WARNING, what, "Let it write in that folder, or do not set it."))
    return found
