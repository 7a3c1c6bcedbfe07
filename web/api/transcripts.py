"""What was said in recordings, for programs: read by one POST that is audited, as a play is."""

from storage.rules.permissions import Permission
from web.api import models
from web.api.operations import Ask, operation
from web.listening import readings


@operation(
    "POST", "/recordings/{id}/readings", name="api.readings.create", scope="recordings",
    permission=Permission.LISTEN_RECORDINGS, gives=models.Transcript,
)  # fmt: skip
async def read(ask: Ask) -> models.Transcript:
    """Read what was said in a recording.

    It is audited once. 404 where it was not heard for words (yet); what the token's user would not
    hear is not told.
    """
    reading = await readings.open_reading(ask.request, ask.key())
    row = reading.transcript
    return models.Transcript(
        recording_id=row.recording_id, engine=row.engine, created_at=row.created_at,
        channels=list(reading.lanes),
        words=[models.SpokenWord.model_validate(word) for word in reading.words],
        withheld=[models.Silence.model_validate(window) for window in reading.withheld],
        cards=[models.Silence.model_validate(window) for window in row.windows],
    )  # fmt: skip


OPERATIONS = [read]
