"""`ringbook doctor` says of each PBX which of its books it can read."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from storage import startup
from storage.secrets import new_key
from web.cli.doctor import doctor, paste
from web.config import Settings

STREAM = Path(__file__).parents[2] / "streams" / "voicemail_left_asterisk_22"


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Run doctor on a PBX that nobody reaches, with these settings."""

    def run(**more: str) -> str:
        pbx = {"name": "Berlin", "port": 1, "secret": "s", **more}
        monkeypatch.setenv("RINGBOOK_SECRET_KEY", new_key())
        monkeypatch.setenv("RINGBOOK_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("RINGBOOK_PBXS", json.dumps([pbx]))

        async def begin() -> None:
            settings = Settings(secret_key=new_key(), data_dir=tmp_path)
            async with startup.opened(settings.database_url):
                pass

        asyncio.run(begin())
        return CliRunner().invoke(doctor, []).output

    return run


def test_doctor_says_which_books_it_can_read(said):
    output = said(
        books_cel=str(STREAM.with_suffix(".cel.csv")),
        books_queue_log=str(STREAM.with_suffix(".nowhere")),
    )
    assert "CEL can be read; its last row is of 2026-11-25" in output
    assert "queue_log cannot be read" in output
    assert "CDR is not named" in output


def test_doctor_says_what_it_knows_of_the_pbxs_clock(said):
    assert "No step back of the PBX's clock was noticed." in said()


def test_doctor_warns_of_a_pbx_without_books(said):
    assert "No books of this PBX are named" in said()


def test_books_in_a_database_are_not_missed(said):
    output = said(books_sql="sqlite+aiosqlite:////nowhere/books.db")
    assert "CEL is not named" not in output
    assert "queue_log is not named" in output


def test_what_softphones_need_is_printed():
    text = paste(22, "127.0.0.1/255.255.255.255")
    assert "webrtc = yes" in text
    assert "tlsbindaddr = 0.0.0.0:8089" in text
    assert "[101](ringbook-softphone)" in text


def test_an_address_of_softphones_that_nobody_answers_is_told(said):
    output = said(softphone_url="ws://127.0.0.1:1/ws")
    assert "Softphones cannot reach ws://127.0.0.1:1/ws" in output
    assert "http.conf" in output


def test_the_settings_that_make_the_pbx_keep_its_books_are_printed():
    text = paste(22, "127.0.0.1/255.255.255.255")
    assert "usegmtime = yes" in text
    assert "apps = background,chanspy,mixmonitor" in text
    assert "${CSV_QUOTE(${eventextra})}" in text
