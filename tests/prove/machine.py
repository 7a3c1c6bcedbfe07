"""On what a proof was made: the machine's kind, the programs' versions, and the source."""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from fixtures import postgres
from lab import folders

TOP = Path(__file__).parents[2]
_LONGEST = 30.0  # seconds


def kind() -> list[str]:
    """Return a line for each thing that a figure depends on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory",
        f"{platform.system()} {platform.release().partition('-')[0]}, {platform.machine()}",
        f"Python {platform.python_version()}",
        *(f"Asterisk {_asterisk(version)}" for version in folders.SUITES),
        _said(postgres.BIN / "postgres", "--version"),
        f"SIPp {_sipp()}",
    ]


def commit() -> str:
    """Return the source that was proved; `-changed` when it is not what the commit holds."""
    name = _git("rev-parse", "--short=12", "HEAD")
    # The proof itself is not part of what it proves.
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!PROOF.md")
    return f"{name}-changed" if changed else name


def _git(*command: str) -> str:
    git = shutil.which("git") or "git"
    done = subprocess.run([git, *command], cwd=TOP, capture_output=True, text=True, check=False)
    return done.stdout.strip() or ("" if done.returncode == 0 else "unknown")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.exists() else ""
    found = re.search(r"^model name\s*: (.+)$", text, flags=re.MULTILINE)
    return found[1].strip() if found else "unknown"


def _asterisk(version: int) -> str:
    try:
        return folders.full_version(version)
    except folders.Unavailable:
        return f"{version}: not here"


def _sipp() -> str:
    found = re.search(r"SIPp (v[\d.]+)", _said("sipp", "-v"))
    return found[1] if found else "not here"


def _said(*command: str | Path) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_LONGEST
        )
    except OSError:
        return f"{command[0]}: not here"
    return done.stdout.strip()
