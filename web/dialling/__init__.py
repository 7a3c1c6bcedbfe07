"""Placing a call for a person, for pages and programs alike: their phone, the rules, what came."""

from web.dialling.orders import KEY, LONGEST_KEY, Placed, place, placed_with, sentence

__all__ = ["KEY", "LONGEST_KEY", "Placed", "place", "placed_with", "sentence"]
