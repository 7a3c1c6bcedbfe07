"""A real Asterisk whose account may not all: every screen says what is missing, and works on.

Seen red where nothing is provoked, where lists accuse nobody, and where no scout is sent.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from chaos import rigs
from chaos.accounts import told
from fixtures.screens import Screen
from lab import sipp
from lab.layout import Kind
from lab.pbx import Pbx
from web.journey import rights

pytestmark = [pytest.mark.asterisk, pytest.mark.bar(14), pytest.mark.timeout(200)]
SHOWN = 12.0  # seconds at most
READ, WRITE = (
    "read = call,agent,cdr,user,reporting,dialplan",
    "write = originate,call,agent,reporting",
)
PROVE = pytest.mark.prove
CALLER = "+442071230014"


def _less(right: str) -> tuple[str, str]:
    """The line of manager.conf without this right, and what it replaces."""
    way, _, group = right.partition(":")
    groups = (READ if way == "read" else WRITE).split(" = ")[1].split(",")
    return f"^{way} = .*", f"{way} = {','.join(g for g in groups if g != group)}"


def _lacks(screen: Screen) -> list[str] | None:
    """What the screen says that the account lacks, None while the link is not up."""
    news = [m["data"] for m in screen.messages if m["type"] == "link.changed"]
    return news[-1]["lacks"] if news and news[-1]["status"] == "connected" else None


@asynccontextmanager
async def _limited(rig: rigs.Rig, *missing: str) -> AsyncIterator[None]:
    """Have Ringbook log in with an account that lacks these rights."""
    async with AsyncExitStack() as stack:
        for right in missing:
            await stack.enter_async_context(told(rig.pbx, "manager_ringbook.conf", _less(right)))
        rig.proxy.cut()
        yield


@pytest.mark.parametrize(
    "right",
    [
        "read:dialplan",
        "write:originate",
        *(pytest.param(f"write:{each}", marks=PROVE) for each in ("call", "agent", "reporting")),
    ],
)
@pytest.mark.parametrize(
    "version", [22, pytest.param(16, marks=PROVE)], ids=lambda v: f"asterisk {v}"
)
async def test_what_can_be_asked_for_is_missed_before_any_call(
    version: int, right: str, sqlite_template: Path, tmp_path: Path, proof
):
    loop = asyncio.get_running_loop()
    async with (
        Pbx(version) as pbx,
        rigs.rig(pbx, tmp_path, sqlite_template) as rig,
        rig.screen("ann") as ann,
        rig.screen("sue") as sue,
        _limited(rig, right),
    ):
        for screen in (ann, sue):
            await screen.until(lambda s: _lacks(s) is not None)
        begun = loop.time()
        for screen in (ann, sue):
            await screen.until(lambda s: _lacks(s) == [right], seconds=30)
        took = loop.time() - begun
        assert rig.link().status == "connected"
    proof.measured("a missing right on the screens within", took, "s", at_most=SHOWN)
    proof.tried(1, of="missing rights")


@pytest.mark.parametrize("group", ["call", "agent"])
@pytest.mark.parametrize(
    "version", [22, pytest.param(16, marks=PROVE)], ids=lambda v: f"asterisk {v}"
)
async def test_what_only_calls_tell_is_missed_with_the_first_caller_who_waits(
    version: int, group: str, sqlite_template: Path, tmp_path: Path, proof
):
    loop = asyncio.get_running_loop()
    async with Pbx(version) as pbx:
        queue = pbx.queue(Kind.RINGALL)
        async with (
            rigs.rig(pbx, tmp_path, sqlite_template, phones=queue.agents) as rig,
            rig.screen("ann") as ann,
            _limited(rig, f"read:{group}"),
            sipp.phone(pbx, queue.agents[0]),
        ):
            await ann.until(lambda s: _lacks(s) == [])
            await asyncio.sleep(rights.FIRST_SECONDS + 1)  # else the caller was there before us
            begun = loop.time()
            calling = asyncio.create_task(
                sipp.caller(pbx, number=CALLER, dial=queue.number, hang_up_after=20)
            )
            assert await ann.until(lambda s: _lacks(s) == [f"read:{group}"], seconds=30)
            took = loop.time() - begun
            await calling
    proof.measured("a missing right on the screens within", took, "s", at_most=SHOWN)
    proof.tried(1, of="missing rights")


async def test_a_whole_account_is_accused_of_nothing_by_a_caller_who_waits(
    sqlite_template: Path, tmp_path: Path, proof
):
    async with Pbx(22) as pbx:
        queue = pbx.queue(Kind.RINGALL)
        async with (
            rigs.rig(pbx, tmp_path, sqlite_template, phones=queue.agents) as rig,
            rig.screen("ann") as ann,
            sipp.phone(pbx, queue.agents[0]),
        ):
            await sipp.caller(pbx, number=CALLER, dial=queue.number, hang_up_after=10)
            await rig.settled()
            news = [m["data"] for m in ann.messages if m["type"] == "link.changed"]
            assert all(link["lacks"] == [] for link in news)
            assert rig.link().lacks == ()
    proof.tried(1, of="whole accounts")


async def test_an_account_that_is_mended_is_told_of_no_longer(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof
):
    """Asterisk settles rights at a login: nobody but we ourselves can notice."""
    monkeypatch.setattr(rights, "SCOUT_SECONDS", 2.0)
    missing = ["read:dialplan", "write:originate"]
    async with (
        Pbx(22) as pbx,
        rigs.rig(pbx, tmp_path, sqlite_template) as rig,
        rig.screen("ann") as ann,
    ):
        async with _limited(rig, *missing):
            await ann.until(lambda s: _lacks(s) == missing, seconds=30)
        assert await ann.until(lambda s: _lacks(s) == [], seconds=60)
    proof.tried(1, of="mended accounts")
