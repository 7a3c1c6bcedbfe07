"""Sound at rest: chunks encrypted one by one, so that a range is read without the rest of the file.

Each file has a key of its own, which the installation's key wraps. The wrapped key lies in a small
head beside the sound: changing the installation's key writes heads anew and touches no sound.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
CHUNK = 64 * 1024  # bytes of sound in a chunk
TAG = 16  # bytes that the seal adds to each
KEY, NONCE = 32, 12  # bytes
PURPOSE = b"ringbook recordings 1"
LONGEST_HEAD = 4096


class Tampered(OSError):
    """What lies on the shelf is not what was put there, or its key is not one of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is known of a sealed file; `wrapped` is its key, which the key named `key_id` opens."""

    version: int
    file: str  # 16 random bytes, as hex
    chunk: int
    size: int  # of the sound, in bytes
    sha256: str  # of the sound
    key_id: str
    wrapped: str

    @property
    def chunks(self) -> int:
        """How many chunks there are; an empty file has one."""
        return max(1, -(-self.size // self.chunk))

    @property
    def sealed_size(self) -> int:
        """Bytes of the sealed sound."""
        return self.size + self.chunks * TAG

    def about(self, name: str) -> bytes:
        """Return what the wrapped key vouches for, with the name under which the file lies."""
        said = [self.version, self.file, self.chunk, self.size, self.sha256, name]
        return json.dumps(said).encode()

    def to_bytes(self) -> bytes:
        """Return the head as it is stored."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read a head; raises Tampered."""
        try:
            head = cls(**json.loads(content))
            sane = head.version == VERSION and 0 < head.chunk <= 1 << 24 and head.size >= 0
        except (ValueError, TypeError):
            raise Tampered("the head of a recording cannot be read") from None
        if not sane:
            raise Tampered("the head of a recording is of another version")
        return head


class Keyring:
    """The installation's keys (those of RINGBOOK_SECRET_KEY): the first wraps, every one opens."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys: dict[str, AESGCM] = {}
        for key in keys:
            own = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(_decoded(key))
            self._keys[hashlib.sha256(own).hexdigest()[:16]] = AESGCM(own)
        self.newest = next(iter(self._keys))

    def wrap(self, head: Head, name: str, key: bytes) -> Head:
        """Return the head with `key` wrapped by the newest of ours."""
        nonce = os.urandom(NONCE)
        wrapped = nonce + self._keys[self.newest].encrypt(nonce, key, head.about(name))
        return replace(head, key_id=self.newest, wrapped=base64.b64encode(wrapped).decode())

    def unwrap(self, head: Head, name: str) -> bytes:
        """Return the file's key; raises Tampered where none of ours opens it under this name."""
        ours = self._keys.get(head.key_id)
        if ours is None:
            raise Tampered(f"{name} is sealed with a key that is not in RINGBOOK_SECRET_KEY")
        try:
            wrapped = base64.b64decode(head.wrapped, validate=True)
            return ours.decrypt(wrapped[:NONCE], wrapped[NONCE:], head.about(name))
        except (InvalidTag, ValueError):
            raise Tampered(f"the head of {name} was changed") from None


class Seal:
    """Seals and opens the chunks of one file: each is bound to its number, the last is marked."""

    def __init__(self, key: bytes, file: str) -> None:
        self._box = AESGCM(key)
        self._file = bytes.fromhex(file)

    def close(self, number: int, piece: bytes, *, last: bool) -> bytes:
        """Return the chunk `number` sealed."""
        return self._box.encrypt(_nonce(number, last=last), piece, self._file)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """Return what is in the sealed chunk; raises Tampered."""
        try:
            return self._box.decrypt(_nonce(number, last=last), sealed, self._file)
        except InvalidTag:
            raise Tampered(f"chunk {number} of a recording was changed") from None

    def close_all(self, pieces: Iterable[bytes], chunk: int = CHUNK) -> Iterator[bytes]:
        """Seal a whole file, given in pieces of any size; gives its chunks."""
        waiting, number = bytearray(), 0
        for piece in pieces:
            waiting += piece
            while len(waiting) > chunk:
                yield self.close(number, bytes(waiting[:chunk]), last=False)
                del waiting[:chunk]
                number += 1
        yield self.close(number, bytes(waiting), last=True)


def fresh() -> tuple[bytes, str]:
    """Return a key and a name for a file."""
    return AESGCM.generate_key(bit_length=256), os.urandom(16).hex()


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(8, "big") + (b"\0\0\0\1" if last else b"\0\0\0\0")


def _decoded(key: str) -> bytes:
    own = base64.urlsafe_b64decode(key)
    if len(own) != KEY:
        raise ValueError("no key of 32 bytes")
    return own
