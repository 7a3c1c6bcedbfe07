"""Whatever the PBX recorded becomes Opus that sounds the same, and is silent where it must be."""

import io

import numpy as np
import pytest

from fixtures.sounds import FORMATS, LOUD, heard, loudest, strength, tones, written
from recordings.audio import NotAudio
from recordings.transcoding import MEDIA_TYPE, Transcoding, verify
from storage.rules.withheld import Window

SAID = ((440, 3), (0, 2), (1000, 4))


def opus(content: bytes, media_type: str, *windows: Window) -> tuple[bytes, Transcoding]:
    making = Transcoding(io.BytesIO(content), media_type, windows)
    made = b"".join(iter(lambda: making.read(1000), b""))
    return made, making


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_of_a_pbx_is_heard_again(name: str) -> None:
    made, making = opus(*written(tones(*SAID), name))
    assert made[:4] == b"OggS"
    sound, rate = heard(made)
    assert len(sound) / rate == pytest.approx(9, abs=0.1)
    assert making.heard().seconds == pytest.approx(9, abs=0.1)
    assert loudest(sound[rate : 2 * rate, 0], rate, (440, 1000)) == 440
    assert loudest(sound[6 * rate : 8 * rate, 0], rate, (440, 1000)) == 1000
    assert abs(sound[int(3.3 * rate) : int(4.7 * rate)]).max() < 0.05
    assert verify(io.BytesIO(made), making.heard())


def test_two_channels_stay_two() -> None:
    both = np.stack([tones((440, 4)), tones((1000, 4))], axis=1)
    sound, rate = heard(opus(*written(both))[0])
    assert sound.shape[1] == 2
    middle = sound[rate : 3 * rate]
    assert strength(middle[:, 0], rate, 440) > LOUD / 2 > strength(middle[:, 0], rate, 1000) * 4
    assert strength(middle[:, 1], rate, 1000) > LOUD / 2 > strength(middle[:, 1], rate, 440) * 4


@pytest.mark.parametrize("rate", [6000, 11_025, 22_050, 44_100, 32_000, 96_000])
def test_a_rate_that_opus_has_not_is_brought_to_one(rate: int) -> None:
    content, media_type = written(tones((440, 21), rate=rate), rate=rate)
    sound, now = heard(opus(content, media_type)[0])
    assert len(sound) / now == pytest.approx(21, abs=0.01)
    assert strength(sound[:, 0], now, 440) > LOUD * 0.8  # one phase from begin to end


def test_of_what_is_withheld_no_energy_is_left_and_the_rest_is() -> None:
    content, media_type = written(tones((440, 10), (1000, 12), (440, 10)))
    made, making = opus(content, media_type, Window(10, 22), Window(31, 99))
    sound, rate = heard(made)
    assert not np.any(abs(sound[int(10.1 * rate) : int(21.9 * rate)]) > 1e-3)
    assert not np.any(abs(sound[int(31.1 * rate) :]) > 1e-3)
    assert strength(sound[: 10 * rate, 0], rate, 440) > LOUD * 0.8
    assert strength(sound[23 * rate : 31 * rate, 0], rate, 440) > LOUD * 0.8
    assert strength(sound[:, 0], rate, 1000) < 1e-3
    points = making.heard().waveform.points[0]
    assert not points[10 * 20 : 22 * 20].any()  # nor is it to be seen
    assert points[:200].min() > 100


def test_sound_that_changed_on_the_way_is_not_taken_for_a_copy() -> None:
    made, making = opus(*written(tones((440, 10))))
    other, _ = opus(*written(tones((440, 4), (0, 6))))
    short, _ = opus(*written(tones((440, 8))))
    assert verify(io.BytesIO(made), making.heard())
    assert not verify(io.BytesIO(other), making.heard())
    assert not verify(io.BytesIO(short), making.heard())
    assert not verify(io.BytesIO(b"no sound"), making.heard())


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>no sound</html>", b"RIFF\0\0\0\0WAVE", b"OggS" + bytes(200), bytes(3000)],
)
def test_what_is_no_sound_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(NotAudio):
        opus(content, "audio/wav")


def test_a_copy_of_a_copy_keeps_its_length() -> None:
    made, _ = opus(*written(tones(*SAID)))
    again, making = opus(made, MEDIA_TYPE, Window(5, 9))
    sound, rate = heard(again)
    assert making.heard().seconds == pytest.approx(9, abs=0.01)
    assert strength(sound[int(5.2 * rate) :, 0], rate, 1000) < 1e-3
