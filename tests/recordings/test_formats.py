"""Every format that MixMonitor or a script may leave is measured; what is no sound is refused."""

import io
import struct
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.audio import NotAudio
from recordings.formats import ENDINGS, TWO_SIDED, read_audio, sided


def read(content: bytes, name: str):
    return read_audio(io.BytesIO(content), PurePosixPath(name), len(content))


def ogg_page(granule: int, body: bytes, *, last: bool) -> bytes:
    head = b"OggS\0" + bytes([4 if last else 0]) + struct.pack("<qIII", granule, 1, 0, 0)
    return head + bytes([1, len(body)]) + body


def opus(seconds: float, *, last: bool = True) -> bytes:
    head = b"OpusHead\x01\x01" + struct.pack("<HIHB", 312, 8000, 0, 0)
    samples = int(seconds * 48_000) + 312
    return (
        ogg_page(0, head, last=False)
        + ogg_page(samples // 2, b"x" * 200, last=False)
        + ogg_page(samples, b"x" * 200, last=last)
    )


def mp3(frames: int, tag: bytes = b"") -> bytes:
    frame = b"\xff\xf3\x48\xc4"  # MPEG 2, layer 3, 32 kbit/s, 16 kHz: 144 bytes, 36 ms
    return tag + (frame + bytes(140)) * frames


@pytest.mark.parametrize(
    ("content", "name", "seconds", "media_type"),
    [
        (b"\xd5" * 16_000, "a.alaw", 2.0, "audio/x-alaw"),
        (b"\xff" * 16_000, "a.ulaw", 2.0, "audio/x-mulaw"),
        (b"\x7f" * 8000, "a.pcm", 1.0, "audio/x-mulaw"),
        (bytes(32_000), "a.sln", 2.0, "audio/x-sln"),
        (bytes(32_000), "a.sln16", 1.0, "audio/x-sln16"),
        ((b"\xd8" + bytes(32)) * 100, "a.gsm", 2.0, "audio/x-gsm"),
        (opus(7.5), "a.opus", 7.5, "audio/ogg"),
        (opus(7.5), "a.wav", 7.5, "audio/ogg"),
        (mp3(1000), "a.mp3", 36.0, "audio/mpeg"),
        (mp3(1000, b"ID3\x04\0\0\0\0\0\x05title"), "a.mp3", 36.0, "audio/mpeg"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_length_and_kind_of_each_format_are_known(content, name, seconds, media_type) -> None:
    audio = read(content, name)
    assert audio.seconds == pytest.approx(seconds, abs=0.001)
    assert audio.media_type == media_type
    assert audio.is_closed(len(content))
    assert not audio.is_bare(len(content))


@pytest.mark.parametrize("kind", ["pcm", "alaw", "mulaw", "gsm"])
@pytest.mark.parametrize("ending", [".wav", ".WAV", ".wav49"])
def test_a_wav_file_is_read_under_each_of_its_endings(make_wav, kind, ending) -> None:
    audio = read(make_wav(3, kind), f"a{ending}")
    assert audio.seconds == pytest.approx(3, abs=0.04)
    assert audio.says_when_closed


def test_two_channels_last_as_long_as_one(make_wav) -> None:
    mono = make_wav(2)
    fmt = struct.pack("<HHIIHH", 1, 2, 8000, 32_000, 4, 16)
    stereo = mono[:20] + fmt + mono[36:]
    assert read(stereo, "a.wav").seconds == pytest.approx(1.0)


def test_a_file_without_a_head_does_not_say_when_it_is_complete() -> None:
    half = read((b"\xd8" + bytes(32)) * 3 + b"\xd8", "a.gsm")
    assert not half.says_when_closed
    assert not half.is_closed(100)
    assert read(b"", "a.gsm").is_bare(0)
    assert read(b"", "a.ulaw").is_bare(0)


def test_an_ogg_file_whose_last_page_is_missing_is_not_closed() -> None:
    assert not read(opus(4, last=False), "a.opus").is_closed(1)


def test_an_mp3_file_that_is_cut_in_a_frame_is_not_closed() -> None:
    assert not read(mp3(10)[:-5], "a.mp3").is_closed(1435)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html>Not found</html>" * 9, "a.ulaw"),
        (b"\x00\x01" * 99, "a.gsm"),
        (b"OggS" + bytes(90), "a.ogg"),
        (b"ID3\x04\0\0\0\0\0\0" + bytes(90), "a.mp3"),
        (b"PK\x03\x04" + bytes(90), "a.wav"),
        (bytes(90), "a.txt"),
        (b"RIFF" + bytes(90), "a.ulaw"),
    ],
)
def test_what_is_no_sound_is_refused_in_a_sentence(content: bytes, name: str) -> None:
    with pytest.raises(NotAudio, match=r"\.$"):
        read(content, name)


@given(st.binary(max_size=300), st.sampled_from(ENDINGS))
def test_no_bytes_break_the_reader(content: bytes, ending: str) -> None:
    for prefix in (b"", b"OggS", b"ID3", b"\xff\xf3\x48\xc4", opus(1)[:60]):
        try:
            audio = read(prefix + content, f"a{ending}")
        except NotAudio:
            continue
        assert audio.seconds >= 0


@pytest.mark.parametrize(
    ("name", "recorded", "said", "seconds", "media_type"),
    [
        ("a.raw", 61.0, None, 61.0, TWO_SIDED),
        ("a.raw", 122.0, None, 122.0, "audio/x-sln"),
        ("a.raw", 110.0, None, 122.0, "audio/x-sln"),
        ("a.raw", 0.0, None, 122.0, "audio/x-sln"),
        ("a.raw", 122.0, 2, 61.0, TWO_SIDED),
        ("a.raw", 61.0, 1, 122.0, "audio/x-sln"),
        ("a.sln", 61.0, 2, 122.0, "audio/x-sln"),
    ],
    ids=["twice as long as recorded", "as long as recorded", "a little longer",
         "nobody knows how long it was recorded", "said to be two", "said to be one", "no raw"],
)  # fmt: skip
def test_a_raw_file_longer_than_it_was_recorded_holds_both_sides(
    name, recorded, said, seconds, media_type
) -> None:
    audio = sided(read(bytes(122 * 16_000), name), PurePosixPath(name), recorded, said)
    assert (audio.seconds, audio.media_type) == (seconds, media_type)
