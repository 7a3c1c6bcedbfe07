"""Where a softphone may connect to: it becomes part of what a page is allowed to reach."""

import re
from urllib.parse import urlsplit

from pbx_bridge.matching import msgid

_ADDRESS = re.compile(
    r"(?P<scheme>wss?)://(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])"
    r"(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?"
)
_NEAR = {"localhost", "127.0.0.1", "::1"}
NO_ADDRESS = msgid("Write it like wss://pbx.example.com:8089/ws.")
NOT_SAFE = msgid("Use wss://: browsers give no microphone to a connection that is not encrypted.")


def trouble_with(address: str) -> str | None:
    """Say what is wrong with the address, as a msgid; None where nothing is."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return NO_ADDRESS
    try:
        split = urlsplit(address)
        port = split.port
    except ValueError:
        return NO_ADDRESS
    if port == 0 or not split.hostname:
        return NO_ADDRESS
    if found["scheme"] == "ws" and split.hostname not in _NEAR:
        return NOT_SAFE
    return None


def host_of(address: str) -> str:
    """Return the host of an address that has no trouble, as a SIP address writes it."""
    host = urlsplit(address).hostname or ""
    return f"[{host}]" if ":" in host else host
