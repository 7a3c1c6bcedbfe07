"""How a PBX's news becomes pops and records; journey.py is the one to read first."""

from web.journey.bridge import Bridge

__all__ = ["Bridge"]
