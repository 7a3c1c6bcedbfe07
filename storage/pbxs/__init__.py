"""The PBXs we listen to: where they are, how to read their numbers, where their files lie."""

from storage.pbxs.facts import Described, Facts
from storage.pbxs.keeping import (
    ami_config,
    change,
    create,
    get,
    listed,
    sync_from_file,
)
from storage.pbxs.tables import Pbx

__all__ = [
    "Described",
    "Facts",
    "Pbx",
    "ami_config",
    "change",
    "create",
    "get",
    "listed",
    "sync_from_file",
]
