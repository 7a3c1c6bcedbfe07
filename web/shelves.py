"""The shelf that the settings describe: a local folder, or a bucket."""

from collections.abc import Callable, Coroutine
from urllib.parse import urlsplit

from recordings.sealing import Keyring
from recordings.shelf import Shelf
from recordings.shortages import Floor
from recordings.speech import Engine
from recordings.stores import Folder, Store
from recordings.transcripts import Transcripts
from storage.database import Database
from web.config import MissingSetting, Settings


def shelf_of(settings: Settings) -> Shelf:
    """Return the shelf; raises MissingSetting with a sentence where the settings do not do."""
    return Shelf(_store(settings), Keyring(settings.secret_keys))


def transcribing(
    settings: Settings, database: Database, leads: Callable[[], bool]
) -> tuple[Coroutine[None, None, None], ...]:
    """Return the work of having recordings transcribed, where there is an engine for it."""
    if not settings.hears_words:
        return ()
    engine = Engine(
        command=settings.speech_command, url=settings.speech_url,
        seconds=settings.speech_seconds, memory=settings.speech_memory_mb * 2**20,
    )  # fmt: skip
    return (Transcripts(database, shelf_of(settings), engine, settings.data_dir, leads).run(),)


def floor_of(settings: Settings) -> Floor:
    """Return below which room supervisors are warned."""
    return Floor(int(settings.room_low_gb * 1e9), settings.room_low_percent / 100)


def _store(settings: Settings) -> Store:
    if not settings.shelf_url:
        return Folder(settings.shelf_dir or settings.data_dir / "recordings")
    try:
        from recordings.buckets import Bucket
    except ImportError:
        raise MissingSetting(
            "RINGBOOK_SHELF_URL names a bucket, which needs Ringbook's extra `s3`"
        ) from None
    place = urlsplit(settings.shelf_url)
    key, secret = settings.shelf_access_key, settings.shelf_secret_key
    if not key or secret is None:
        raise MissingSetting(
            "set RINGBOOK_SHELF_ACCESS_KEY and RINGBOOK_SHELF_SECRET_KEY for the bucket of "
            "RINGBOOK_SHELF_URL"
        )
    return Bucket(
        place.netloc,
        prefix=place.path.strip("/"),
        endpoint=settings.shelf_endpoint,
        region=settings.shelf_region,
        key=key,
        secret=secret.get_secret_value(),
    )
