"""What every model of the API is: given from rows, or taken and checked."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class Given(BaseModel):
    """What the API gives; read from rows by attribute."""

    model_config = ConfigDict(from_attributes=True)


class Taken(BaseModel):
    """What the API takes; an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid")
