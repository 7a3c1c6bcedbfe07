"""Calls in progress, told from what happens on the PBX; pure."""

from pbx_bridge.tracker.tracker import Tracker

__all__ = ["Tracker"]
