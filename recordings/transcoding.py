"""Any recording as Opus, which every browser plays and seeks in; made in one reading of the file.

Nothing of it touches a disk on the way: what is encoded is read piece by piece by whoever seals it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

import numpy as np
import soundfile

from pbx_bridge.matching import msgid
from recordings.audio import NotAudio
from recordings.formats import TWO_SIDED
from recordings.readers import Reader
from recordings.shelf import ShelfFile
from recordings.waveforms import Meter, Samples, Waveform, difference
from storage.rules.withheld import Window

MEDIA_TYPE = "audio/ogg"
OPUS_RATES = (8000, 12_000, 16_000, 24_000, 48_000)
MOST_CHANNELS = 2
BLOCK_SECONDS = 8
UNLIKE = 16.0  # points of 255, that a faithful copy is never apart on average
UNREADABLE = msgid("The sound of this recording cannot be decoded.")

# what begins with sound: libsndfile's name of it, and samples per second
RAW = {
    "audio/x-gsm": ("GSM610", 8000, 1),
    "audio/x-alaw": ("ALAW", 8000, 1),
    "audio/x-mulaw": ("ULAW", 8000, 1),
    "audio/x-sln": ("PCM_16", 8000, 1),
    TWO_SIDED: ("PCM_16", 8000, 2),
    "audio/x-sln16": ("PCM_16", 16_000, 1),
    "audio/x-sln48": ("PCM_16", 48_000, 1),
}


class ShelfReader(Reader):
    """A file of the shelf."""

    def __init__(self, file: ShelfFile) -> None:
        super().__init__(file.size)
        self._file = file

    def piece(self, start: int, length: int) -> bytes:
        """Return what lies there, deciphered."""
        return self._file.piece(start, length)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found in the sound while it was read."""

    seconds: float
    channels: int
    waveform: Waveform


class Transcoding:
    """Opus, encoded as it is read; in `windows` (seconds) there is silence instead of the sound.

    Raises NotAudio, here or while it is read.
    """

    def __init__(self, source: BinaryIO, media_type: str, windows: Sequence[Window] = ()) -> None:
        self._from = opened(source, media_type)
        self._channels = min(MOST_CHANNELS, self._from.channels)
        self._windows = windows
        rate = self._from.samplerate
        self._rate = next((each for each in OPUS_RATES if each >= rate), OPUS_RATES[-1])
        self._resampling = _Resampling(rate, self._rate)
        self._meter = Meter(self._channels, self._rate)
        self._frames = 0
        self._out = _Out()
        self._to: soundfile.SoundFile | None = soundfile.SoundFile(
            cast("BinaryIO", self._out), "w", self._rate, self._channels, "OPUS", format="OGG"
        )

    def read(self, length: int) -> bytes:
        """Return the next bytes of the Opus file, at most `length`; b"" at its end."""
        while self._to is not None and len(self._out.waiting) < length:
            self._encode(self._to)
        piece = bytes(self._out.waiting[:length])
        del self._out.waiting[:length]
        return piece

    def heard(self) -> Heard:
        """Return what was in it, once it is read."""
        return Heard(self._frames / self._rate, self._channels, self._meter.waveform())

    def _encode(self, to: soundfile.SoundFile) -> None:
        block = _block(self._from)
        sound = self._resampling.of(block[:, : self._channels])
        _mute(sound, self._frames, self._rate, self._windows)
        self._frames += len(sound)
        if len(sound):
            self._meter.add(sound)
            to.write(sound)
        if not len(block):
            to.close()
            self._to = None
            self._from.close()


def verify(opus: BinaryIO, heard: Heard) -> bool:
    """Whether an Opus file, decoded, sounds as what it was made of; blocks for long."""
    try:
        with opened(opus, MEDIA_TYPE) as file:
            meter = Meter(file.channels, file.samplerate)
            while len(block := _block(file)):
                meter.add(block)
    except NotAudio:
        return False
    return difference(meter.waveform(), heard.waveform) < UNLIKE


def opened(source: BinaryIO, media_type: str) -> soundfile.SoundFile:
    """Open any recording for decoding; raises NotAudio."""
    raw = RAW.get(media_type)
    try:
        if raw is None:
            return soundfile.SoundFile(source)
        subtype, rate, channels = raw
        return soundfile.SoundFile(source, "r", rate, channels, subtype, format="RAW")
    except (soundfile.SoundFileError, TypeError):
        raise NotAudio(UNREADABLE) from None


def _block(file: soundfile.SoundFile) -> Samples:
    try:
        block = file.read(file.samplerate * BLOCK_SECONDS, dtype="float32", always_2d=True)
    except soundfile.SoundFileError:
        raise NotAudio(UNREADABLE) from None
    return cast("Samples", block)


def _mute(sound: Samples, first: int, rate: int, windows: Sequence[Window]) -> None:
    """Silence what of the block, whose first frame is number `first`, lies in a window."""
    for window in windows:
        begins, ends = int(window.begins * rate) - first, -int(-window.ends * rate) + 1 - first
        if ends > 0 and begins < len(sound):
            sound[max(0, begins) : ends] = 0


class _Out:
    """Where libsndfile writes to, as it writes Ogg: forward only."""

    def __init__(self) -> None:
        self.waiting = bytearray()
        self._size = 0

    def write(self, data: bytes) -> int:
        self.waiting += data
        self._size += len(data)
        return len(data)

    def read(self, _: int) -> bytes:
        return b""

    def tell(self) -> int:
        return self._size

    def seek(self, _offset: int, _whence: int = 0) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing is held back."""


class _Resampling:
    """To a rate that Opus has, by straight lines: for the few files that come in another."""

    def __init__(self, rate: int, wanted: int) -> None:
        self._step = rate / wanted
        self._last: Samples | None = None  # the frame before this block
        self._at = 0.0  # of the next frame, counted from that one

    def of(self, block: Samples) -> Samples:
        """Return the block in the wanted rate."""
        if self._step == 1 or not len(block):
            return block
        last = block[:1] if self._last is None else self._last
        whole = np.concatenate((last, block))
        places = np.arange(self._at, len(block), self._step)
        self._last, self._at = block[-1:], places[-1] + self._step - len(block)
        known = np.arange(len(whole))
        columns = [np.interp(places, known, column) for column in whole.T]
        return np.stack(columns, axis=1).astype(np.float32)
