"""The folders that hold an Asterisk each: built once outside the repository, then reused."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

SUITES = {22: "forky", 16: "bullseye"}
ASTERISK = "/usr/sbin/asterisk"


class Unavailable(Exception):
    """A part of the lab cannot be had on this machine; the message says which and why."""


def cache() -> Path:
    """Return the folder that holds the Asterisks; RINGBOOK_LAB moves it."""
    named = os.environ.get("RINGBOOK_LAB")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ringbook-lab"


def folder(version: int) -> Path:
    """Return where the Asterisk of this major version is, or will be."""
    return cache() / f"asterisk-{version}"


def built(version: int) -> Path:
    """Return the folder of this Asterisk, building it first where it is missing."""
    root = folder(version)
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"asterisk-{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            _build(version, root)
    full_version(version)
    return root


def full_version(version: int) -> str:
    """Return what the Asterisk in the folder says it is, as 22.10.1; refuse another major one."""
    root = folder(version)
    try:
        said = subprocess.run(
            ["chroot", root, ASTERISK, "-V"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError) as failure:
        raise Unavailable(f"the Asterisk in {root} does not start: {failure}") from failure
    number = said.removeprefix("Asterisk ").split("~")[0].split("+")[0].strip()
    if number.split(".")[0] != str(version):
        raise Unavailable(f"{root} should hold Asterisk {version}, but says {said.strip()!r}")
    return number


def _build(version: int, root: Path) -> None:
    if os.geteuid() != 0:
        raise Unavailable(f"building Asterisk {version} in {root} needs root")
    if shutil.which("mmdebstrap") is None:
        raise Unavailable(f"building Asterisk {version} needs mmdebstrap, which is not installed")
    unfinished = root.with_name(f"{root.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    command = ["mmdebstrap", "--variant=apt", "--include=asterisk"]
    command += ['--aptopt=Acquire::Check-Valid-Until "false"', SUITES[version], str(unfinished)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    unfinished.rename(root)
