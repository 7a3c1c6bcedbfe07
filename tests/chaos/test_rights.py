"""The printed account, and nothing more: every feature works, and no action is refused."""

import re
from collections import Counter
from pathlib import Path

import pytest

from chaos import rigs
from lab import sipp
from lab.layout import Kind
from lab.pbx import Pbx
from pbx_bridge import commands, memberships
from pbx_bridge.ami import ActionRefused, Link
from pbx_bridge.checkup import Mark, examine
from pbx_bridge.config import AmiConfig

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(200)]
GRANTED = {"originate", "call", "agent", "reporting"}


class Overheard:
    """What passes the proxy: which actions were sent, and which answers were errors."""

    def __init__(self, rig: rigs.Rig) -> None:
        self.up, self.down = bytearray(), bytearray()
        rig.proxy.up.tap, rig.proxy.down.tap = self.up.extend, self.down.extend

    def actions(self) -> Counter[str]:
        return Counter(re.findall(r"^Action: (\w+)\r$", self.up.decode(), re.MULTILINE))

    def refused(self) -> list[str]:
        """Return what Asterisk answered where it did not do what it was asked."""
        said = self.down.decode("utf-8", "replace").split("\r\n\r\n")
        return [message for message in said if message.startswith("Response: Error")]


async def _every_command(pbx: Pbx, link: Link, agent: str, customer: str) -> None:
    """Ask all that the product can ask for."""
    await commands.originate(
        link, channel=f"PJSIP/{agent}", exten=customer, context="from-agents",
        caller_id=customer, channel_id="rights-1", variables={"__RINGBOOK_CALL": "1"},
    )  # fmt: skip
    heard = link.listen()
    names = [message.get("Channel") async for message in _until_talk(heard)]
    await commands.redirect(link, channel=names[0], exten="7000", context="from-trunk")
    await commands.hangup(link, channel=names[0])
    member = pbx.queue(Kind.HUNTING).agents[0]
    for paused in (True, False):
        await commands.queue_pause(link, interface=f"PJSIP/{member}", paused=paused, reason="tea")
    joined = {"queue": pbx.queue(Kind.RINGALL).name, "interface": f"PJSIP/{agent}"}
    await memberships.queue_add(link, **joined, name="Agent")
    await memberships.queue_member(link, interface=joined["interface"])
    await memberships.queue_remove(link, **joined)
    await commands.set_variable(link, name="RINGBOOK_PROBE", value="1")
    assert await commands.queue_status(link)
    assert await commands.device_states(link)
    assert await commands.list_commands(link)
    await commands.core_show_channels(link)


async def _until_talk(heard):
    """The channels that joined a bridge, until there are two."""
    entered = 0
    async for item in heard:
        if getattr(item, "name", "") == "BridgeEnter":
            entered += 1
            yield item
            if entered == 2:
                return


@pytest.mark.bar(22)
@pytest.mark.parametrize(
    "version", [22, pytest.param(16, marks=pytest.mark.prove)], ids=lambda v: f"asterisk {v}"
)
async def test_every_feature_works_with_the_printed_account(
    version, sqlite_template: Path, tmp_path: Path, proof
):
    async with Pbx(version) as pbx:
        queue = pbx.queue(Kind.RINGALL)
        first, second = queue.agents
        agent, customer = pbx.agent(), "+442071230022"
        async with rigs.rig(pbx, tmp_path, sqlite_template, phones=queue.agents) as rig:
            overheard = Overheard(rig)
            account = AmiConfig(port=rig.proxy.port, username=pbx.username, secret=pbx.secret)
            async with (
                rig.screen() as ann,
                sipp.phone(pbx, first, answers_after=0.5),
                sipp.phone(pbx, second),
                sipp.phone(pbx, agent, answers_after=0.2),
                sipp.phone(pbx, customer, answers_after=0.2),
            ):
                await sipp.caller(pbx, number="+442071230001", dial=queue.number, hang_up_after=1)
                await ann.until(lambda s: any(p["state"] == "wrap_up" for p in s.pops.values()))
                async with Link(account) as link:
                    await link.connected()
                    await _every_command(pbx, link, agent, customer)
            findings = await examine(account)
            await rig.settled()
            _, calls, wrong = await rig.told()
        actions, refused = overheard.actions(), overheard.refused()
        granted = await pbx.cli(f"manager show user {pbx.username}")
    write = re.search(r"write perm: (\S+)", granted)
    assert write is not None
    assert set(write[1].split(",")) == GRANTED
    assert {"Originate", "Redirect", "Hangup", "QueuePause", "CoreShowChannels"} <= set(actions)
    assert wrong == {}
    assert len(calls) == 2
    bad = [finding.what for finding in findings if finding.mark is Mark.BAD]
    assert bad == []
    # doctor asks ShowDialPlan, which needs a right that it does not ask for: it says so then.
    known = [said for said in refused if "ShowDialPlan" in said]
    proof.measured("kinds of action asked", len(actions))
    proof.tried(actions.total(), len(refused) - len(known), of="actions")


async def test_an_account_with_less_would_be_found_out():
    async with Pbx(22) as pbx:
        path = pbx.home / "etc/manager_ringbook.conf"
        text = path.read_text()
        path.write_text(re.sub("^write = .*", "write = reporting", text, flags=re.MULTILINE))
        await pbx.cli("manager reload")
        account = AmiConfig(port=pbx.port, username=pbx.username, secret=pbx.secret)
        async with Link(account) as link:
            await link.connected()
            with pytest.raises(ActionRefused, match="Permission"):
                await commands.queue_pause(link, interface="PJSIP/101", paused=True)
        assert Mark.BAD in {finding.mark for finding in await examine(account)}
