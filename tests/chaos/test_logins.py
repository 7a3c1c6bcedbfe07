"""A real Asterisk that does not let us in, or not fully: the exact cause, soon, and no hammering.

That a wrong secret is tried four times in ten minutes, on a clock that runs faster, stands in
tests/pbx_bridge/ami/test_refusals.py; what panoramisk makes of it in test_plain_links.py.

Seen red where refusals are not told apart, and where doctor takes its probe's event for granted.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from chaos import rigs
from chaos.accounts import told
from chaos.proxy import Proxy
from chaos.rigs import until
from fixtures.screens import Screen
from lab.pbx import Pbx
from pbx_bridge.ami import Link
from pbx_bridge.checkup import Mark, examine
from pbx_bridge.config import AmiConfig

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.bar(14),
    pytest.mark.xdist_group("logins"),
    pytest.mark.asyncio(loop_scope="module"),
]
SOON, SHOWN = 5.0, 12.0  # seconds at most
ATTEMPTS = 4  # at most; fail2ban takes ten


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pbx() -> AsyncIterator[Pbx]:
    async with Pbx(22) as running:
        yield running


async def _as_it_is(pbx: Pbx, stack: AsyncExitStack) -> None:
    """Nothing about the PBX is changed: our secret is wrong."""


async def _another_address(pbx: Pbx, stack: AsyncExitStack) -> None:
    lines = told(
        pbx, "manager_ringbook.conf", ("^permit = .*", "permit = 10.9.8.7/255.255.255.255")
    )
    await stack.enter_async_context(lines)


async def _once_only(pbx: Pbx, stack: AsyncExitStack) -> None:
    no = (r"^\[ringbook\]", "[ringbook]\nallowmultiplelogin = no")
    await stack.enter_async_context(told(pbx, "manager_ringbook.conf", no))
    await stack.enter_async_context(await pbx.ear())


async def _no_such_user(pbx: Pbx, stack: AsyncExitStack) -> None:
    other = (r"^\[ringbook\]", "[somebody]")
    await stack.enter_async_context(told(pbx, "manager_ringbook.conf", other))


async def _full(pbx: Pbx, stack: AsyncExitStack) -> None:
    limit = ("^enabled = yes", "enabled = yes\nauthlimit = 2\nauthtimeout = 60")
    await stack.enter_async_context(told(pbx, "manager.conf", limit))
    for _ in range(2):  # they take the places and say nothing
        reader, writer = await asyncio.open_connection("127.0.0.1", pbx.port)
        stack.callback(writer.close)
        await reader.readline()


@pytest.mark.parametrize(
    ("prepare", "changes", "cause", "why"),
    [
        pytest.param(_as_it_is, {"secret": "wrong"}, "login_refused", "secret", id="wrong secret"),
        pytest.param(_no_such_user, {}, "login_refused", "no such user", id="no such user"),
        pytest.param(_another_address, {}, "login_refused", "ACL", id="denied by ACL"),
        pytest.param(_once_only, {}, "in_use", "allowmultiplelogin=no", id="one login only"),
        pytest.param(_full, {}, "greeting_cut", "authlimit", id="no place left"),
    ],
)
async def test_a_login_that_is_refused_is_told_with_its_cause(
    pbx: Pbx,
    proof,
    prepare: Callable[[Pbx, AsyncExitStack], Awaitable[None]],
    changes: dict[str, str],
    cause: str,
    why: str,
):
    known = {"username": pbx.username, "secret": pbx.secret, **changes}
    async with AsyncExitStack() as stack, Proxy(pbx.port) as proxy:
        await prepare(pbx, stack)
        logins: list[bytes] = []
        proxy.up.tap = logins.append
        async with Link(AmiConfig(port=proxy.port, **known)) as link:
            took = await until(lambda: link.state.status in {"down", "refused"})
            state = link.state
            await asyncio.sleep(0.5)
            attempts = link.counts.logins
        assert state.cause == cause
        assert why in state.why
        assert pbx.secret not in state.why
        if cause != "greeting_cut":
            assert state.status == "refused"
            assert b"".join(logins).count(b"Action: Login\r\n") <= 1
    proof.measured("cause told within", took, "s", at_most=SOON)
    proof.measured("logins tried in the first seconds", attempts, at_most=ATTEMPTS)
    proof.tried(1, of="refusals")


async def test_a_missing_read_class_is_named(pbx: Pbx, proof):
    account = AmiConfig(port=pbx.port, username=pbx.username, secret=pbx.secret)
    less = ("^read = .*", "read = call,agent,cdr,user,reporting")
    loop = asyncio.get_running_loop()
    whole = [finding for finding in await examine(account) if finding.mark is Mark.BAD]
    async with told(pbx, "manager_ringbook.conf", less):
        begun = loop.time()
        found = [finding.what for finding in await examine(account) if finding.mark is Mark.BAD]
        took = loop.time() - begun
    assert whole == []
    assert found == ["Read class dialplan is missing: its event did not come."]
    proof.measured("missing class named within", took, "s", at_most=SOON)
    proof.tried(1, of="missing classes")


async def test_every_screen_is_told_why_a_login_is_refused(
    pbx: Pbx, sqlite_template: Path, tmp_path: Path, proof
):
    deny = ("^permit = .*", "permit = 10.9.8.7/255.255.255.255")
    loop = asyncio.get_running_loop()
    async with (
        rigs.rig(pbx, tmp_path, sqlite_template) as rig,
        rig.screen("ann") as ann,
        rig.screen("ben") as ben,
        told(pbx, "manager_ringbook.conf", deny),
    ):
        begun = loop.time()
        rig.proxy.cut()
        for screen in (ann, ben):
            why = await screen.until(_refused, seconds=30)
            assert "ACL" in why
        took = loop.time() - begun
    proof.measured("on the screens within", took, "s", at_most=SHOWN)
    proof.tried(1, of="refusals")


def _refused(screen: Screen) -> str | None:
    news = [m["data"] for m in screen.messages if m["type"] == "link.changed"]
    return news[-1]["why"] if news and news[-1]["status"] == "refused" else None


async def test_the_link_comes_back_when_the_pbx_lets_it_in_again(pbx: Pbx, proof):
    """A refusal is no sentence for life: with the pauses made small, the next try is let in."""
    account = {"username": pbx.username, "secret": pbx.secret, "refused_pause": 0.1}
    deny = ("^permit = .*", "permit = 10.9.8.7/255.255.255.255")
    async with (
        Proxy(pbx.port) as proxy,
        Link(AmiConfig(port=proxy.port, **account)) as link,
    ):
        await link.connected()
        async with told(pbx, "manager_ringbook.conf", deny):
            proxy.cut()
            await until(lambda: link.state.status == "refused")
        await until(lambda: link.state.status == "connected")
        assert link.state.why is None
    proof.tried(1, of="refusals")
