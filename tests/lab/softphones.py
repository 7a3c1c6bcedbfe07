"""Phones that can all that a desk phone can, driven step by step by a story.

SIPp plays callers and phones whose part is known beforehand; transfers, holds and pickups depend on
what the others did, so that these phones wait for it. They make no sound, and hear none unless a
story wants them to.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Self

from lab import sip
from lab.dialogs import Dialog
from lab.earpieces import Earpiece
from lab.pbx import Pbx

_PATIENCE = 30.0
_NOBODY_LISTENS = 9  # the port where all is discarded


class Softphone(asyncio.DatagramProtocol):
    """A phone on a port of its own: of an extension of ours, or of somebody outside."""

    def __init__(self, *, number: str, pbx_port: int, name: str = "") -> None:
        self.number = number
        self._name = name
        self._pbx = ("127.0.0.1", pbx_port)
        self._contact = ""
        self._dialogs: dict[str, Dialog] = {}
        self._ringing: asyncio.Queue[Dialog] = asyncio.Queue()
        self._wire: asyncio.DatagramTransport | None = None
        self._earpiece: Earpiece | None = None

    async def plug_in(self, port: int) -> Self:
        """Begin to listen; at any free port where it is 0."""
        loop = asyncio.get_running_loop()
        self._wire, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", port)
        )
        bound = self._wire.get_extra_info("sockname")[1]
        self._contact = f"sip:{self.number.lstrip('+')}@127.0.0.1:{bound}"
        return self

    def unplug(self) -> None:
        """Listen no longer; calls that are up stay so until the PBX notices."""
        if self._wire is not None:
            self._wire.close()
        if self._earpiece is not None:
            self._earpiece.unplug()

    async def listens(self) -> Earpiece:
        """Have an earpiece from the next call on."""
        self._earpiece = await Earpiece().plug_in()
        return self._earpiece

    def address(self, exten: str) -> str:
        """Return the address of an extension at the PBX."""
        return f"sip:{exten}@127.0.0.1:{self._pbx[1]}"

    def calls(self, exten: str, *, instead_of: Dialog | None = None) -> Dialog:
        """Dial, or take the place of another phone's call."""
        display = f'"{self._name}" ' if self._name else ""
        who = self.number or "anonymous"
        dialog = self._begin(
            f"lab-{secrets.token_hex(8)}",
            ours=f"{display}<sip:{who}@127.0.0.1>;tag={secrets.token_hex(4)}",
            theirs=f"<{self.address(exten)}>",
        )
        dialog.call(*((("Replaces", instead_of.replaces),) if instead_of else ()))
        return dialog

    async def rings(self) -> Dialog:
        """Wait until it rings."""
        async with asyncio.timeout(_PATIENCE):
            return await self._ringing.get()

    async def answers(self) -> Dialog:
        """Wait until it rings, and answer."""
        dialog = await self.rings()
        await dialog.answer()
        return dialog

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Give a message to its call; one of no call begins a call when it is an INVITE."""
        if not data.strip():
            return
        message = sip.read(data)
        dialog = self._dialogs.get(message.get("Call-ID"))
        if dialog is not None:
            dialog.hear(message)
        elif message.method == "INVITE":
            ours, theirs = message.get("To"), message.get("From")
            dialog = self._begin(message.get("Call-ID"), ours=ours, theirs=theirs)
            dialog.ring(message)
            self._ringing.put_nowait(dialog)
        elif not message.status and message.method != "ACK":
            self._send(sip.answer(message, "200 OK", tag="nobody"))

    def _begin(self, call_id: str, *, ours: str, theirs: str) -> Dialog:
        dialog = Dialog(
            self._send,
            contact=self._contact,
            sound_port=self._earpiece.port if self._earpiece else _NOBODY_LISTENS,
            call_id=call_id,
            ours=ours,
            theirs=theirs,
        )
        self._dialogs[call_id] = dialog
        return dialog

    def _send(self, message: sip.Message) -> None:
        assert self._wire is not None
        self._wire.sendto(message.encode(), self._pbx)


class Desks:
    """The softphones of one story; all are unplugged when it ends."""

    def __init__(self, pbx: Pbx) -> None:
        self.pbx = pbx
        self._phones: list[Softphone] = []

    async def inside(self, extension: str, *, port: int | None = None) -> Softphone:
        """Have a phone at an extension of ours."""
        return await self._plugged(extension, port or self.pbx.port_of(extension))

    async def outside(self, number: str, name: str = "") -> Softphone:
        """Have somebody outside who calls."""
        return await self._plugged(number, 0, name)

    async def reached(self, number: str) -> Softphone:
        """Have somebody outside whom we call."""
        return await self._plugged(number, self.pbx.port_of(number))

    async def _plugged(self, number: str, port: int, name: str = "") -> Softphone:
        phone = Softphone(number=number, pbx_port=self.pbx.ports.sip, name=name)
        self._phones.append(phone)
        return await phone.plug_in(port)

    def unplug(self) -> None:
        """End the story's phones."""
        for phone in self._phones:
            phone.unplug()


@contextlib.asynccontextmanager
async def desks(pbx: Pbx) -> AsyncIterator[Desks]:
    """Have phones until the story ends."""
    room = Desks(pbx)
    try:
        yield room
    finally:
        room.unplug()
