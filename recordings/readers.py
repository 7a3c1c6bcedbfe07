"""Sound that lies elsewhere, as Python's libraries read files."""

import io
from abc import abstractmethod


class Reader(io.RawIOBase):
    """A file of `size` bytes of which any piece can be had; blocks."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._at = 0

    @abstractmethod
    def piece(self, start: int, length: int) -> bytes:
        """Return what lies from `start` on, at most `length` bytes; raises OSError."""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Read from there on."""
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as RawIOBase calls it
        """Read what fits into the buffer, fewer bytes at will."""
        piece = self.piece(self._at, len(buffer)) if self._at < self._size else b""
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
