"""What a WAV file says of itself: format, length, and whether its writer has finished it."""

from dataclasses import dataclass
from typing import BinaryIO

from pbx_bridge.matching import msgid

MEDIA_TYPE = "audio/wav"
RIFF_HEAD = 12
CHUNK_HEAD = 8
FMT_LENGTH = 16
MOST_CHUNKS = 64  # before the sound: more is no recording of Asterisk's
PCM, A_LAW, MU_LAW, GSM, EXTENSIBLE = 0x1, 0x6, 0x7, 0x31, 0xFFFE
NAMES = {PCM: "PCM", A_LAW: "A-law", MU_LAW: "µ-law", GSM: "GSM"}
GSM_BLOCK, GSM_SAMPLES = 65, 320  # bytes and samples of one WAV49 block

NO_WAV = msgid("The file is not a WAV file. Let MixMonitor write files that end in .wav.")
UNKNOWN_FORMAT = msgid("The WAV file holds a sound format that Ringbook does not know.")
CUT_HEAD = msgid("The file ends before its sound begins.")


class NotAudio(ValueError):
    """No WAV file that can be played; the message is a sentence for the call's page."""


@dataclass(frozen=True, slots=True)
class Wav:
    """The head of a WAV file."""

    format: str
    channels: int
    rate: int  # samples per second
    block: int  # bytes of one block
    data_at: int  # where the sound begins
    data_bytes: int  # as the head says; MixMonitor writes 0 until it closes the file

    @property
    def media_type(self) -> str:
        """What a browser is told."""
        return MEDIA_TYPE

    @property
    def says_when_closed(self) -> bool:
        """MixMonitor writes the length when it closes the file."""
        return True

    @property
    def seconds(self) -> float:
        """Length of the sound that the head announces."""
        samples = GSM_SAMPLES if self.format == NAMES[GSM] else 1
        return self.data_bytes / self.block * samples / self.rate

    def is_closed(self, size: int) -> bool:
        """Whether the head agrees with a file of `size` bytes (one byte may pad the sound)."""
        return self.data_bytes > 0 and size - self.data_at - self.data_bytes in {0, 1}

    def is_bare(self, size: int) -> bool:
        """Whether the file of `size` bytes is nothing but its head."""
        return size <= self.data_at


def read_wav(file: BinaryIO) -> Wav:
    """Read the head of a WAV file from its beginning; raises NotAudio."""
    head = file.read(RIFF_HEAD)
    if len(head) < RIFF_HEAD or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise NotAudio(NO_WAV)
    at, fmt = RIFF_HEAD, b""
    for _ in range(MOST_CHUNKS):
        chunk = file.read(CHUNK_HEAD)
        if len(chunk) < CHUNK_HEAD:
            raise NotAudio(CUT_HEAD)
        name, length = chunk[:4], int.from_bytes(chunk[4:], "little")
        at += CHUNK_HEAD
        if name == b"data":
            return _wav(fmt, at, length)
        if name == b"fmt ":
            fmt = file.read(min(length, 64))
        at += length + length % 2
        file.seek(at)
    raise NotAudio(NO_WAV)


def _wav(fmt: bytes, data_at: int, data_bytes: int) -> Wav:
    if len(fmt) < FMT_LENGTH:
        raise NotAudio(CUT_HEAD)
    number = int.from_bytes(fmt[0:2], "little")
    if number == EXTENSIBLE and len(fmt) >= FMT_LENGTH + 10:
        number = int.from_bytes(fmt[24:26], "little")
    channels = int.from_bytes(fmt[2:4], "little")
    rate = int.from_bytes(fmt[4:8], "little")
    block = int.from_bytes(fmt[12:14], "little")
    if number not in NAMES or not channels or not rate or not block:
        raise NotAudio(UNKNOWN_FORMAT)
    if number == GSM:
        block = GSM_BLOCK
    return Wav(NAMES[number], channels, rate, block, data_at, data_bytes)
