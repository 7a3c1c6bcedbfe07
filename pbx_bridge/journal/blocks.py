"""Blocks: some entries compressed and encrypted together, with an index of whom they are about.

    header (clear, with checksums) · index (encrypted) · body (encrypted)

A block keeps its size when entries in it are erased, so that it can be rewritten where it stands.
"""

import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pbx_bridge.journal.entries import Entry, Kind, marks_of
from pbx_bridge.journal.errors import JournalError

MAGIC = b"RBk1"
HEADER = struct.Struct(">4sQQIIII")  # magic, first and last number, sizes, checksums
MAX_BLOCK = 64 * 1024 * 1024  # no size beyond this is believed
_CLEAR = HEADER.size - 4
_TIMES = struct.Struct(">dd")
_NONCE = 12
_SEAL = _NONCE + 16
_SLACK = 32  # bytes of a body that wait for an erasure which packs worse
_ROUND = 64
_QUICK, _DENSE = 3, 9
_WORDS = (  # what messages are made of, the commonest last: the compressor knows it beforehand
    b"Privilege: call,all\r\nPrivilege: agent,all\r\nPrivilege: dialplan,all\r\nCause: 16\r\n"
    b"Cause-txt: Normal Clearing\r\nQueue: \r\nInterface: PJSIP/\r\nMemberName: \r\n"
    b"Position: \r\nBridgeUniqueid: \r\nBridgeType: basic\r\nBridgeCreator: \r\n"
    b"BridgeTechnology: simple_bridge\r\nBridgeName: \r\nBridgeNumChannels: \r\n"
    b"BridgeVideoSourceMode: none\r\nVariable: \r\nValue: \r\n"
    b"Event: DeviceStateChange\r\nDevice: PJSIP/\r\nState: NOT_INUSE\r\nEvent: NewConnectedLine\r\n"
    b"Event: QueueMemberStatus\r\nEvent: Newexten\r\nExtension: \r\nApplication: \r\nAppData: \r\n"
    b"Event: Hangup\r\nEvent: DialBegin\r\nEvent: DialEnd\r\nDialStatus: \r\nEvent: VarSet\r\n"
    b"Event: Newchannel\r\nEvent: Newstate\r\nDestChannel: \r\nDestChannelState: 5\r\n"
    b"DestChannelStateDesc: Ringing\r\nDestCallerIDNum: \r\nDestCallerIDName: \r\n"
    b"DestConnectedLineNum: \r\nDestConnectedLineName: \r\nDestLanguage: en\r\n"
    b"DestAccountCode: \r\nDestContext: \r\nDestExten: \r\n"
    b"DestPriority: 1\r\nDestUniqueid: \r\nDestLinkedid: \r\n"
    b"Timestamp: \r\nChannel: PJSIP/trunk-0000\r\nChannelState: 6\r\nChannelStateDesc: Up\r\n"
    b"CallerIDNum: +44\r\nCallerIDName: <unknown>\r\nConnectedLineNum: <unknown>\r\n"
    b"ConnectedLineName: <unknown>\r\nLanguage: en\r\nAccountCode: \r\nContext: from-trunk\r\n"
    b"Exten: \r\nPriority: 1\r\nUniqueid: \r\nLinkedid: "
)


@dataclass(frozen=True, slots=True)
class Header:
    """The clear part of a block."""

    first: int
    last: int
    index_size: int
    body_size: int
    checksum: int

    @property
    def size(self) -> int:
        """Bytes of the whole block."""
        return HEADER.size + self.index_size + self.body_size


@dataclass(frozen=True, slots=True)
class Index:
    """What a block is about: the times of its entries (epoch), and whose messages it holds."""

    earliest: float
    latest: float
    ids: frozenset[bytes]


def seal(entries: Sequence[Entry], key: AESGCM, name: bytes) -> bytes:
    """Return the entries as one block of the volume whose header is `name`."""
    index = _index(entries)
    packed = _packed(entries, _QUICK)
    room = (len(packed) + _SLACK + _ROUND) // _ROUND * _ROUND
    return _sealed(entries, key, name, index, packed.ljust(room, b"\0"))


def reseal(entries: Sequence[Entry], key: AESGCM, name: bytes, header: Header) -> bytes:
    """Return a block of the size that `header` has, with other entries in it."""
    index = _index(entries).ljust(header.index_size - _SEAL, b"\n")
    room = header.body_size - _SEAL
    packed = _packed(entries, _DENSE)
    if len(packed) > room or len(index) + _SEAL > header.index_size:
        raise JournalError(f"the block of {header.first} has no room for what is left of it")
    return _sealed(entries, key, name, index, packed.ljust(room, b"\0"))


