"""What `ringbook doctor` says of softphones: whether browsers can reach the PBX as they must."""

import asyncio
import ssl
from collections.abc import Sequence
from typing import TYPE_CHECKING

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidStatus

from pbx_bridge import commands
from pbx_bridge.ami import AmiError, Link
from pbx_bridge.checkup import Finding, Mark
from pbx_bridge.config import AmiConfig

if TYPE_CHECKING:
    from websockets.typing import Subprotocol

PATIENCE = 8.0  # seconds
SIP: "Subprotocol" = "sip"  # type: ignore[assignment]  # a NewType of the library
HTTP = "Check http.conf (enabled, tlsenable, tlsbindaddr) and what stands between here and the PBX."
PRINTED = "`ringbook doctor --print` prints the lines for http.conf and pjsip.conf."


async def of_address(url: str, trust: ssl.SSLContext | None = None) -> Finding:
    """Open the address as a browser does; `trust` replaces the authorities of this machine."""
    encryption = (trust or ssl.create_default_context()) if url.startswith("wss:") else None
    try:
        async with connect(
            url, subprotocols=[SIP], ssl=encryption, open_timeout=PATIENCE, proxy=None
        ) as socket:
            if socket.subprotocol != SIP:
                return Finding(
                    Mark.BAD,
                    f"{url} answers, but speaks no SIP.",
                    "Load res_pjsip_transport_websocket, and see that the address ends in /ws.",
                )
    except ssl.SSLCertVerificationError as error:
        return Finding(
            Mark.BAD,
            f"The certificate of {url} is not trusted: {error.verify_message}.",
            "Browsers refuse it too, without a word. Use one that they trust for this name.",
        )
    except InvalidStatus as error:
        what = f"{url} answers {error.response.status_code} instead of a WebSocket."
        return Finding(Mark.BAD, what, "Load res_http_websocket; the address ends in /ws.")
    except (OSError, TimeoutError, InvalidHandshake) as error:
        why = str(error) or "no answer"
        return Finding(Mark.BAD, f"Softphones cannot reach {url}: {why}.", HTTP)
    return Finding(Mark.GOOD, f"Softphones reach {url}: its certificate is trusted, it speaks SIP.")


async def of_devices(config: AmiConfig, interfaces: Sequence[str]) -> Finding:
    """Say which softphones the PBX knows as devices, and which are registered now."""
    try:
        async with asyncio.timeout(PATIENCE), Link(config, interests=frozenset()) as link:
            await link.connected()
            listed = await commands.device_states(link)
    except (AmiError, TimeoutError) as error:
        return Finding(Mark.UNPROVEN, f"The devices of softphones could not be listed: {error}")
    states = {one.get("Device"): one.get("State") for one in listed}
    unknown = [name for name in interfaces if states.get(name, "INVALID") == "INVALID"]
    if unknown:
        names = ", ".join(unknown)
        return Finding(Mark.BAD, f"The PBX knows no device {names}.", PRINTED)
    away = [name for name in interfaces if states[name] == "UNAVAILABLE"]
    here = len(interfaces) - len(away)
    return Finding(
        Mark.GOOD, f"The PBX knows all {len(interfaces)} softphones; {here} are registered now."
    )
