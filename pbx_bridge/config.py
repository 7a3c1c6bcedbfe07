"""How to reach Asterisk's manager interface."""

import codecs
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

Seconds = Annotated[float, Field(gt=0)]
Octets = Annotated[int, Field(gt=0)]

_ASCII = bytes(range(0x20, 0x7F)) + b"\r\n"


class AmiConfig(BaseModel):
    """How to reach one Asterisk. The secret never shows in a log, a repr or a traceback.

    Times are seconds, sizes are bytes; the defaults suit a real PBX, tests make them small.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=5038, ge=1, le=65535)
    username: str = Field(min_length=1)
    secret: SecretStr
    login: Literal["md5", "plain"] = "md5"
    tls: bool = False
    tls_ca: Path | None = None  # a PEM file; None: what the system trusts
    tls_verify: bool = True
    encoding: str = "cp1252"  # what a value is read as when it is not UTF-8
    timezone: str = "UTC"  # CoreStatus tells its start in the PBX's own wall clock

    open_timeout: Seconds = 5.0  # connect, TLS, greeting and login together
    action_timeout: Seconds = 5.0
    ping_interval: Seconds = 2.5
    ping_timeout: Seconds = 2.5
    retry_first: Seconds = 1.0
    retry_cap: Seconds = 60.0
    refused_pause: Seconds = 60.0  # at least this long after a refused login
    refused_limit: int = Field(default=4, ge=1)  # refused logins within refused_window
    refused_window: Seconds = 600.0

    max_message: Octets = 1024 * 1024
    max_line: Octets = 256 * 1024
    max_headers: int = Field(default=4096, ge=1)
    max_list: Octets = 32 * 1024 * 1024
    max_backlog: Octets = 64 * 1024 * 1024  # heard, and not yet taken by listen()

    @field_validator("encoding")
    @classmethod
    def _knows_ascii(cls, encoding: str) -> str:
        try:
            agrees = codecs.decode(_ASCII, encoding) == _ASCII.decode("ascii")
        except (LookupError, UnicodeError, TypeError):
            agrees = False
        if not agrees:
            raise ValueError("not an encoding that contains ASCII, such as cp1251 or latin-1")
        return encoding

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("no such time zone") from error
        return timezone

    @model_validator(mode="after")
    def _retries_grow(self) -> Self:
        if self.retry_cap < self.retry_first:
            raise ValueError("retry_cap is smaller than retry_first")
        return self
