"""Why a link is not up: a name for programs and a sentence for the administrator.

Sentences are kept as they were said, with what was filled in; SENTENCES are what they are made of.
"""

import socket
import ssl
from dataclasses import dataclass

from pbx_bridge.matching import msgid

SENTENCES = (
    CLOSED_WHY := msgid("Ringbook closed this link."),
    LOST_WHY := msgid("Asterisk closed the connection, or the network between us failed."),
    SHORT_WHY := msgid(
        "The connection was closed before Asterisk's greeting was complete: it may be starting, "
        "or have no free place for a login (authlimit)."
    ),
    LOGIN_CUT_WHY := msgid("The connection was closed before the login was answered."),
    UNFIT_WHY := msgid(
        "The user name or the secret of this PBX has a character that a login cannot carry."
    ),
    BEHIND_WHY := msgid(
        "Ringbook could not keep up with the events and cut the link itself; "
        "it reads everything again when it has caught up."
    ),
    RENEWED_WHY := msgid("Ringbook logs in anew, since its account may do more by now."),
    MUTE := msgid("Asterisk answered nothing for {seconds} seconds."),
    DEAF := msgid("Asterisk sends events but left {misses} pings unanswered."),
    NO_ANSWER := msgid(
        "No answer from {place} within {seconds} seconds: is a firewall in between?"
    ),
    NO_GREETING := msgid(
        "Something accepts connections at {place} but says nothing: does it expect TLS?"
    ),
    NO_LOGIN := msgid("Asterisk at {place} did not answer the login within {seconds} seconds."),
    NOT_ASTERISK := msgid(
        "What answers there is not Asterisk's manager interface; it begins with “{begins}”."
    ),
    LONG_LINE := msgid("Asterisk sent a line of more than {limit} bytes."),
    LONG_MESSAGE := msgid("Asterisk sent a message of more than {limit} bytes."),
    MANY_HEADERS := msgid("Asterisk sent a message of more than {limit} headers."),
    IN_USE := msgid(
        "Asterisk refuses a second login of “{username}” (allowmultiplelogin=no), "
        "and one is in use: end the other one, or give Ringbook an account of its own."
    ),
    NO_ENTRY := msgid(
        "Asterisk refuses the login of “{username}”: no such user, a wrong secret, "
        "or an address that its permit and deny lines (ACL) do not let in."
    ),
    REFUSED := msgid("Asterisk refuses the login of “{username}” and says: {said}."),
    UNTRUSTED := msgid("The certificate of {place} is not trusted: {said}."),
    NO_TLS := msgid("TLS with {place} failed ({said}): does that port speak TLS?"),
    NO_NAME := msgid("The name “{host}” is not found or is no valid name."),
    NO_LISTENER := msgid(
        "Nothing listens at {place}: is Asterisk running and its manager enabled?"
    ),
    UNREACHABLE := msgid("{place} cannot be reached: {said}."),
    UNEXPECTED := msgid("The link failed in a way we did not expect: {kind}."),
    NO_CA_FILE := msgid("The file of trusted certificates cannot be used: {path}."),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no link; `refused` when Asterisk answered the login with a no."""

    name: str
    why: str
    refused: bool = False


CLOSED = Trouble("closed", CLOSED_WHY)
LOST = Trouble("lost", LOST_WHY)
SHORT = Trouble("greeting_cut", SHORT_WHY)
LOGIN_CUT = Trouble("login_cut", LOGIN_CUT_WHY)
UNFIT = Trouble("unfit_login", UNFIT_WHY, refused=True)
BEHIND = Trouble("behind", BEHIND_WHY)
RENEWED = Trouble("renewed", RENEWED_WHY)


def mute(seconds: float) -> Trouble:
    """Nothing came any more, not even answers to pings."""
    return Trouble("mute", MUTE.format(seconds=f"{seconds:.0f}"))


def deaf(misses: int) -> Trouble:
    """Events still come, answers do not."""
    return Trouble("deaf", DEAF.format(misses=misses))


def slow(stage: str, *, host: str, port: int, seconds: float) -> Trouble:
    """The time for opening ran out at `stage`: connect, greeting or login."""
    place = f"{host} port {port}"
    if stage == "connect":
        why = NO_ANSWER.format(place=place, seconds=f"{seconds:g}")
    elif stage == "greeting":
        why = NO_GREETING.format(place=place)
    else:
        why = NO_LOGIN.format(place=place, seconds=f"{seconds:g}")
    return Trouble(f"slow_{stage}", why)


def not_asterisk(heard: bytes) -> Trouble:
    """What answered is something else; shows how it began."""
    begins = "".join(c if c.isprintable() else "." for c in heard[:40].decode("latin-1"))
    return Trouble("not_asterisk", NOT_ASTERISK.format(begins=begins))


def too_big(what: str, limit: int) -> Trouble:
    """`what` is message, line or headers; the limit is in bytes, for headers a count."""
    texts = {"line": LONG_LINE, "message": LONG_MESSAGE, "headers": MANY_HEADERS}
    return Trouble(f"too_big_{what}", texts[what].format(limit=f"{limit:,}"))


def of_refusal(said: str, *, username: str) -> Trouble:
    """What the answer to a login means. Asterisk tells three reasons in the same two words."""
    lowered = said.lower()
    if "already in use" in lowered:
        return Trouble("in_use", IN_USE.format(username=username), refused=True)
    if "authentication failed" in lowered:
        return Trouble("login_refused", NO_ENTRY.format(username=username), refused=True)
    why = REFUSED.format(username=username, said=said or "nothing")
    return Trouble("login_refused", why, refused=True)


def of_error(error: BaseException, *, host: str, port: int) -> Trouble:
    """What a failed attempt to connect means."""
    place = f"{host} port {port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(
            "tls_untrusted",
            UNTRUSTED.format(place=place, said=error.verify_message.rstrip(".")),
        )
    if isinstance(error, ssl.SSLError):
        said = (error.reason or "no reason given").replace("_", " ").lower()
        return Trouble("tls", NO_TLS.format(place=place, said=said))
    if isinstance(error, socket.gaierror | UnicodeError):
        return Trouble("no_such_name", NO_NAME.format(host=host))
    if isinstance(error, ConnectionRefusedError):
        return Trouble(
            "connection_refused",
            NO_LISTENER.format(place=place),
        )
    if isinstance(error, OSError):
        said = error.strerror or type(error).__name__
        return Trouble("unreachable", UNREACHABLE.format(place=place, said=said))
    kind = type(error).__name__
    return Trouble("unexpected", UNEXPECTED.format(kind=kind))


def of_ca_file(path: object) -> Trouble:
    """The file of trusted certificates is missing or holds none."""
    return Trouble("tls_ca", NO_CA_FILE.format(path=path))
