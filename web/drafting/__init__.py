"""Blueprints on pages, whatever their kind: a list, a form for each, publishing."""

from web.drafting.pages import Drafting, key_of, routes_of
from web.drafting.parts import Changed, Posted, arrange, key, numbers, raised, unused, without

__all__ = [
    "Changed",
    "Drafting",
    "Posted",
    "arrange",
    "key",
    "key_of",
    "numbers",
    "raised",
    "routes_of",
    "unused",
    "without",
]
