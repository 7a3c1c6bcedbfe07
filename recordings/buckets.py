"""A bucket of an S3-compatible store as a place for the shelf; needs the extra `s3`.

Only obstore's blocking calls are used, in threads: its asynchronous ones can abort the interpreter
when it ends.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from recordings.stores import Kept

PART = 8 * 1024 * 1024  # bytes that are sent at a time


class Bucket:
    """A bucket, or what lies beneath a prefix in it; `options` are obstore's."""

    def __init__(
        self, bucket: str, *, prefix: str, endpoint: str, region: str, key: str, secret: str
    ) -> None:
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            endpoint=endpoint or None,
            region=region,
            access_key_id=key,
            secret_access_key=secret,
            virtual_hosted_style_request=False,
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
            client_options={"allow_http": endpoint.startswith("http:"), "timeout": "60s"},
        )

    def write(self, key: str, pieces: Iterable[bytes]) -> None:
        """Send a file; the bucket shows it when it is whole."""
        with _told(key):
            obstore.put(self._store, key, iter(pieces), chunk_size=PART)

    def open(self, key: str) -> "BucketFile":
        """Ask for a file's size."""
        with _told(key):
            size = obstore.head(self._store, key)["size"]
        return BucketFile(self._store, key, size)

    def delete(self, key: str) -> None:
        """Delete a file."""
        with _told(key):
            try:
                obstore.delete(self._store, key)
            except NotFoundError:
                return

    def listed(self) -> Iterator[Kept]:
        """Give every file, by thousands."""
        with _told("a list of its files"):
            for some in obstore.list(self._store):
                for one in some:
                    yield Kept(one["path"], one["last_modified"])

    def space(self) -> None:
        """A bucket does not say what room it has."""


class BucketFile:
    """A file of a bucket; nothing is held open."""

    def __init__(self, store: S3Store, key: str, size: int) -> None:
        self._store = store
        self._key = key
        self.size = size

    def read(self, start: int, length: int) -> bytes:
        """Ask for a part."""
        end = min(start + length, self.size)
        if start >= end:
            return b""
        with _told(self._key):
            return bytes(obstore.get_range(self._store, self._key, start=start, end=end))

    def close(self) -> None:
        """Nothing is to be closed."""


@contextmanager
def _told(key: str) -> Iterator[None]:
    """Tell the store's errors as a disk would."""
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise FileNotFoundError(key) from None
    except BaseError as error:
        raise OSError(f"the bucket refused {key}: {str(error)[:300]}") from None
