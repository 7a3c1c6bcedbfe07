"""Messages: headers are found as AMI writes them, and nothing in the bytes can break it."""

from datetime import UTC, datetime

import pytest

from pbx_bridge.ami import Message

HANGUP = Message(
    b"Event: Hangup\r\nPrivilege: call,all\r\nTimestamp: 1795337634.116258\r\n"
    b"Channel: PJSIP/101-00000001\r\nUniqueid: 1795337634.0\r\nLinkedID: 1\r\nEmpty: \r\n"
    b"Bare:\r\nTight:x\r\nColons: a: b:c\r\nCause: 26",
    100.0,
)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("Uniqueid", "1795337634.0", id="as written"),
        pytest.param("UNIQUEID", "1795337634.0", id="in another case"),
        pytest.param("linkedid", "1", id="written in another case"),
        pytest.param("Event", "Hangup", id="the first line"),
        pytest.param("event", "Hangup", id="the first line in another case"),
        pytest.param("Cause", "26", id="the last line"),
        pytest.param("Empty", "", id="empty"),
        pytest.param("Bare", "", id="without a space"),
        pytest.param("Tight", "x", id="with a value but no space"),
        pytest.param("Colons", "a: b:c", id="with colons"),
        pytest.param("Absent", "", id="absent"),
    ],
)
def test_a_header_is_found_in_any_spelling(key, value):
    assert HANGUP.get(key) == value


def test_an_absent_header_is_told_from_an_empty_one():
    assert HANGUP.get("Absent", "none") == "none"
    assert HANGUP.get("Empty", "none") == ""
    assert HANGUP.has("empty")
    assert not HANGUP.has("Absent")


def test_a_value_that_looks_like_a_header_is_no_header():
    message = Message(b"Event: VarSet\r\nValue: Uniqueid: 7\r\nUniqueid: 8", 0.0)
    assert message.get("Uniqueid") == "8"


def test_a_message_knows_what_it_is():
    assert (HANGUP.name, HANGUP.is_event, HANGUP.success) == ("Hangup", True, False)
    accepted = Message(b"Response: Success\r\nActionID: 1", 0.0)
    assert (accepted.name, accepted.is_event, accepted.success) == ("Success", False, True)
    assert not Message(b"Response: Error\r\nMessage: no", 0.0).success


def test_the_time_is_asterisks_own():
    assert HANGUP.at == datetime.fromtimestamp(1795337634.116258, UTC)


@pytest.mark.parametrize("stamp", ["", "soon", "nan", "inf", "-5", "1e300", "99999999999999"])
def test_without_a_usable_timestamp_the_time_is_that_of_arrival(stamp):
    message = Message(b"Event: X\r\nTimestamp: " + stamp.encode(), 1000.5)
    assert message.at == datetime.fromtimestamp(1000.5, UTC)


def test_bytes_that_fit_no_encoding_become_replacement_characters():
    message = Message(b"Event: X\r\nName: a\x98b\r\nOther: fine", 0.0, "cp1251")
    assert message.get("Name") == "a\N{REPLACEMENT CHARACTER}b"
    assert b"\x98" in message.raw


@pytest.mark.parametrize(
    "name", ["", "a\x00b", "\u202eאבג", "李小龙", "😀" * 50, "ё" * 1000, "{{7*7}}<script>"]
)
def test_a_name_is_read_as_it_was_sent(name):
    message = Message(b"Event: X\r\nCallerIDName: " + name.encode() + b"\r\nEnd: 1", 0.0)
    assert message.get("CallerIDName") == name
    assert dict(message.headers())["CallerIDName"] == name


def test_the_output_of_a_command_is_its_lines():
    new = Message(
        b"Response: Success\r\nMessage: Command output follows\r\nOutput: a\r\nOutput: b", 0
    )
    old = Message(b"Response: Follows\r\nPrivilege: Command\r\na\nb: c\n--END COMMAND--", 0)
    assert new.output() == ["a", "b"]
    assert old.output() == ["a", "b: c"]
    assert HANGUP.output() == []


def test_a_message_shows_no_values():
    message = Message(b"Event: VarSet\r\nVariable: PIN\r\nValue: 4711", 0.0)
    assert repr(message) == "<Message event VarSet of 41 bytes>"


def test_the_first_event_header_counts_when_it_is_repeated():
    message = Message(b"Event: UserEvent\r\nUserEvent: x\r\nEvent: Hangup", 0.0)
    assert message.get("Event") == message.name == "UserEvent"
