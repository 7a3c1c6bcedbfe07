"""Core statements compiled once, for a driver used directly: what makes a card quick to read."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.types import Float, TypeEngine

from storage.cards.queries import Query

Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]


class Statement:
    """A select as a driver takes it: text, the order of its parameters, and how to read a row."""

    def __init__(self, query: Query, dialect: Dialect) -> None:
        compiled = query.compile(dialect=dialect)
        self.text = str(compiled)
        self._fixed = compiled.params
        self._order = [
            (name, _binder(compiled.binds[name].type, dialect))
            for name in compiled.positiontup or ()
        ]
        self._readers = [_reader(c.type, dialect) for c in query.selected_columns]

    def arguments(self, **given: Any) -> list[Any]:  # noqa: ANN401 - any value a column takes
        """Return the parameters in the driver's order and spelling."""
        values = {**self._fixed, **given}
        return [convert(values[name]) if convert else values[name] for name, convert in self._order]

    def read(self, rows: Sequence[Sequence[Any]]) -> list[Row]:
        """Return the rows with keys, times and enumerations as Python has them."""
        readers = self._readers
        return [
            tuple(read(value) if read else value for read, value in zip(readers, row, strict=True))
            for row in rows
        ]


def _binder(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    if isinstance(kind, Float):  # floats come as floats
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)
