"""`ringbook doctor` against real Asterisks that are set up well, too generously, or not at all."""

import ssl
from pathlib import Path

import pytest

from lab.pbx import Pbx
from lab.stories import STORIES
from pbx_bridge import checkup
from pbx_bridge.books import BookFolder, sample
from pbx_bridge.checkup import Mark
from pbx_bridge.config import AmiConfig
from web.cli import softphones
from web.cli.doctor import folder, paste

pytestmark = pytest.mark.asterisk


def _account(pbx: Pbx, username: str, secret: str) -> AmiConfig:
    return AmiConfig(port=pbx.port, username=username, secret=secret)


async def test_a_pbx_set_up_by_the_printed_lines_is_found_well(pbx: Pbx) -> None:
    findings = await checkup.examine(_account(pbx, pbx.username, pbx.secret))
    told = "\n".join(f"{finding.mark} {finding.what}" for finding in findings)
    assert Mark.BAD not in {finding.mark for finding in findings}, told
    for good in (
        "Write classes",
        "Clocks",
        "Read class dialplan",
        "Event filters",
        "dialplan",
        "Recordings are stopped",
        "Supervisors can listen in",
    ):
        assert any(f.mark is Mark.GOOD and good in f.what for f in findings), told
    warned = [finding for finding in findings if finding.mark is Mark.WARNING]
    assert len(warned) == (1 if pbx.version == 16 else 0), told  # 16 is no longer maintained


async def test_what_does_not_work_without_a_module_is_said(pbx: Pbx) -> None:
    await pbx.killed()
    [conf] = pbx.home.rglob("modules.conf")
    with conf.open("a") as file:
        file.writelines(f"noload = {name}.so\n" for name in ("app_chanspy", "app_mixmonitor"))
    await pbx.up_again()
    findings = await checkup.examine(_account(pbx, pbx.username, pbx.secret))
    warned = "\n".join(f.what for f in findings if f.mark is Mark.WARNING)
    for word in ("cannot listen in", "may not stop recordings", "may not pause recordings"):
        assert word in warned


async def test_an_account_that_may_do_everything_is_warned_of(pbx: Pbx) -> None:
    findings = await checkup.examine(_account(pbx, "tap", pbx.tap_secret))
    warnings = {finding.what for finding in findings if finding.mark is Mark.WARNING}
    assert any("more than needed" in what and "command" in what for what in warnings)
    assert any("No event filter" in what for what in warnings)


async def test_a_wrong_secret_is_said_with_what_to_do(pbx: Pbx) -> None:
    [finding] = await checkup.examine(_account(pbx, pbx.username, "wrong"))
    assert finding.mark is Mark.BAD
    assert "refuses the login" in finding.what
    assert "manager.conf" in finding.advice


async def test_the_books_of_a_pbx_set_up_by_the_printed_lines_are_found_well(pbx: Pbx) -> None:
    where = BookFolder(cdr=pbx.cdr_csv, cel=pbx.cel_csv, queue_log=pbx.queue_log)
    assert Mark.GOOD not in {f.mark for f in checkup.of_books(sample(where))[:2]}  # no call yet
    await STORIES["ringall_queue_answered"](pbx)
    await pbx.idle()
    findings = checkup.of_books(sample(where))
    told = "\n".join(f"{finding.mark} {finding.what}" for finding in findings)
    assert {finding.mark for finding in findings} == {Mark.GOOD}, told
    assert len(findings) == 3


def test_the_folder_of_recordings_is_judged_from_here(tmp_path: Path) -> None:
    assert folder(tmp_path).mark is Mark.GOOD
    assert folder(None).mark is Mark.WARNING
    assert folder(tmp_path / "gone").mark is Mark.BAD


@pytest.mark.parametrize(("version", "form"), [(22, "eventfilter(name("), (16, "eventfilter = ^")])
def test_what_is_printed_fits_the_version(version: int, form: str) -> None:
    text = paste(version, "192.0.2.7/255.255.255.255")
    assert form in text
    assert "permit = 192.0.2.7/255.255.255.255" in text
    assert "timestampevents = yes" in text
    assert "[ringbook-record]" in text


async def test_softphones_of_a_pbx_set_up_by_the_printed_lines_are_found_well(pbx: Pbx) -> None:
    trust = ssl.create_default_context(cafile=str(pbx.tls_ca))
    reached = await softphones.of_address(pbx.softphone_url, trust)
    assert (reached.mark, "speaks SIP" in reached.what) == (Mark.GOOD, True), reached
    untrusted = await softphones.of_address(pbx.softphone_url)
    assert (untrusted.mark, "is not trusted" in untrusted.what) == (Mark.BAD, True), untrusted
    elsewhere = await softphones.of_address(pbx.softphone_url.replace("/ws", "/nowhere"), trust)
    assert (elsewhere.mark, "404" in elsewhere.what) == (Mark.BAD, True), elsewhere
    account = _account(pbx, pbx.username, pbx.secret)
    known = [f"PJSIP/{name}" for name in pbx.softphones]
    told = await softphones.of_devices(account, known)
    assert told.what == f"The PBX knows all {len(known)} softphones; 0 are registered now."
    missed = await softphones.of_devices(account, [*known, "PJSIP/nobody"])
    assert (missed.mark, missed.what) == (Mark.BAD, "The PBX knows no device PJSIP/nobody.")
