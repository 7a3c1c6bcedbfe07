"""What crosses to another process, packed quicker than dataclasses and keys pack themselves.

A card is some twenty small values. A dataclass with slots packs each by a list of its fields made
anew, and a UUID by a copy of its `__dict__`: together more than reading the card from the base.
"""

import copyreg
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

T = TypeVar("T")
_Set = Callable[[object, object], None]

_SETS: dict[type, tuple[_Set, ...]] = {}


def crosses(*kinds: type) -> None:
    """Have values of these dataclasses (with slots, and two fields or more) packed quickly."""
    for kind in kinds:
        copyreg.pickle(kind, _packer(kind))


def _packer(kind: type[T]) -> Callable[[T], tuple[Any, ...]]:
    values = attrgetter(*(field.name for field in fields(kind)))  # type: ignore[arg-type]
    return lambda one: (_made, (kind, *values(one)))


def _made(kind: type[T], *values: object) -> T:
    """Return what was packed: its slots as they were, past a frozen class's refusal."""
    one = object.__new__(kind)
    for put, value in zip(_SETS.get(kind) or _sets(kind), values, strict=True):
        put(one, value)
    return one


def _sets(kind: type) -> tuple[_Set, ...]:
    found = _SETS[kind] = tuple(getattr(kind, field.name).__set__ for field in fields(kind))
    return found


def _key(number: int) -> UUID:
    return UUID(int=number)


copyreg.pickle(UUID, lambda key: (_key, (key.int,)))
