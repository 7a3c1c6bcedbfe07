"""What a file of sound is, whoever made it: MixMonitor, or a script that transcoded it."""

import string
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol

from pbx_bridge.matching import msgid
from recordings import audio
from recordings.audio import MEDIA_TYPE, NotAudio

NO_AUDIO = msgid("The file holds no sound that Ringbook knows.")
PEEK = 4096
OGG_PAGE = 27  # bytes of a page's head
LAST_PAGES = 128 * 1024  # a page has at most 65,307 bytes
OPUS_RATE = 48_000  # in which its pages count, whatever it was made of
LAST = 4  # flag of the last page

# ending: name, bytes and samples of a block, samples per second, media type
HEADLESS = {
    ".gsm": ("GSM", 33, 160, 8000, "audio/x-gsm"),
    **dict.fromkeys((".alaw", ".al", ".alw"), ("A-law", 1, 1, 8000, "audio/x-alaw")),
    **dict.fromkeys(
        (".ulaw", ".ul", ".mu", ".ulw", ".pcm"), ("µ-law", 1, 1, 8000, "audio/x-mulaw")
    ),
    **dict.fromkeys((".sln", ".raw"), ("PCM", 2, 1, 8000, "audio/x-sln")),
    ".sln16": ("PCM", 2, 1, 16_000, "audio/x-sln16"),
    ".sln48": ("PCM", 2, 1, 48_000, "audio/x-sln48"),
}
WITH_HEAD = (".wav", ".WAV", ".wav49", ".ogg", ".opus", ".mp3")
ENDINGS = (*WITH_HEAD, *HEADLESS)  # the best first
TWO_SIDED = "audio/x-sln2"  # what MixMonitor's option D writes: both sides, sample by sample
LONGER = 1.1, 1.0  # times, and seconds beyond: no file of one side is that much longer
PRINTED = frozenset(string.printable.encode())
GSM_MAGIC = 0xD0  # the first half byte of each frame


