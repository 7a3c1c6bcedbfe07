"""What reviews look at of calls. `storage.calls` moves our rows, so we do not import it."""

from sqlalchemy import Boolean, Float, String, Uuid, column, table

from storage.database import UtcDateTime

CALLS = table(
    "calls",
    column("id", Uuid),
    column("pbx_id", Uuid),
    column("queue", String),
    column("number", String),
    column("name", String),
    column("e164", String),
    column("direction", String),
    column("state", String),
    column("customer_id", Uuid),
    column("started_at", UtcDateTime),
    column("ended_at", UtcDateTime),
    column("wait_seconds", Float),
    column("talk_seconds", Float),
)
CALL_AGENTS = table(
    "call_agents", column("call_id", Uuid), column("user_id", Uuid), column("talked", Boolean)
)
SEGMENTS = table(
    "segments",
    column("call_id", Uuid),
    column("kind", String),
    column("started_at", UtcDateTime),
    column("ended_at", UtcDateTime),
)
WRAP_UPS = table(
    "wrap_ups", column("call_id", Uuid), column("user_id", Uuid), column("outcome_id", Uuid)
)
