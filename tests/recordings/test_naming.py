"""What the PBX calls a file leads beneath its folder or nowhere."""

from datetime import UTC, datetime
from pathlib import PurePosixPath
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.ids import uuid7
from recordings.naming import BadName, is_shelf_key, relative_name, shelf_key

FOLDER = "/var/spool/asterisk/monitor"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{FOLDER}/in-+442071234567-1.0.wav", "in-+442071234567-1.0.wav"),
        (f"{FOLDER}/2026/11/22/a b.wav", "2026/11/22/a b.wav"),
        (f"{FOLDER}//2026/./a.wav", "2026/a.wav"),
        ("2026/a.wav", "2026/a.wav"),
        (f"{FOLDER}/Пётр.wav", "Пётр.wav"),
        (f"{FOLDER}/..wav", "..wav"),
    ],
)
def test_a_file_in_the_folder_is_named_from_the_folder_on(path: str, expected: str) -> None:
    assert relative_name(path, FOLDER) == PurePosixPath(expected)
    assert relative_name(path, FOLDER + "/") == PurePosixPath(expected)


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        FOLDER,
        FOLDER + "/",
        f"{FOLDER}/../../../etc/passwd",
        f"{FOLDER}/a/../b.wav",
        "../a.wav",
        "/etc/passwd",
        f"{FOLDER}-other/a.wav",
        f"//{FOLDER}/../a.wav",
        f"{FOLDER}/a\0.wav",
        f"{FOLDER}/{'x' * 300}.wav",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(BadName):
        relative_name(path, FOLDER)


@given(st.text(max_size=60), st.booleans())
def test_no_text_leads_out_of_the_folder(text: str, absolute: bool) -> None:
    try:
        name = relative_name(f"{FOLDER}/{text}" if absolute else text, FOLDER)
    except BadName:
        return
    assert not name.is_absolute()
    assert ".." not in name.parts
    assert name.parts


def test_a_key_says_the_day_and_fits_only_its_own_shape() -> None:
    call = uuid7(datetime(2026, 11, 22, 23, 59, tzinfo=UTC))
    recording = uuid4()
    key = shelf_key(call, recording)
    assert key == f"2026/11/22/{call.hex}-{recording.hex}.sealed"
    assert is_shelf_key(key)
    assert is_shelf_key(key.replace(".sealed", ".wav"))
    other = key.replace(".sealed", ".db")
    for wrong in ("../" + key, key + "/..", key.upper(), other, "", key + "\n"):
        assert not is_shelf_key(wrong)
    assert is_shelf_key(shelf_key(UUID(int=0), UUID(int=0)))
