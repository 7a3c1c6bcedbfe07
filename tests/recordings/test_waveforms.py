"""The waveform of a recording: how loud it is, twenty times a second, in a file that is checked."""

import numpy as np
import pytest

from recordings.waveforms import OVERVIEW, Meter, Waveform, difference


def measured(sound: np.ndarray, *, blocks: int, rate: int = 8000) -> Waveform:
    meter = Meter(sound.shape[1], rate)
    for begin in range(0, len(sound), blocks):
        meter.add(sound[begin : begin + blocks])
    return meter.waveform()


def test_blocks_of_any_size_are_measured_alike_and_read_back() -> None:
    sound = np.random.default_rng(1).uniform(-1, 1, (8123, 2)).astype(np.float32)
    sound[:4000, 1] = 0
    waveform = measured(sound, blocks=8123)
    assert waveform.points.shape == (2, 21)  # the last point is of a part
    for blocks in (1, 7, 400, 401, 5000):
        assert (measured(sound, blocks=blocks).points == waveform.points).all()
    again = Waveform.from_bytes(waveform.to_bytes())
    assert (again.points == waveform.points).all()
    assert (waveform.points[1, :10] == 0).all()
    assert (waveform.points[0] > 200).all()


def test_full_scale_is_the_highest_and_quiet_voices_show() -> None:
    sound = np.array([[1.0]] * 400 + [[-0.01]] * 400 + [[1.5]] * 400, np.float32)
    assert measured(sound, blocks=1200).points[0].tolist() == [255, 26, 255]


@pytest.mark.parametrize("points", [0, 1, 999, 1000, 1001, 72_000])
def test_the_overview_keeps_the_loudest_however_long_it_is(points: int) -> None:
    levels = np.arange(points) % 200
    waveform = Waveform(levels.astype(np.uint8)[None])
    overview = waveform.overview
    assert overview.shape[1] <= OVERVIEW
    assert overview.max(initial=0) == levels.max(initial=0)
    assert (Waveform.from_bytes(waveform.to_bytes()).points == waveform.points).all()


@pytest.mark.parametrize("content", [b"", b"RBWF", b"XXXX" + bytes(12), b"RBWF\2" + bytes(11)])
def test_what_is_no_waveform_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no waveform"):
        Waveform.from_bytes(content)


def test_waveforms_of_other_length_or_channels_are_no_copies() -> None:
    one = Waveform(np.full((1, 100), 90, np.uint8))
    assert difference(one, Waveform(np.full((1, 101), 93, np.uint8))) == 3
    assert difference(one, Waveform(np.full((1, 103), 90, np.uint8))) == 255
    assert difference(one, Waveform(np.full((2, 100), 90, np.uint8))) == 255


def test_a_silence_is_where_no_channel_is_loud() -> None:
    sound = np.full((8000 * 60, 2), 0.5, np.float32)
    sound[8000 * 10 : 8000 * 40, 0] = 0.005
    sound[8000 * 20 : 8000 * 52, 1] = 0
    [silence] = measured(sound, blocks=8000 * 7).silences()
    assert (silence.begins, silence.ends) == (20, 40)
    assert Waveform(np.zeros((1, 0), np.uint8)).silences() == ()
