"""No secret and no payment card reaches a log line, and a line stays one line."""

import io
import json
import logging

import pytest
import structlog

from web import logs


@pytest.fixture
def lines():
    """Log as the program does; gives a function that reads what was written."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    written = io.StringIO()
    logs.set_up("info", "json", written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


def test_a_secret_is_masked_by_its_name_however_deep(lines) -> None:
    structlog.get_logger("t").info("x", ami_secret="s3cret", inner={"Password": "p", "user": "u"})
    [line] = lines()
    assert line["ami_secret"] == logs.MASK
    assert line["inner"] == {"Password": logs.MASK, "user": "u"}


def test_a_card_number_is_masked_and_a_phone_number_is_not(lines) -> None:
    structlog.get_logger("t").info("dtmf 4111 1111 1111 1111", number="+442071234567")
    [line] = lines()
    assert line["event"] == f"dtmf {logs.MASK}"
    assert line["number"] == "+442071234567"


def test_a_line_of_a_library_is_json_too_and_cannot_be_split(lines) -> None:
    logging.getLogger("lib").warning("one\nfake: %s", "line\r\nmore")
    [line] = lines()
    assert line["event"] == "one\nfake: line\r\nmore"
    assert line["level"] == "warning"
