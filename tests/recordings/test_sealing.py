"""A sealed file shows nothing of its sound, and whatever is changed of it is noticed."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings import sealing
from recordings.sealing import Head, Keyring, Seal, Tampered
from storage.secrets import new_key

NAME = "2026/11/28/a.sealed"


def head_of(content: bytes, file: str) -> Head:
    return Head(
        version=1, file=file, chunk=16, size=len(content), key_id="", wrapped="",
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def opened(seal: Seal, chunks: list[bytes]) -> bytes:
    last = len(chunks) - 1
    return b"".join(seal.open(n, chunk, last=n == last) for n, chunk in enumerate(chunks))


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_what_is_sealed_in_any_pieces_comes_out_whole(pieces: list[bytes]) -> None:
    key, file = sealing.fresh()
    seal, content = Seal(key, file), b"".join(pieces)
    chunks = list(seal.close_all(pieces, 16))
    head = head_of(content, file)
    assert len(chunks) == head.chunks
    assert sum(map(len, chunks)) == head.sealed_size
    assert opened(seal, chunks) == content


@pytest.mark.parametrize(
    "meddle",
    [
        lambda chunks: [chunks[1], chunks[0], *chunks[2:]],
        lambda chunks: chunks[:-1],
        lambda chunks: [*chunks[:-1], chunks[0]],
        lambda chunks: [*chunks, chunks[-1]],
        lambda chunks: [bytes([chunks[0][0] ^ 1]) + chunks[0][1:], *chunks[1:]],
        lambda chunks: [chunks[0][:-1], *chunks[1:]],
    ],
    ids=["swapped", "cut", "last one replaced", "lengthened", "a bit turned", "a byte less"],
)
def test_chunks_that_are_meddled_with_do_not_open(meddle) -> None:
    key, file = sealing.fresh()
    seal = Seal(key, file)
    chunks = list(seal.close_all([b"x" * 100], 16))
    with pytest.raises(Tampered):
        opened(seal, meddle(chunks))


def test_a_chunk_of_another_file_does_not_open() -> None:
    key, file = sealing.fresh()
    _, other = sealing.fresh()
    [chunk] = Seal(key, file).close_all([b"x"], 16)
    with pytest.raises(Tampered):
        Seal(key, other).open(0, chunk, last=True)


def test_the_first_key_wraps_and_every_key_opens() -> None:
    old, new = new_key(), new_key()
    key, file = sealing.fresh()
    head = Keyring([old]).wrap(head_of(b"sound", file), NAME, key)
    both = Keyring([new, old])
    assert both.unwrap(head, NAME) == key
    again = both.wrap(head, NAME, both.unwrap(head, NAME))
    assert Keyring([new]).unwrap(again, NAME) == key
    with pytest.raises(Tampered, match="RINGBOOK_SECRET_KEY"):
        Keyring([new]).unwrap(head, NAME)


@pytest.mark.parametrize(
    "change",
    [{"size": 4}, {"sha256": "0" * 64}, {"chunk": 17}, {"file": "00" * 16}, {"wrapped": "AAAA"}],
)
def test_a_head_that_was_changed_opens_nothing(change) -> None:
    keys = Keyring([new_key()])
    key, file = sealing.fresh()
    head = keys.wrap(head_of(b"sound", file), NAME, key)
    with pytest.raises(Tampered):
        keys.unwrap(replace(head, **change), NAME)
    with pytest.raises(Tampered):
        keys.unwrap(head, "2026/11/28/b.sealed")


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_heads(content: bytes) -> None:
    for prefix in (b"", b'{"version":1,'):
        with pytest.raises(Tampered):
            Head.from_bytes(prefix + content)


def test_a_head_reads_as_it_was_written() -> None:
    keys = Keyring([new_key()])
    key, file = sealing.fresh()
    head = keys.wrap(head_of(b"sound", file), NAME, key)
    assert Head.from_bytes(head.to_bytes()) == head
    with pytest.raises(Tampered, match="version"):
        Head.from_bytes(replace(head, version=2).to_bytes())
