"""Hearing a recording, for pages and programs alike: one audited play, then ranges of bytes."""

from web.listening.plays import Opened, give, open_play

__all__ = ["Opened", "give", "open_play"]
