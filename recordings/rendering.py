"""The work of making a rendition, from the shelf to the shelf; it blocks, and takes a core."""

import io
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, cast

from recordings.audio import NotAudio
from recordings.naming import rendition_keys
from recordings.shelf import Shelf
from recordings.transcoding import UNREADABLE, ShelfReader, Transcoding, verify
from storage.renditions import Made
from storage.rules.withheld import Window

POLITE = 10  # how much later than others' its turn on the processor comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A rendition to make: of what, and in which windows it is silent."""

    shelf_key: str
    media_type: str
    windows: tuple[Window, ...] = ()
    proven: bool = False  # decode the copy again: the original is to go


class Renderer:
    """Makes renditions one after another."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def __call__(self, order: Order) -> Made:
        """Make a rendition; raises NotAudio where there is no sound in it, OSError."""
        opus, waveform = rendition_keys(order.shelf_key, secrets.token_hex(8))
        with self._shelf.opened(order.shelf_key) as file:
            source = io.BufferedReader(ShelfReader(file), 64 * 1024)
            making = Transcoding(cast("BinaryIO", source), order.media_type, order.windows)
            stored = self._shelf.put(cast("BinaryIO", making), opus)
        heard = making.heard()
        try:
            if order.proven:
                self._prove(opus, making)
            content = heard.waveform.to_bytes()
            self._shelf.put(io.BytesIO(content), waveform)
        except BaseException:
            self._shelf.forget(opus)
            raise
        return Made(
            shelf_key=opus,
            waveform_key=waveform,
            size=stored.size,
            seconds=round(heard.seconds, 3),
            channels=heard.channels,
            sha256=stored.sha256,
            silences=() if order.windows else heard.waveform.silences(),
        )

    def _prove(self, key: str, making: Transcoding) -> None:
        with self._shelf.opened(key) as file:
            copy = io.BufferedReader(ShelfReader(file), 64 * 1024)
            if not verify(cast("BinaryIO", copy), making.heard()):
                raise NotAudio(UNREADABLE)


def politely(make: Callable[[], Shelf]) -> Renderer:
    """Return a renderer for a process of its own, which leaves the processor to others."""
    os.nice(POLITE)
    return Renderer(make())