class Length(Protocol):
    """What is known of sound."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""

    @property
    def media_type(self) -> str:
        """What a browser is told."""


class Audio(Length, Protocol):
    """What is known of a file of sound."""

    @property
    def says_when_closed(self) -> bool:
        """Whether the file itself tells that its writer has finished it."""

    def is_closed(self, size: int) -> bool:
        """Whether a file of `size` bytes can be complete."""

    def is_bare(self, size: int) -> bool:
        """Whether the file of `size` bytes holds no sound at all."""


@dataclass(frozen=True, slots=True)
class Headless:
    """Sound from the first byte on: only its name says what it is, nothing when it is complete."""

    format: str
    seconds: float
    media_type: str
    block: int
    says_when_closed: bool = False

    def is_closed(self, size: int) -> bool:
        """Whether the last block is whole."""
        return size % self.block == 0

    def is_bare(self, size: int) -> bool:
        """Whether there is no block."""
        return size < self.block


@dataclass(frozen=True, slots=True)
class Coded:
    """Ogg or MP3: what a script made of a recording."""

    format: str
    seconds: float
    media_type: str
    says_when_closed: bool
    whole: bool = True

    def is_closed(self, size: int) -> bool:
        """Whether its end was seen, where the format has one."""
        del size
        return self.whole

    def is_bare(self, size: int) -> bool:
        """Whether it lasts no time."""
        del size
        return self.whole and self.seconds <= 0


def read_audio(file: BinaryIO, name: PurePosixPath, size: int) -> Audio:
    """Read what `file` of `size` bytes says of itself, else what its name says; raises NotAudio."""
    peek = file.read(PEEK)
    file.seek(0)
    if peek[:4] == b"OggS":
        return _ogg(file, peek, size)
    if peek[:3] == b"ID3" or _mp3_frame(peek[:MP3_HEAD]):
        return _mp3(file, size)
    kind = HEADLESS.get(name.suffix.lower())
    if kind is None or peek[:4] == b"RIFF":
        return audio.read_wav(file)
    if _is_text(peek) or (kind[0] == "GSM" and peek and peek[0] & 0xF0 != GSM_MAGIC):
        raise NotAudio(NO_AUDIO)
    what, block, samples, rate, media_type = kind
    return Headless(what, size // block * samples / rate, media_type, block)


def sided(audio: Length, name: PurePosixPath, recorded: float, channels: int | None) -> Length:
    """Return what the file is, if a raw one may hold both sides.

    `channels` is what the operator said, None where nobody did: then one that would last longer
    than it was `recorded` (seconds as the PBX told, 0 if it did not) holds two.
    """
    if name.suffix.lower() != ".raw" or not isinstance(audio, Headless):
        return audio
    times, beyond = LONGER
    if channels is None and recorded > 0 and audio.seconds > recorded * times + beyond:
        channels = 2
    if channels != 2:  # noqa: PLR2004 - two sides
        return audio
    return replace(audio, seconds=audio.seconds / 2, media_type=TWO_SIDED, block=2 * audio.block)


def _is_text(peek: bytes) -> bool:
    """Whether no sound begins like this: a page of text under the name of a recording."""
    return peek.isascii() and bool(peek.strip()) and PRINTED.issuperset(peek)


def _ogg(file: BinaryIO, peek: bytes, size: int) -> Coded:
    at = peek.find(b"OpusHead", 0, 256)
    vorbis = peek.find(b"\x01vorbis", 0, 256)
    if at >= 0 and len(peek) >= at + 12:
        rate, skip = OPUS_RATE, int.from_bytes(peek[at + 10 : at + 12], "little")
    elif vorbis >= 0 and len(peek) >= vorbis + 16:
        rate, skip = int.from_bytes(peek[vorbis + 12 : vorbis + 16], "little"), 0
    else:
        raise NotAudio(NO_AUDIO)
    file.seek(max(0, size - LAST_PAGES))
    tail = file.read(LAST_PAGES)
    page = tail.rfind(b"OggS")
    if page < 0 or len(tail) < page + OGG_PAGE or not rate:
        return Coded("Ogg", 0.0, "audio/ogg", says_when_closed=True, whole=False)
    samples = int.from_bytes(tail[page + 6 : page + 14], "little", signed=True)
    seconds = max(0, samples - skip) / rate
    whole = bool(tail[page + 5] & LAST)
    return Coded("Ogg", seconds, "audio/ogg", says_when_closed=True, whole=whole)


MP3_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8000)}
MP3_BITS = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
MP3_BITS[0] = MP3_BITS[2]
ID3_HEAD, MP3_HEAD = 10, 4  # bytes


MP3_SYNC = b"\xff\xe2"  # with the bits of layer 3
MPEG_1, RESERVED_RATE, FREE_BITS = 3, 3, 15


def _mp3_frame(head: bytes) -> tuple[int, float] | None:
    """Return the bytes and seconds of the layer 3 frame that begins so, None where none does."""
    if len(head) < MP3_HEAD or head[0] != MP3_SYNC[0] or head[1] & 0xE6 != MP3_SYNC[1]:
        return None
    version, bits, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in MP3_RATES or not 0 < bits < FREE_BITS or rate == RESERVED_RATE:
        return None
    samples = 1152 if version == MPEG_1 else 576
    hertz = MP3_RATES[version][rate]
    length = samples // 8 * MP3_BITS[version][bits] * 1000 // hertz + (head[2] >> 1 & 1)
    return length, samples / hertz


def _mp3(file: BinaryIO, size: int) -> Coded:
    """Count the frames: a head tells no length that could be trusted."""
    at, seconds, began = 0, 0.0, False
    head = file.read(ID3_HEAD)
    if head[:3] == b"ID3" and len(head) == ID3_HEAD:
        at = ID3_HEAD + sum((byte & 127) << 7 * (3 - n) for n, byte in enumerate(head[6:10]))
    while at + MP3_HEAD <= size:
        file.seek(at)
        frame = _mp3_frame(file.read(MP3_HEAD))
        if frame is None:
            break
        length, lasts = frame
        at, seconds, began = at + length, seconds + lasts, True
    if not began:
        raise NotAudio(NO_AUDIO)
    return Coded("MP3", round(seconds, 3), "audio/mpeg", says_when_closed=False, whole=at <= size)


__all__ = ["ENDINGS", "MEDIA_TYPE", "Audio", "Coded", "Headless", "read_audio", "sided"]
