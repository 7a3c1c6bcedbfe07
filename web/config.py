"""Every setting: from the environment (RINGBOOK_…) or a TOML file named by RINGBOOK_CONFIG."""

import os
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from recordings.sftp.addresses import Address, is_address
from storage.rules.softphones import trouble_with

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class MissingSetting(Exception):
    """A setting is missing or wrong; the message names it and says what to do."""


class PbxSettings(BaseModel):
    """A PBX described in the file; it wins over the pages, and the pages say so."""

    name: str
    host: str = "127.0.0.1"
    port: int = 5038
    username: str = "ringbook"
    secret: SecretStr
    tls: bool = False
    tls_ca: Path | None = None
    encoding: str = "cp1252"
    region: str = "GB"
    internal_digits: int = 5
    recordings_there: str | None = None
    recordings_here: str | None = None  # a folder, or sftp://user@host/folder
    books_cdr: Path | None = None
    books_cel: Path | None = None
    books_queue_log: Path | None = None
    books_sql: SecretStr | None = None
    books_cdr_table: str | None = None
    books_cel_table: str | None = None
    books_zone: str | None = None
    softphone_url: str | None = None

    @field_validator("recordings_here", mode="before")
    @classmethod
    def _is_a_place(cls, place: object) -> str | None:
        text = None if place is None else str(place)
        if is_address(text):
            Address.parse(str(text))
        return text

    @field_validator("softphone_url")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
        if address is not None and (trouble := trouble_with(address)):
            raise ValueError(trouble)
        return address


class Settings(BaseSettings):
    """What an installation decides. Secrets never show in a log or a traceback."""

    model_config = SettingsConfigDict(
        env_prefix="RINGBOOK_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    secret_key: SecretStr  # Fernet; further, older keys after a comma
    data_dir: Path = Path("var")
    database_url: str = ""  # default: SQLite in data_dir
    shelf_dir: Path | None = None  # default: data_dir/recordings
    shelf_url: str = Field(default="", pattern=r"^(|s3://[^/]+(/.*)?)$")  # s3://bucket/prefix
    shelf_endpoint: str = ""  # of an S3-compatible store; default: Amazon's
    shelf_region: str = "us-east-1"
    shelf_access_key: str = ""
    shelf_secret_key: SecretStr | None = None
    room_low_gb: float = Field(default=5.0, ge=0)  # below either, recordings have little room
    room_low_percent: float = Field(default=5.0, ge=0, le=100)
    spool_clear: bool = False  # take the PBX's own file away once the shelf has it
    side_suffixes: tuple[str, str] | None = None  # of one-sided files: from the leg, and to it
    raw_channels: int | None = Field(default=None, ge=1, le=2)  # in .raw files; None: by length
    keep_originals: bool = True  # beside what is played, which is made of them
    speech_command: tuple[str, ...] = ()  # a speech engine of the operator's; none is delivered
    speech_url: str = ""  # or one that listens on this machine
    speech_seconds: int = Field(default=1800, ge=1, le=86400)  # for one channel of a recording
    speech_memory_mb: int = Field(default=4096, ge=64)  # of the command
    spool_scan_minutes: int = Field(default=10, ge=0, le=1440)  # 0: never
    journal_dir: Path | None = None  # default: data_dir/journal
    journal_days: int = Field(default=30, ge=1, le=3650)  # how long the PBX's words are kept
    reconcile_minutes: int = Field(default=5, ge=0, le=1440)  # 0: never
    night_hour: int = Field(default=3, ge=0, le=23)  # of the company's zone: retention, checks
    public_url: str = "http://127.0.0.1:8080"  # as browsers see it; compared with Origin
    host: str = "127.0.0.1"
    port: int = 8080
    live_host: str = "127.0.0.1"
    live_port: int = 8081
    live_url: str = ""  # as browsers see it; default: same host, live_port
    trusted_proxies: tuple[str, ...] = ()  # addresses whose X-Forwarded-For is believed
    session_hours: int = Field(default=12, ge=1, le=24 * 30)
    metrics_token: SecretStr | None = None  # needed to read /metrics from elsewhere than loopback
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    pbxs: tuple[PbxSettings, ...] = ()

    @field_validator("side_suffixes")
    @classmethod
    def _are_two(cls, suffixes: tuple[str, str] | None) -> tuple[str, str] | None:
        heard, told = suffixes or ("-in", "-out")
        if not heard or not told or heard == told or "/" in heard + told:
            raise ValueError('two different endings of names, like ["-in", "-out"]')
        return suffixes

    @field_validator("speech_url")
    @classmethod
    def _is_of_this_machine(cls, address: str) -> str:
        where = urlsplit(address)
        if address and (where.scheme != "http" or where.hostname not in LOOPBACK):
            raise ValueError("a speech engine is http://127.0.0.1:… on this machine, or a command")
        return address

    @model_validator(mode="after")
    def _derive(self) -> Self:
        if not self.database_url:
            path = (self.data_dir / "ringbook.sqlite3").absolute()
            object.__setattr__(self, "database_url", f"sqlite+aiosqlite:///{path}")
        if self.shelf_dir is None:
            object.__setattr__(self, "shelf_dir", self.data_dir / "recordings")
        if not self.live_url:
            public = urlsplit(self.public_url)
            scheme = "wss" if public.scheme == "https" else "ws"
            object.__setattr__(self, "live_url", f"{scheme}://{public.hostname}:{self.live_port}/")
        return self

    @property
    def hears_words(self) -> bool:
        """Whether a speech engine of the operator's is to hear recordings."""
        return bool(self.speech_command or self.speech_url)

    @property
    def public_origin(self) -> str:
        """Scheme, host and port that browsers send as Origin."""
        public = urlsplit(self.public_url)
        return f"{public.scheme}://{public.netloc}"

    @property
    def secret_keys(self) -> list[str]:
        """The Fernet keys: the first encrypts, all decrypt."""
        return [key.strip() for key in self.secret_key.get_secret_value().split(",")]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, environment, file."""
        del dotenv_settings, file_secret_settings
        file = os.environ.get("RINGBOOK_CONFIG")
        toml = (TomlConfigSettingsSource(settings_cls, Path(file)),) if file else ()
        return (init_settings, env_settings, *toml)


def load() -> Settings:
    """Read the settings; raises MissingSetting with a sentence that names what is wrong."""
    file = os.environ.get("RINGBOOK_CONFIG")
    if file and not Path(file).is_file():
        raise MissingSetting(f"RINGBOOK_CONFIG names {file}, and there is no such file")
    try:
        return Settings()
    except ValidationError as error:
        raise MissingSetting(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = "RINGBOOK_" + "__".join(str(part) for part in problem["loc"]).upper()
        if problem["type"] == "missing" and name == "RINGBOOK_SECRET_KEY":
            lines.append(f"set {name} (`ringbook secret-key` prints a fresh one) and start again")
        elif problem["type"] == "missing":
            lines.append(f"set {name} and start again")
        else:
            lines.append(f"{name}: {problem['msg']}")
    return "; ".join(lines)
