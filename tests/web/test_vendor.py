"""The browser files of others are those that were looked at: each is pinned by its hash."""

import hashlib

from web.statics import FOLDER as STATIC

VENDOR = STATIC / "vendor"
SAID = {".txt", ".md"}  # licences and how a file was made


def test_every_vendored_file_is_the_one_that_is_pinned() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    pinned = {path: digest for digest, path in (line.split() for line in lines)}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.glob("*/*")
        if path.suffix not in SAID
    }
    assert found == pinned


def test_every_vendored_part_has_its_licence() -> None:
    parts = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert parts
    assert [part.name for part in parts if not (part / "LICENSE.txt").is_file()] == []
