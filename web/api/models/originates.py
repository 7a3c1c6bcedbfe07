"""Calls that a program places for its user."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from web.api.models.given import Given, Taken, Written
from web.telephony import Fate

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{8,64}$")]


class NewOriginate(Taken):
    """A number to call from the user's own phone; the same key is the same order."""

    key: Key
    number: Written


class Originate(Given):
    """What came of an order: `call` is set once it is known."""

    key: str
    exten: str
    fate: Fate
    call: UUID | None
    sentence: str
