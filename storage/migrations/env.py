"""Alembic runs this: the steps are walked on the connection that `storage.migrations` gives."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import DateTime, Enum

from storage.database import UtcDateTime
from storage.tables import Base


def _written(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write the types of our own as plain ones: a step must not change when our code does."""
    if kind == "type" and isinstance(item, UtcDateTime | DateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_written,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
