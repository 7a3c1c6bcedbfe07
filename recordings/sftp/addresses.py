"""Where a spool is fetched from: sftp://user@host:port/folder."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from pbx_bridge.matching import msgid

SCHEME = "sftp://"
PORT = 22
NO_ADDRESS = msgid(
    "Write it as sftp://user@host/folder, with :port behind the host if it is not 22."
)
NO_PASSWORD = msgid("No password here: Ringbook logs in with a key of its own.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A folder on another host."""

    user: str
    host: str
    port: int
    folder: PurePosixPath

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address; raises ValueError with a sentence."""
        try:
            parts = urlsplit(text)
            port = parts.port or PORT
        except ValueError:
            raise ValueError(NO_ADDRESS) from None
        if parts.password is not None:
            raise ValueError(NO_PASSWORD)
        folder = PurePosixPath(unquote(parts.path))
        whole = folder.is_absolute() and ".." not in folder.parts and "\0" not in str(folder)
        if (
            not text.startswith(SCHEME) or not parts.hostname or not parts.username
            or not whole or parts.query or parts.fragment
        ):  # fmt: skip
            raise ValueError(NO_ADDRESS)
        return cls(user=unquote(parts.username), host=parts.hostname, port=port, folder=folder)

    @property
    def door(self) -> str:
        """Host and port: what shows a host key."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        """Return it as it was written."""
        port = "" if self.port == PORT else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{SCHEME}{quote(self.user)}@{host}{port}{quote(str(self.folder))}"


def is_address(text: str | None) -> bool:
    """Whether a place is meant to be fetched over SFTP."""
    return text is not None and text.lower().startswith(SCHEME)