def read_header(raw: bytes) -> Header | None:
    """Return the header at the beginning of `raw`, None where there is none."""
    if len(raw) < HEADER.size or raw[: len(MAGIC)] != MAGIC:
        return None
    _, first, last, index_size, body_size, checksum, own = HEADER.unpack_from(raw)
    if zlib.crc32(raw[:_CLEAR]) != own or index_size + body_size > MAX_BLOCK:
        return None
    return Header(first, last, index_size, body_size, checksum)


def is_whole(header: Header, content: bytes) -> bool:
    """Whether what follows the header is what was written."""
    size = header.index_size + header.body_size
    return len(content) == size and zlib.crc32(content) == header.checksum


def open_index(header: Header, content: bytes, key: AESGCM, name: bytes) -> Index:
    """Return the index of a block; raises JournalError where it is not what was written."""
    clear = _opened(content[: header.index_size], key, _bound(name, header.first, b"i"))
    ids = clear[_TIMES.size :].split(b"\n")
    earliest, latest = _TIMES.unpack_from(clear)
    return Index(earliest, latest, frozenset(filter(None, ids)))


def open_body(header: Header, content: bytes, key: AESGCM, name: bytes) -> list[Entry]:
    """Return the entries of a block; raises JournalError where it is not what was written."""
    body = content[header.index_size :]
    packed = _opened(body, key, _bound(name, header.first, b"b"))
    return _unpacked(header.first, zlib.decompressobj(zdict=_WORDS).decompress(packed))


def _index(entries: Sequence[Entry]) -> bytes:
    times = [entry.at for entry in entries]
    ids = set().union(*map(marks_of, entries))
    return _TIMES.pack(min(times), max(times)) + b"\n".join(sorted(ids))


def _packed(entries: Sequence[Entry], level: int) -> bytes:
    """Columns, then contents: numbers that grow evenly pack to almost nothing."""
    count, first = len(entries), entries[0].n
    moments = [round(entry.at * 1_000_000) for entry in entries]
    steps = [now - before for before, now in zip([0, *moments], moments, strict=False)]
    columns = (
        struct.pack(f">I{count}I", count, *(entry.n - first for entry in entries)),
        struct.pack(f">{count}q", *steps),
        bytes(entry.kind for entry in entries),
        struct.pack(f">{count}I", *(len(entry.raw) for entry in entries)),
        *(entry.raw for entry in entries),
    )
    packer = zlib.compressobj(level, zdict=_WORDS)
    return packer.compress(b"".join(columns)) + packer.flush()


def _unpacked(first: int, clear: bytes) -> list[Entry]:
    (count,) = struct.unpack_from(">I", clear)
    numbers = struct.unpack_from(f">{count}I", clear, 4)
    at = 4 + 4 * count
    moments = accumulate(struct.unpack_from(f">{count}q", clear, at))
    at += 8 * count
    kinds = clear[at : at + count]
    sizes = struct.unpack_from(f">{count}I", clear, at + count)
    borders = list(accumulate(sizes, initial=at + 5 * count))
    return [
        Entry(first + number, moment / 1_000_000, Kind(kind), clear[begin : begin + size])
        for number, moment, kind, begin, size in zip(
            numbers, moments, kinds, borders, sizes, strict=False
        )
    ]


def _sealed(entries: Sequence[Entry], key: AESGCM, name: bytes, index: bytes, body: bytes) -> bytes:
    first = entries[0].n
    content = _closed(index, key, _bound(name, first, b"i"))
    index_size = len(content)
    content += _closed(body, key, _bound(name, first, b"b"))
    sizes = (index_size, len(content) - index_size)
    header = HEADER.pack(MAGIC, first, entries[-1].n, *sizes, zlib.crc32(content), 0)[:_CLEAR]
    return header + struct.pack(">I", zlib.crc32(header)) + content


def _bound(name: bytes, first: int, part: bytes) -> bytes:
    """A block belongs to one place: moved elsewhere it does not open."""
    return name + part + struct.pack(">Q", first)


def _closed(clear: bytes, key: AESGCM, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, clear, bound)


def _opened(sealed: bytes, key: AESGCM, bound: bytes) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except (InvalidTag, ValueError):
        raise JournalError("a block of the journal is not what was written") from None
