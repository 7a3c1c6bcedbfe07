"""Placing a call for a person, for pages and programs alike: their phone, the rules, what came."""

from storage.rules.dialling import classify
from web.dialling.orders import KEY, LONGEST_KEY, Placed, phone_of, place, placed_with, sentence

__all__ = [
    "KEY",
    "LONGEST_KEY",
    "Placed",
    "classify",
    "phone_of",
    "place",
    "placed_with",
    "sentence",
]
