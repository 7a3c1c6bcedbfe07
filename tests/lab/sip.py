"""SIP messages, as much of them as a phone needs: read, answered and made."""

import re
from dataclasses import dataclass

SDP = "application/sdp"
_URI = re.compile(r"<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response; `headers` keep their order, for Via may come more than once."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @property
    def method(self) -> str:
        """Return what a request asks for, or what a response answers to."""
        return self.get("CSeq").split()[1] if self.status else self.first.split()[0]

    @property
    def status(self) -> int:
        """Return a response's code, 0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else 0

    @property
    def target(self) -> str:
        """Return the address that a request is sent to."""
        return self.first.split()[1]

    @property
    def number(self) -> int:
        """Return the number within its dialog."""
        return int(self.get("CSeq").split()[0])

    def get(self, name: str) -> str:
        """Return the first header of this name, "" when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return all headers of this name."""
        return tuple(pair for pair in self.headers if pair[0].lower() == name.lower())

    def encode(self) -> bytes:
        """Return what goes over the wire."""
        body = self.body.encode()
        lines = [self.first, *(f"{key}: {value}" for key, value in self.headers)]
        lines += [f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(lines).encode() + body


def read(data: bytes) -> Message:
    """Return the message in a datagram."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((key.strip(), value.strip()) for key, _, value in pairs)
    return Message(first, tuple(h for h in headers if h[0].lower() != "content-length"), body)


def answer(
    request: Message, status: str, *more: tuple[str, str], tag: str, body: str = ""
) -> Message:
    """Return the response to a request; `status` is a code and its words."""
    to = request.get("To")
    headers = [
        *request.all("Via"),
        *request.all("Record-Route"),
        ("From", request.get("From")),
        ("To", to if ";tag=" in to else f"{to};tag={tag}"),
        ("Call-ID", request.get("Call-ID")),
        ("CSeq", request.get("CSeq")),
        *more,
    ]
    if body:
        headers.append(("Content-Type", SDP))
    return Message(f"SIP/2.0 {status}", tuple(headers), body)


def uri(header: str) -> str:
    """Return the address in From, To, Contact or Refer-To."""
    found = _URI.search(header)
    return found[1] if found else header.partition(";")[0]


def tag(header: str) -> str:
    """Return the tag in From or To, "" when it has none."""
    return header.partition(";tag=")[2].partition(";")[0]


def offer(*, version: int, direction: str, port: int) -> str:
    """Return a description of sound at a port; `direction` is sendrecv or sendonly."""
    lines = ("v=0", f"o=- 1 {version} IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0")
    media = (f"m=audio {port} RTP/AVP 0", "a=rtpmap:0 PCMU/8000", f"a={direction}")
    return "\r\n".join((*lines, *media, ""))
