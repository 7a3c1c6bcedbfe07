"""What doctor concludes from what a PBX says about itself."""

from datetime import UTC, datetime

import pytest

from pbx_bridge import rights
from pbx_bridge.checkup import findings
from pbx_bridge.checkup.findings import Mark

NEEDED = {action: frozenset({group, "all"}) for group, action in rights.WRITE.items()}
COMMON = {"Ping": frozenset({"<none>"}), "Logoff": frozenset({"<none>"})}

CALL = frozenset({"call"})


def test_an_account_with_just_the_needed_classes_is_good() -> None:
    [finding] = findings.of_commands(NEEDED | COMMON)
    assert finding.mark is Mark.GOOD


def test_a_missing_class_is_named_with_what_to_do() -> None:
    commands = {name: classes for name, classes in NEEDED.items() if name != "Originate"}
    [finding] = findings.of_commands(commands)
    assert finding.mark is Mark.BAD
    assert "originate" in finding.what
    assert "manager.conf" in finding.advice


def test_an_account_that_may_do_more_is_warned_of() -> None:
    [finding] = findings.of_commands(NEEDED | {"Command": frozenset({"command", "all"})})
    assert finding.mark is Mark.WARNING
    assert "command" in finding.what


def test_no_answer_to_list_commands_is_unproven() -> None:
    assert [f.mark for f in findings.of_commands(None)] == [Mark.UNPROVEN]


@pytest.mark.parametrize(
    ("version", "mark"),
    [
        pytest.param("22.10.1~dfsg", Mark.GOOD, id="current"),
        pytest.param("16.28.0~dfsg-0+deb11u4", Mark.WARNING, id="no longer maintained"),
        pytest.param("20.9.2", Mark.GOOD, id="20 with the fix"),
        pytest.param("20.9.1", Mark.WARNING, id="20 before the fix"),
        pytest.param("GIT-master", Mark.UNPROVEN, id="no release"),
        pytest.param(None, Mark.UNPROVEN, id="nothing said"),
    ],
)
def test_an_old_release_is_warned_of(version: str | None, mark: Mark) -> None:
    assert findings.of_version(version).mark is mark


@pytest.mark.parametrize(
    ("ahead", "mark"),
    [(0.3, Mark.GOOD), (-1.9, Mark.GOOD), (3.0, Mark.WARNING), (-3600, Mark.WARNING)],
)
def test_clocks_that_differ_are_warned_of(ahead: float, mark: Mark) -> None:
    assert findings.of_clock(ahead).mark is mark


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(0.3, -39.7, ["back by 40.0 s"], id="back"),
        pytest.param(0.3, 3600.3, ["on by 3600.0 s"], id="on"),
        pytest.param(5.0, 5.4, [], id="steady, though wrong"),
        pytest.param(None, None, [], id="no time is told"),
    ],
)
def test_a_clock_that_jumps_between_two_answers_is_noticed(before, after, said) -> None:
    found = findings.of_steadiness(before, after)
    assert [finding.mark for finding in found] == [Mark.WARNING for _ in said]
    assert all(words in finding.what for finding, words in zip(found, said, strict=True))


def test_the_last_step_back_is_told_and_what_cannot_be_seen_is_said() -> None:
    at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    step = findings.of_last_step(40.2, at)
    assert (step.mark, "stepped back 40 s at 2026-11-22 09:30:00 UTC" in step.what) == (
        Mark.WARNING, True,
    )  # fmt: skip
    none = findings.of_last_step(None, None)
    assert (none.mark, "looks like a silence" in none.what) == (Mark.UNPROVEN, True)


def test_messages_without_time_are_warned_of() -> None:
    assert "timestampevents" in findings.of_clock(None).advice


def test_a_read_class_whose_event_did_not_come_is_bad() -> None:
    dialplan, rest = findings.of_read_classes(dialplan=False)
    assert (dialplan.mark, rest.mark) == (Mark.BAD, Mark.UNPROVEN)
    assert findings.of_read_classes(dialplan=True)[0].mark is Mark.GOOD
    assert "dialplan" in dialplan.what


def test_missing_filters_and_dialplan_say_what_to_paste() -> None:
    assert "eventfilter" in findings.of_filters(unwanted_came=True).advice
    assert findings.of_filters(unwanted_came=False).mark is Mark.GOOD
    lacking = findings.of_dialplan(missing=["ringbook-grab"])
    assert "extensions.conf" in lacking.advice
    assert "ringbook-grab" in lacking.what
    assert findings.of_dialplan(missing=None).mark is Mark.UNPROVEN
    assert findings.of_dialplan(missing=[]).mark is Mark.GOOD


@pytest.mark.parametrize(
    ("commands", "version", "mark", "words"),
    [
        ({"MixMonitorMute": CALL}, "22.10.1", Mark.GOOD, "can be paused."),
        ({"MixMonitorMute": CALL}, "16.28.0", Mark.GOOD, "pauses the first"),
        ({"MixMonitorMute": CALL}, "16.16.0", Mark.WARNING, "STILL RECORDING"),
        ({"MixMonitorMute": CALL}, None, Mark.WARNING, "STILL RECORDING"),
        ({}, "22.10.1", Mark.WARNING, "MixMonitorMute is not among"),
        (None, "22.10.1", Mark.GOOD, "can be paused."),
    ],
)
def test_whether_recordings_can_be_paused_is_said(commands, version, mark, words) -> None:
    found = findings.of_pauses(commands, version)
    assert (found.mark, words in found.what) == (mark, True)


@pytest.mark.parametrize(
    ("commands", "version", "mark", "words"),
    [
        ({"StopMixMonitor": CALL}, "22.10.1", Mark.GOOD, "are stopped"),
        ({"StopMixMonitor": CALL}, "16.16.0", Mark.WARNING, "does not tell"),
        ({}, "22.10.1", Mark.WARNING, "a caller who refuses is recorded on"),
        (None, "16.28.0", Mark.GOOD, "are stopped"),
    ],
)
def test_whether_a_refusal_stops_recordings_is_said(commands, version, mark, words) -> None:
    found = findings.of_refusals(commands, version)
    assert (found.mark, words in found.what) == (mark, True)


@pytest.mark.parametrize(
    ("chanspy", "context", "mark", "words"),
    [
        (True, True, Mark.GOOD, "can listen in"),
        (False, True, Mark.WARNING, "app_chanspy is not loaded"),
        (False, False, Mark.WARNING, "app_chanspy is not loaded"),
        (True, False, Mark.WARNING, "no context ringbook-listen"),
        (None, False, Mark.WARNING, "no context ringbook-listen"),
        (None, True, Mark.UNPROVEN, "could not be seen"),
        (True, None, Mark.UNPROVEN, "could not be seen"),
    ],
)
def test_whether_supervisors_can_listen_in_is_said(chanspy, context, mark, words) -> None:
    found = findings.of_listening(chanspy=chanspy, context=context)
    assert (found.mark, words in found.what) == (mark, True)
