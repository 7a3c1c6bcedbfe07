"""Why a link is not up: a name for programs and a sentence for the administrator."""

import socket
import ssl
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no link; `refused` when Asterisk answered the login with a no."""

    name: str
    why: str
    refused: bool = False


CLOSED = Trouble("closed", "Ringbook closed this link.")
LOST = Trouble("lost", "Asterisk closed the connection, or the network between us failed.")
SHORT = Trouble(
    "greeting_cut",
    "The connection was closed before Asterisk's greeting was complete: it may be starting, "
    "or have no free place for a login (authlimit).",
)
LOGIN_CUT = Trouble("login_cut", "The connection was closed before the login was answered.")
UNFIT = Trouble(
    "unfit_login",
    "The user name or the secret of this PBX has a character that a login cannot carry.",
    refused=True,
)
BEHIND = Trouble(
    "behind",
    "Ringbook could not keep up with the events and cut the link itself; "
    "it reads everything again when it has caught up.",
)
RENEWED = Trouble("renewed", "Ringbook logs in anew, since its account may do more by now.")


def mute(seconds: float) -> Trouble:
    """Nothing came any more, not even answers to pings."""
    return Trouble("mute", f"Asterisk answered nothing for {seconds:.0f} seconds.")


def deaf(misses: int) -> Trouble:
    """Events still come, answers do not."""
    return Trouble("deaf", f"Asterisk sends events but left {misses} pings unanswered.")


def slow(stage: str, *, host: str, port: int, seconds: float) -> Trouble:
    """The time for opening ran out at `stage`: connect, greeting or login."""
    place = f"{host} port {port}"
    if stage == "connect":
        why = f"No answer from {place} within {seconds:g} seconds: is a firewall in between?"
    elif stage == "greeting":
        why = f"Something accepts connections at {place} but says nothing: does it expect TLS?"
    else:
        why = f"Asterisk at {place} did not answer the login within {seconds:g} seconds."
    return Trouble(f"slow_{stage}", why)


def not_asterisk(heard: bytes) -> Trouble:
    """What answered is something else; shows how it began."""
    begins = "".join(c if c.isprintable() else "." for c in heard[:40].decode("latin-1"))
    return Trouble(
        "not_asterisk",
        f"What answers there is not Asterisk's manager interface; it begins with “{begins}”.",
    )


def too_big(what: str, limit: int) -> Trouble:
    """`what` is message, line or headers; the limit is in bytes, for headers a count."""
    unit = "headers" if what == "headers" else "bytes"
    subject = "message" if what == "headers" else what
    return Trouble(f"too_big_{what}", f"Asterisk sent a {subject} of more than {limit:,} {unit}.")


def of_refusal(said: str, *, username: str) -> Trouble:
    """What the answer to a login means. Asterisk tells three reasons in the same two words."""
    lowered = said.lower()
    if "already in use" in lowered:
        why = (
            f"Asterisk refuses a second login of “{username}” (allowmultiplelogin=no), "
            "and one is in use: end the other one, or give Ringbook an account of its own."
        )
        return Trouble("in_use", why, refused=True)
    if "authentication failed" in lowered:
        why = (
            f"Asterisk refuses the login of “{username}”: no such user, a wrong secret, "
            "or an address that its permit and deny lines (ACL) do not let in."
        )
        return Trouble("login_refused", why, refused=True)
    why = f"Asterisk refuses the login of “{username}” and says: {said or 'nothing'}."
    return Trouble("login_refused", why, refused=True)


def of_error(error: BaseException, *, host: str, port: int) -> Trouble:
    """What a failed attempt to connect means."""
    place = f"{host} port {port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(
            "tls_untrusted",
            f"The certificate of {place} is not trusted: {error.verify_message.rstrip('.')}.",
        )
    if isinstance(error, ssl.SSLError):
        said = (error.reason or "no reason given").replace("_", " ").lower()
        return Trouble("tls", f"TLS with {place} failed ({said}): does that port speak TLS?")
    if isinstance(error, socket.gaierror | UnicodeError):
        return Trouble("no_such_name", f"The name “{host}” is not found or is no valid name.")
    if isinstance(error, ConnectionRefusedError):
        return Trouble(
            "connection_refused",
            f"Nothing listens at {place}: is Asterisk running and its manager enabled?",
        )
    if isinstance(error, OSError):
        said = error.strerror or type(error).__name__
        return Trouble("unreachable", f"{place} cannot be reached: {said}.")
    kind = type(error).__name__
    return Trouble("unexpected", f"The link failed in a way we did not expect: {kind}.")


def of_ca_file(path: object) -> Trouble:
    """The file of trusted certificates is missing or holds none."""
    return Trouble("tls_ca", f"The file of trusted certificates cannot be used: {path}.")
