"""One real Asterisk, cut off at all the wrong moments: nothing hangs, doubles or breaks.

Seen red without bounds for a line, with lists that nobody ends when the link is lost, without the
back-slashes taken off a name; what a click that is sent again does stands below.
"""

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
import pytest_asyncio

from chaos.faults import Faults
from chaos.proxy import Proxy
from chaos.rigs import until
from lab import books, sipp
from lab.evenings import caught_up
from lab.pbx import Pbx
from pbx_bridge import commands
from pbx_bridge.ami import AmiError, Link, LinkDown, Message, NotConnected
from pbx_bridge.config import AmiConfig
from pbx_bridge.translate import translate

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.xdist_group("cuts"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]
PROVING = "RINGBOOK_PROVE" in os.environ
SEED = 20261125
MIB = 1 << 20
QUICK = {"retry_first": 0.02, "retry_cap": 0.05, "refused_pause": 0.1}
NAMES = (
    *("Пётр Ирина", "李小龙", "😀 Zoë", "\u202eאבג", "O'Brien", "[x] {{7*7}}", "x" * 70),
    "M\udcfcller",  # as latin-1 has it: no UTF-8
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pbx() -> AsyncIterator[Pbx]:
    async with Pbx(22) as running:
        yield running


def config(pbx: Pbx, proxy: Proxy) -> AmiConfig:
    return AmiConfig(port=proxy.port, username=pbx.username, secret=pbx.secret, **QUICK)


async def gather(link: Link, heard: list) -> None:
    async for item in link.listen():
        heard.append(item)  # noqa: PERF401  # the test looks while it grows


@pytest.mark.bar(2)
async def test_every_name_is_heard_as_the_pbx_writes_it_down(pbx: Pbx, proof):
    agent = pbx.agent()
    before = len(books.cel_rows(pbx.cel_csv))
    heard: list = []
    async with (
        Proxy(pbx.port, seed=SEED) as proxy,
        Link(config(pbx, proxy), interests=frozenset({b"Newchannel"})) as link,
        sipp.phone_that_refuses(pbx, agent, status=486),
    ):
        listening = asyncio.create_task(gather(link, heard))
        await link.connected()
        proxy.down.faults = Faults(pieces=(1, 2, 3))
        for number, name in enumerate(NAMES):
            await sipp.caller_who_is_refused(
                pbx, number=f"+44207123{number:04}", name=name, dial=agent, status=486
            )
        await link.ask({"Action": "Ping"})
        await until(lambda: len(_names(heard)) == len(NAMES))
        await pbx.idle()
    await listening
    rows = books.cel_rows(pbx.cel_csv)[before:]
    written = [
        row["cid_name"]
        for row in rows
        if row["eventtype"] == "CHAN_START" and row["cid_num"].startswith("+44207123")
    ]
    told = _names(heard)
    wrong = sum(ours != theirs for ours, theirs in zip(told, written, strict=True))
    assert told[: len(NAMES) - 1] == list(NAMES[:-1])
    assert told[-1] == "M\ufffdller"  # this Asterisk puts U+FFFD there itself
    proof.tried(len(NAMES), wrong, of="names on a real PBX, byte by byte", seed=SEED)


def _names(heard: list) -> list[str]:
    legs = [translate(item).leg for item in heard if isinstance(item, Message)]
    return [leg.name for leg in legs if leg.number.startswith("+44207123")]


@pytest.mark.bar(12)
@pytest.mark.parametrize(
    ("hostile", "cause"),
    [
        pytest.param(b"A: " + b"x" * 4 * MIB, "too_big_line", id="4 MiB header"),
        pytest.param(b"A: b\r\n" * 5000 + b"\r\n", "too_big_headers", id="5,000 headers"),
        pytest.param(b"A: b\r\n" * 300_000, "too_big_message", id="endless message"),
    ],
)
async def test_a_monster_between_a_pbx_s_messages_costs_one_connection(
    pbx: Pbx, proof, hostile, cause
):
    heard: list = []
    async with Proxy(pbx.port) as proxy, Link(config(pbx, proxy)) as link:
        listening = asyncio.create_task(gather(link, heard))
        await link.connected()
        proxy.down.inject(hostile)
        await until(lambda: link.counts.troubles[cause] == 1)
        await until(lambda: link.state.status == "connected")
        await pbx.tap.ask(Action="Setvar", Variable="RINGBOOK_PROBE", Value="after")
        await until(
            lambda: any(isinstance(m, Message) and m.get("Value") == "after" for m in heard)
        )
        assert [item.cause for item in heard if isinstance(item, LinkDown)] == [cause]
    await listening
    proof.tried(1, of="monsters on a real link")


@pytest.mark.bar(13)
async def test_a_list_of_a_real_pbx_cut_anywhere_is_an_error_and_leaves_nothing(pbx: Pbx, proof):
    chance = random.Random(SEED)
    rounds = 300 if PROVING else 25
    longest, whole = 0.0, 0
    loop = asyncio.get_running_loop()
    async with Proxy(pbx.port) as proxy, Link(config(pbx, proxy)) as link:
        await link.connected()
        before = proxy.down.did["bytes"]
        members = await commands.queue_status(link)
        size = proxy.down.did["bytes"] - before
        tasks = len(asyncio.all_tasks())
        for _ in range(rounds):
            logins = link.counts.logins
            proxy.down.cut_after(chance.randrange(1, size - 2))
            begun = loop.time()
            with suppress(AmiError):
                await commands.queue_status(link)
                whole += 1
            longest = max(longest, loop.time() - begun)
            await until(
                lambda logins=logins: (
                    link.counts.logins > logins and link.state.status == "connected"
                )
            )
            proxy.down.left = None
            assert not link._manager.protocol.responses
        assert len(await commands.queue_status(link)) == len(members) > 50
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
    proof.measured("error told within", longest, "s", at_most=5)
    proof.tried(rounds, whole, of="cut lists of a real PBX", seed=SEED)


async def _patient(link: Link, **click: str) -> str:
    """Click as Ringbook does: what is unknown is not asked again."""
    try:
        await commands.originate(link, exten="150", context="callback", **click)
    except NotConnected:
        return "not sent"
    except AmiError:
        return "unknown"
    return "placed"


async def _impatient(link: Link, **click: str) -> str:
    """Click as panoramisk does: what was not answered is sent again once the link is back."""
    logins = link.counts.logins
    said = await _patient(link, **click)
    if said == "unknown":
        await until(lambda: link.counts.logins > logins and link.state.status == "connected")
        await _patient(link, **click)
    return said


async def _clicks(
    pbx: Pbx, way: str, click: Callable[..., Awaitable[str]]
) -> list[tuple[str, int]]:
    """Click again and again, cut at another byte each time; what was said, and how often it rang.

    That is counted by another login, of the channels that the PBX made.
    """
    agent, begun = pbx.agent(), len(pbx.tap.heard)
    said: dict[str, str] = {}
    async with (
        Proxy(pbx.port) as proxy,
        Link(config(pbx, proxy)) as link,
        sipp.phone_that_refuses(pbx, agent, status=486),
    ):
        await link.connected()
        flow, size = (proxy.down, 110) if way == "answer" else (proxy.up, 330)
        for count in range(1, size, 1 if PROVING else 29):
            key, logins = f"{click.__name__}-{way}-{count}", link.counts.logins
            flow.cut_after(count)
            said[key] = await click(
                link, channel=f"PJSIP/{agent}", caller_id="+4930123", channel_id=key
            )
            if flow.left is None:
                await until(lambda logins=logins: link.counts.logins > logins)
            flow.left = None
            await until(lambda: link.state.status == "connected")
        await pbx.idle()
        async with await pbx.ear() as ear:
            await caught_up(pbx, ear, sign=f"{click.__name__}{way}")
    legs = re.findall(
        rb"^Event: Newchannel\r\n(?:.+\r\n)*?Uniqueid: (\S+)\r$",
        pbx.tap.heard[begun:],
        re.MULTILINE,
    )
    return [(words, legs.count(key.encode())) for key, words in said.items()]


@pytest.mark.bar(15)
@pytest.mark.parametrize("way", ["answer", "action"])
async def test_a_click_that_is_cut_at_any_byte_rings_a_phone_at_most_once(pbx: Pbx, proof, way):
    clicks = await _clicks(pbx, way, _patient)
    assert ("not sent", 1) not in clicks
    assert ("placed", 0) not in clicks
    assert "unknown" in dict(clicks)
    assert any(rang == 1 for _, rang in clicks)
    twice = sum(rang > 1 for _, rang in clicks)
    proof.tried(len(clicks), twice, of=f"clicks on a real PBX, cut in the {way}")


async def test_a_click_that_is_sent_again_would_be_found_out(pbx: Pbx):
    clicks = await _clicks(pbx, "answer", _impatient)
    assert any(rang > 1 for _, rang in clicks)
