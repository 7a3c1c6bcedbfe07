"""The calls that the lab plays, each with phones and queues of its own: all can run at once."""

from lab.stories import consultations, devices, ordinary, parkings, pickups, rooms, transfers, waits
from lab.stories.casts import STORIES, Cast, Play, playable, played

__all__ = [
    "STORIES",
    "Cast",
    "Play",
    "consultations",
    "devices",
    "ordinary",
    "parkings",
    "pickups",
    "playable",
    "played",
    "rooms",
    "transfers",
    "waits",
]
