"""The chain of custody; what lies on the shelf already is taken into it as it is now."""

from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from storage.rules.custody import START, Act, Entry, digest

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

GUARDS = {
    "sqlite": (
        """CREATE TRIGGER custody_no_update BEFORE update ON custody
    BEGIN SELECT RAISE(ABORT, 'the chain of custody cannot be changed'); END""",
        """CREATE TRIGGER custody_no_delete BEFORE delete ON custody
    BEGIN SELECT RAISE(ABORT, 'the chain of custody cannot be changed'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION custody_is_final() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the chain of custody cannot be changed'; END $$""",
        """CREATE TRIGGER custody_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON custody
    FOR EACH STATEMENT EXECUTE FUNCTION custody_is_final()""",
    ),
}


def upgrade() -> None:
    custody = op.create_table(
        "custody",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_custody")),
        sa.UniqueConstraint("previous", name=op.f("uq_custody_previous")),
    )
    with op.batch_alter_table("custody", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_custody_recording_id"), ["recording_id"], unique=False)
    op.create_table(
        "custody_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=True),
        sa.Column("broken", sa.String(length=24), nullable=True),
        sa.Column("broken_number", sa.Integer(), nullable=True),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_checks")),
    )
    with op.batch_alter_table("custody_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_custody_checks_at"), ["at"], unique=False)
    _adopt(custody)
    for guard in GUARDS[op.get_bind().dialect.name]:
        op.execute(guard)


def _adopt(custody: sa.Table) -> None:
    recordings = sa.table(
        "recordings", sa.column("id", sa.Uuid()), sa.column("call_id", sa.Uuid()),
        sa.column("shelf_key"), sa.column("sha256"),
    )  # fmt: skip
    connection, previous, rows = op.get_bind(), START, []
    shelved = sa.select(recordings).where(recordings.c.shelf_key.is_not(None))
    now = datetime.now(UTC)
    for number, row in enumerate(connection.execute(shelved.order_by(recordings.c.id)), start=1):
        entry = Entry(
            number=number, at=now, act=Act.ADOPTED.value, recording_id=row.id, call_id=row.call_id,
            user_id=None, sha256=row.sha256 or "", details={"key": row.shelf_key},
            previous=previous,
        )  # fmt: skip
        entry = replace(entry, hash=digest(entry))
        previous = entry.hash
        rows.append(
            {
                "number": number, "at": now.replace(tzinfo=None) if is_naive() else now,
                "act": entry.act, "recording_id": row.id, "call_id": row.call_id, "user_id": None,
                "sha256": entry.sha256, "details": dict(entry.details),
                "previous": entry.previous, "hash": entry.hash,
            }
        )  # fmt: skip
    if rows:
        op.bulk_insert(custody, rows)


def is_naive() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def downgrade() -> None:
    op.drop_table("custody_checks")
    op.drop_table("custody")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION custody_is_final()")
