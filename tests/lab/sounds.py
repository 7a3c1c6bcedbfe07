"""What is heard in the lab's calls: ten seconds of µ-law at 8 kHz, made when they are needed."""

import atexit
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab.folders import Unavailable

TONE = b"\xdd" * 10 + b"\x5d" * 10  # 400 Hz, softer than anybody speaks: 460 of 32767
_SECONDS = "10"


@functools.cache
def spoken(text: str) -> Path:
    """Return a headerless µ-law file in which `text` is said; it goes when this process ends."""
    for program in ("espeak-ng", "sox"):
        if shutil.which(program) is None:
            raise Unavailable(f"sound for the calls needs {program}, which is not installed")
    said = _folder() / f"{abs(hash(text))}.wav"
    sound = said.with_suffix(".ulaw")
    subprocess.run(["espeak-ng", "-w", said, text], check=True, capture_output=True)
    encoding = ("-r", "8000", "-c", "1", "-e", "mu-law", "-t", "raw")
    effects = ("repeat", "9", "trim", "0", _SECONDS)
    subprocess.run(["sox", said, *encoding, sound, *effects], check=True, capture_output=True)
    return sound


def tone(hertz: int) -> Path:
    """Return a headerless µ-law file with a minute of a tone of this many Hz."""
    if shutil.which("sox") is None:
        raise Unavailable("sound for the calls needs sox, which is not installed")
    sound = _folder() / f"{hertz}.ulaw"
    encoding = ("-r", "8000", "-c", "1", "-e", "mu-law", "-t", "raw")
    made = ("synth", "60", "sine", str(hertz), "vol", "0.3")
    subprocess.run(["sox", "-n", *encoding, sound, *made], check=True, capture_output=True)
    return sound


def write_music(folder: Path) -> None:
    """Write the music on hold: a tone, so that whoever hears it knows what it is."""
    folder.mkdir()
    (folder / "tone.ulaw").write_bytes(TONE * (8000 // len(TONE)) * int(_SECONDS))


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ringbook-sounds-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
