"""The head of a WAV file says what it holds; anything else is refused in a sentence."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.audio import NotAudio, Wav, read_wav


@pytest.mark.parametrize(
    ("kind", "seconds", "name"),
    [("pcm", 2.5, "PCM"), ("alaw", 3, "A-law"), ("mulaw", 1, "µ-law"), ("gsm", 4, "GSM")],
)
def test_the_length_is_read_from_each_format(make_wav, kind, seconds, name) -> None:
    content = make_wav(seconds, kind)
    wav = read_wav(io.BytesIO(content))
    assert (wav.format, wav.channels, wav.rate) == (name, 1, 8000)
    assert wav.seconds == pytest.approx(seconds, abs=0.04)
    assert wav.is_closed(len(content))
    assert not wav.is_bare(len(content))


def test_a_file_still_open_announces_nothing(make_wav) -> None:
    content = make_wav(2, announced=0)
    wav = read_wav(io.BytesIO(content))
    assert not wav.is_closed(len(content))
    assert not wav.is_bare(len(content))


def test_a_head_alone_is_bare_and_44_bytes_long(make_wav) -> None:
    content = make_wav(0)
    assert len(content) == 44
    assert read_wav(io.BytesIO(content)).is_bare(44)


def test_a_file_cut_short_is_not_closed(make_wav) -> None:
    content = make_wav(2)
    wav = read_wav(io.BytesIO(content))
    assert not wav.is_closed(len(content) - 2)
    assert wav.is_closed(len(content) + 1)
    assert not wav.is_closed(len(content) + 2)


def test_other_chunks_before_the_sound_are_passed_over(make_wav) -> None:
    content = make_wav(1)
    odd = b"LIST\x05\x00\x00\x00abcde\x00"
    wav = read_wav(io.BytesIO(content[:36] + odd + content[36:]))
    assert wav.seconds == 1
    assert wav.data_at == 44 + len(odd)


def test_an_extensible_head_names_its_format_further_on(make_wav) -> None:
    content = make_wav(1)
    fmt = b"\xfe\xff" + content[22:36] + b"\x16\x00" + b"\x10\x00\x04\x00\x00\x00" + b"\x01\x00"
    fmt += b"\x00" * 14
    head = content[:16] + len(fmt).to_bytes(4, "little") + fmt + content[36:]
    assert read_wav(io.BytesIO(head)).format == "PCM"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"ID3\x04" + b"\0" * 60,
        b"SQLite format 3\0" + b"\0" * 60,
        b"RIFF\0\0\0\0WAVE",
        b"RIFF\0\0\0\0WAVEdata\0\0\0\0",
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + b"\x99" * 16 + b"data\0\0\0\0",
        b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 100,
        b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\xff",
    ],
)
def test_what_is_no_wav_file_is_refused(content: bytes) -> None:
    with pytest.raises(NotAudio, match=r"\.$"):
        read_wav(io.BytesIO(content))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    for prefix in (b"", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"):
        try:
            wav = read_wav(io.BytesIO(prefix + content))
        except NotAudio:
            continue
        assert isinstance(wav, Wav)
        assert wav.seconds >= 0
