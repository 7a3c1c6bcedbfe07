"""What was said in recordings, and what it is found by."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

INDEX = {
    "sqlite": (
        "CREATE VIRTUAL TABLE transcript_index USING fts5(recording_id UNINDEXED, spoken)",
        """CREATE TRIGGER transcript_index_in AFTER INSERT ON transcripts BEGIN
        INSERT INTO transcript_index (recording_id, spoken)
        VALUES (new.recording_id, new.spoken); END""",
        """CREATE TRIGGER transcript_index_out AFTER DELETE ON transcripts BEGIN
        DELETE FROM transcript_index WHERE recording_id = old.recording_id; END""",
    ),
    "postgresql": (
        "CREATE INDEX transcript_index ON transcripts USING gin (to_tsvector('simple', spoken))",
    ),
}


def upgrade() -> None:
    op.create_table(
        "transcripts",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("shelf_key", sa.String(length=120), nullable=True),
        sa.Column("spoken", sa.Text(), nullable=False),
        sa.Column("silenced", sa.JSON(), nullable=False),
        sa.Column("engine", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_transcripts_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_transcripts")),
    )
    for statement in INDEX[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE transcript_index")
    op.drop_table("transcripts")
