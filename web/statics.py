"""The files that pages load: read and packed once at the start, and kept by browsers for ever.

An address holds a hash of them all (`/static/<hash>/js/desk/desk.js`), so that what a module
imports by a relative address is kept as well. Without the hash, or with an older one, it is asked
for each time.
"""

import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path

from aiohttp import hdrs, web

FOLDER = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
# All sheets are one (`css/all.css`), these before the others; where two disagree, the later holds.
FIRST = (
    "tokens", "base", "shell", "forms", "parts", "tables", "player", "control", "pop", "steps",
    "day",
)  # fmt: skip
_TEXTS = {".css", ".js", ".svg"}  # what gets smaller by packing
_VERSION = re.compile(r"([0-9a-f]{12})/(.+)")
_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class File:
    """What one address answers with: bytes, and packed where that is less."""

    body: bytes
    packed: bytes | None
    kind: str


class Statics:
    """All files below a folder, in memory."""

    def __init__(self, folder: Path) -> None:
        bodies = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()
        }  # fmt: skip
        first = [f"css/{sheet}.css" for sheet in FIRST]
        others = [name for name in bodies if name.startswith("css/") and name not in first]
        bodies["css/all.css"] = b"\n".join(bodies[name] for name in (*first, *others))
        self.files = {name: _file(name, body) for name, body in bodies.items()}
        whole = hashlib.sha256()
        for name, body in bodies.items():
            whole.update(f"{name}\0{len(body)}\0".encode() + body)
        self.version = whole.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Return where browsers get the file."""
        return f"/static/{self.version}/{name}"

    def modules(self, name: str) -> list[str]:
        """Return the addresses of an ES module and of all that it imports, each once."""
        found: dict[str, None] = {}
        self._follow(name, found)
        return [self.address(each) for each in found]

    def _follow(self, name: str, found: dict[str, None]) -> None:
        if name in found:
            return
        found[name] = None
        for other in imports(name, self.files[name].body.decode()):
            self._follow(other, found)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with the file that the address names."""
        name = request.match_info["path"]
        version = _VERSION.fullmatch(name)
        file = self.files.get(version[2] if version else name)
        if file is None:
            raise web.HTTPNotFound
        is_current = version is not None and version[1] == self.version
        headers = {
            hdrs.CACHE_CONTROL: FOREVER if is_current else "no-cache",
            hdrs.ETAG: f'"{self.version}"',
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
            hdrs.CONTENT_TYPE: file.kind,
        }
        if f'"{self.version}"' in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        if file.packed is None or "gzip" not in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            return web.Response(body=file.body, headers=headers)
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=file.packed, headers=headers)


def imports(name: str, text: str) -> Iterator[str]:
    """Give the modules that the module `name` imports by relative addresses, as names of files."""
    for address in _IMPORT.findall(text):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def _file(name: str, body: bytes) -> File:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = posixpath.splitext(name)[1] in _TEXTS
    packed = gzip.compress(body, mtime=0) if is_text else None
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    return File(body, packed, "text/javascript; charset=utf-8" if name.endswith(".js") else kind)


@cache
def statics() -> Statics:
    """Return the files of these pages."""
    return Statics(FOLDER)
