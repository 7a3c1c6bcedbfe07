"""One conversation of a softphone with the PBX, from INVITE to BYE."""

import asyncio
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from lab import sip

_RESEND_SECONDS = 1.0
_PATIENCE = 30.0
_DIGIT_MS = 80


class Unexpected(Exception):
    """The PBX did not do what the story foresees."""


@dataclass(slots=True, eq=False)
class _Asked:
    """A request of ours and the responses to it."""

    request: sip.Message
    responses: asyncio.Queue[sip.Message]


class Dialog:
    """A call at a softphone; `send` puts a message on the wire, `contact` is its address."""

    def __init__(
        self,
        send: Callable[[sip.Message], None],
        *,
        contact: str,
        sound_port: int,
        call_id: str,
        ours: str,
        theirs: str,
    ) -> None:
        self.call_id = call_id
        self.invite: sip.Message | None = None  # theirs
        self._send, self._contact, self._sound_port = send, contact, sound_port
        self._ours, self._theirs = ours, theirs  # From and To of what we send
        self._target = sip.uri(theirs)
        self._numbers = itertools.count(1)
        self._versions = itertools.count(1)
        self.described = ""  # by the other side: where it wants sound
        self._asked: dict[int, _Asked] = {}
        self._calling: _Asked | None = None
        self._acknowledged, self._transferred, self._over = (asyncio.Event() for _ in range(3))
        self._tag = sip.tag(ours) or secrets.token_hex(4)

    @property
    def replaces(self) -> str:
        """Return what the Replaces header of another INVITE says to take this call's place."""
        return f"{self.call_id};to-tag={sip.tag(self._theirs)};from-tag={sip.tag(self._ours)}"

    def ring(self, invite: sip.Message) -> None:
        """Let it ring."""
        self.invite, self.described = invite, invite.body
        self._ours = f"{invite.get('To')};tag={self._tag}"
        self._target = sip.uri(invite.get("Contact"))
        self._reply(invite, "180 Ringing")

    async def answer(self) -> None:
        """Answer what rings."""
        assert self.invite is not None
        if self._over.is_set():
            raise Unexpected("the other side gave up before it was answered")
        self._reply(self.invite, "200 OK", body=self._sound("sendrecv"))
        await asyncio.wait_for(self._acknowledged.wait(), _PATIENCE)

    def refuse(self, status: str, *, forward_to: str | None = None) -> None:
        """Send it away with a status such as `486 Busy Here`, or on to another address."""
        assert self.invite is not None
        more = (("Contact", f"<{forward_to}>"),) if forward_to else ()
        self._reply(self.invite, status, *more)
        self._over.set()

    def call(self, *more: tuple[str, str]) -> None:
        """Call the other side."""
        headers = (*more, ("Content-Type", sip.SDP))
        self._calling = self._ask("INVITE", *headers, body=self._sound("sendrecv"))

    async def answered(self) -> None:
        """Wait until the other side answers."""
        await self._call_is(200)

    async def refused(self) -> int:
        """Wait until the call is sent away; return the status."""
        return await self._call_is(range(300, 700))

    async def give_up(self) -> None:
        """Hang up before it is answered."""
        assert self._calling is not None
        request = self._calling.request
        headers = [h for h in request.headers if h[0] in {"Via", "From", "To", "Call-ID"}]
        headers += [("Max-Forwards", "70"), ("CSeq", f"{request.number} CANCEL")]
        self._send(sip.Message(f"CANCEL {request.target} SIP/2.0", tuple(headers)))
        await self.refused()

    async def _call_is(self, wanted: int | range) -> int:
        assert self._calling is not None
        response = await self._final(self._calling)
        statuses = range(wanted, wanted + 1) if isinstance(wanted, int) else wanted
        if response.status not in statuses:
            raise Unexpected(f"wanted {wanted}, heard {response.first}")
        return response.status

    async def hang_up(self) -> None:
        """End the call."""
        if not self._over.is_set():
            self._over.set()
            await self._final(self._ask("BYE"))

    async def over(self) -> None:
        """Wait until the PBX has ended the call."""
        await asyncio.wait_for(self._over.wait(), _PATIENCE)

    async def hold(self) -> None:
        """Put the other side on hold."""
        await self._offer_again("sendonly")

    async def unhold(self) -> None:
        """Talk again."""
        await self._offer_again("sendrecv")

    async def refer(self, address: str, *, instead_of: "Dialog | None" = None) -> None:
        """Transfer the other side to an address, or into the place of another call of ours.

        As phones do, it hangs up once the PBX has told that the transfer is made.
        """
        extra = ""
        if instead_of is not None:
            escaped = instead_of.replaces.replace(";", "%3B").replace("=", "%3D")
            extra = f"?Replaces={escaped.replace('@', '%40')}"
        us = f"<{self._contact}>"
        asked = self._ask("REFER", ("Refer-To", f"<{address}{extra}>"), ("Referred-By", us))
        response = await self._final(asked)
        if response.status != 202:
            raise Unexpected(f"the transfer was refused: {response.first}")
        await asyncio.wait_for(self._transferred.wait(), _PATIENCE)
        await self.hang_up()

    async def press(self, digits: str) -> None:
        """Press the phone's keys one by one."""
        for digit in digits:
            kind = ("Content-Type", "application/dtmf-relay")
            body = f"Signal={digit}\r\nDuration={_DIGIT_MS}\r\n"
            await self._final(self._ask("INFO", kind, body=body))
            await asyncio.sleep(2 * _DIGIT_MS / 1000)

    async def _offer_again(self, direction: str) -> None:
        body = self._sound(direction)
        response = await self._final(self._ask("INVITE", ("Content-Type", sip.SDP), body=body))
        if response.status != 200:
            raise Unexpected(f"{direction} was refused: {response.first}")

    def hear(self, message: sip.Message) -> None:
        """Take a message of this call."""
        if message.status:
            self._hear_response(message)
        elif message.method == "ACK":
            self._acknowledged.set()
        elif message.method == "INVITE":
            if not self._acknowledged.is_set() and self.invite is not None:
                return  # sent again
            self._reply(message, "200 OK", body=self._sound("sendrecv"))
        else:
            self._reply(message, "200 OK")
            if message.method == "CANCEL" and self.invite is not None:
                self._reply(self.invite, "487 Request Terminated")
            if message.method in {"BYE", "CANCEL"}:
                self._over.set()
            elif message.method == "NOTIFY" and message.body.startswith("SIP/2.0 2"):
                self._transferred.set()

    def _hear_response(self, response: sip.Message) -> None:
        asked = self._asked.get(response.number)
        if asked is None or response.method == "CANCEL":
            return
        if response.method == "INVITE" and response.status > 100:
            self._theirs = response.get("To")
        if response.method == "INVITE" and response.status >= 200:
            if response.status < 300:
                self._target = sip.uri(response.get("Contact"))
                self.described = response.body or self.described
            else:
                self._over.set()
            self._acknowledge(asked, response)
        asked.responses.put_nowait(response)

    def _acknowledge(self, asked: _Asked, response: sip.Message) -> None:
        number = f"{response.number} ACK"
        target = self._target if response.status < 300 else asked.request.target
        via = self._via() if response.status < 300 else asked.request.get("Via")
        self._send(self._request("ACK", target, number, via))

    def _ask(self, method: str, *more: tuple[str, str], body: str = "") -> _Asked:
        number = next(self._numbers)
        request = self._request(
            method, self._target, f"{number} {method}", self._via(), *more, body=body
        )
        asked = self._asked[number] = _Asked(request, asyncio.Queue())
        self._send(request)
        return asked

    async def _final(self, asked: _Asked) -> sip.Message:
        async with asyncio.timeout(_PATIENCE):
            while True:
                try:
                    response = await asyncio.wait_for(asked.responses.get(), _RESEND_SECONDS)
                except TimeoutError:
                    if asked.request.method != "INVITE":
                        self._send(asked.request)
                    continue
                if response.status >= 200:
                    return response

    def _request(
        self,
        method: str,
        target: str,
        number: str,
        via: str,
        *more: tuple[str, str],
        body: str = "",
    ) -> sip.Message:
        headers = (
            *(("Via", via), ("Max-Forwards", "70"), ("From", self._ours), ("To", self._theirs)),
            *(("Call-ID", self.call_id), ("CSeq", number), ("Contact", f"<{self._contact}>")),
        )
        return sip.Message(f"{method} {target} SIP/2.0", (*headers, *more), body)

    def _reply(
        self, request: sip.Message, status: str, *more: tuple[str, str], body: str = ""
    ) -> None:
        contact = (
            () if any(key == "Contact" for key, _ in more) else (("Contact", f"<{self._contact}>"),)
        )
        self._send(sip.answer(request, status, *contact, *more, tag=self._tag, body=body))

    def _via(self) -> str:
        where = self._contact.rpartition("@")[2]
        return f"SIP/2.0/UDP {where};branch=z9hG4bK{secrets.token_hex(8)}"

    def _sound(self, direction: str) -> str:
        version = next(self._versions)
        return sip.offer(version=version, direction=direction, port=self._sound_port)
