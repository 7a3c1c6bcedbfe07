"""The audio files on disk, under names of ours; no path leaves its root."""

from pathlib import Path


class Shelf:
    """A folder of recordings, each known by its key."""

    def __init__(self, root: Path) -> None:
        self.root = root
