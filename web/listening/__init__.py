"""Hearing a recording, for pages and programs alike: one audited play, then ranges of bytes."""

from web.listening.downloads import download
from web.listening.plays import Opened, give, open_play
from web.listening.reaches import may, require
from web.listening.sounds import Preparing

__all__ = ["Opened", "Preparing", "download", "give", "may", "open_play", "require"]
