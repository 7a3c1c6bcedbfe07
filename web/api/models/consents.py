"""The caller's consent to being recorded, as the API takes and gives it."""

from datetime import datetime
from uuid import UUID

from storage.consents import ConsentSource
from storage.rules.retention import Consent as State
from web.api.models.given import Given, Taken


class NewConsent(Taken):
    """What the caller said."""

    state: State


class Consent(Given):
    """What was told last of a call, and by whom."""

    call_id: UUID
    state: State
    source: ConsentSource
    at: datetime
