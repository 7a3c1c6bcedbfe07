"""The ordinary calls, each with its own customer, phones and queue: all can run at once."""

import asyncio

from lab import sipp
from lab.layout import Kind
from lab.pbx import Pbx
from lab.stories.casts import Cast, story


@story
async def extension_answered(pbx: Pbx) -> Cast:
    """A customer dials an agent, who answers after a second and hangs up after two."""
    number, agent = "+442071230001", pbx.agent()
    async with sipp.phone(pbx, agent, answers_after=1, hangs_up_after=2):
        await sipp.caller(pbx, number=number, name="Zoë O'Brien", dial=agent)
    return Cast(number=number, dialled=agent, agents=(agent,))


@story
async def extension_not_answered(pbx: Pbx) -> Cast:
    """A customer dials an agent, who does not answer, and gives up after three seconds."""
    number, agent = "+442071230002", pbx.agent()
    async with sipp.phone(pbx, agent):
        await sipp.caller_who_gives_up(pbx, number=number, dial=agent, after=3)
    return Cast(number=number, dialled=agent, agents=(agent,))


@story
async def extension_busy(pbx: Pbx) -> Cast:
    """A customer dials an agent whose phone is busy, and is told so."""
    number, agent = "+442071230003", pbx.agent()
    async with sipp.phone_that_refuses(pbx, agent, status=486):
        await sipp.caller_who_is_refused(pbx, number=number, dial=agent, status=486)
    return Cast(number=number, dialled=agent, agents=(agent,))


@story
async def ringall_queue_answered(pbx: Pbx) -> Cast:
    """A customer calls a queue, two phones ring, the first answers; the customer hangs up."""
    number, queue = "89161234567", pbx.queue(Kind.RINGALL)
    name = "Иванов С.В."  # noqa: RUF001 - a Russian who calls
    first, second = queue.agents
    async with sipp.phone(pbx, first, answers_after=1), sipp.phone(pbx, second):
        await sipp.caller(pbx, number=number, name=name, dial=queue.number, hang_up_after=3)
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def withheld_number_in_queue(pbx: Pbx) -> Cast:
    """Somebody who withholds the number calls a queue and is answered; the agent hangs up."""
    queue = pbx.queue(Kind.RINGALL)
    first, second = queue.agents
    async with (
        sipp.phone(pbx, first),
        sipp.phone(pbx, second, answers_after=1, hangs_up_after=2),
    ):
        await sipp.caller(pbx, number=None, dial=queue.number)
    return Cast(number="anonymous", dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def hunting_queue_reoffered(pbx: Pbx) -> Cast:
    """A queue offers a call to one agent, the other, and the first again, who answers, hangs up."""
    number, queue = "+442071230005", pbx.queue(Kind.HUNTING)
    first, second = queue.agents
    async with asyncio.TaskGroup() as group, sipp.phone(pbx, second):
        async with sipp.phone(pbx, first):
            calling = group.create_task(sipp.caller(pbx, number=number, dial=queue.number))
            await _rings(pbx, second)
        async with sipp.phone(pbx, first, answers_after=1, hangs_up_after=2):
            await calling
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def abandoned_in_queue(pbx: Pbx) -> Cast:
    """A customer waits in a queue while two phones ring, and hangs up after three seconds."""
    number, queue = "+442071230006", pbx.queue(Kind.RINGALL)
    first, second = queue.agents
    async with sipp.phone(pbx, first), sipp.phone(pbx, second):
        await sipp.caller(pbx, number=number, dial=queue.number, hang_up_after=3)
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def queue_timed_out(pbx: Pbx) -> Cast:
    """A customer waits in a queue that sends callers away after four seconds."""
    number, queue = "+442071230007", pbx.queue(Kind.IMPATIENT)
    first, second = queue.agents
    async with sipp.phone(pbx, first), sipp.phone(pbx, second):
        await sipp.caller(pbx, number=number, dial=queue.number)
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def outgoing_answered(pbx: Pbx) -> Cast:
    """An agent dials a customer on the phone, is answered, and hangs up after two seconds."""
    number, agent = "00442071230008", pbx.agent()
    async with sipp.phone(pbx, number, answers_after=1):
        await sipp.caller(pbx, number=agent, dial=f"9{number}", hang_up_after=2)
    return Cast(number=number, dialled=f"9{number}", agents=(agent,))


@story
async def outgoing_busy(pbx: Pbx) -> Cast:
    """An agent dials a customer on the phone, who is busy."""
    number, agent = "+442071230009", pbx.agent()
    async with sipp.phone_that_refuses(pbx, number, status=486):
        await sipp.caller_who_is_refused(pbx, number=agent, dial=number, status=486)
    return Cast(number=number, dialled=number, agents=(agent,))


@story
async def clicked_to_call(pbx: Pbx) -> Cast:
    """Ringbook rings an agent's phone, then the customer's; the customer hangs up."""
    number, agent = "+442071230010", pbx.agent()
    async with (
        sipp.phone(pbx, agent, answers_after=1),
        sipp.phone(pbx, number, answers_after=1, hangs_up_after=2),
    ):
        await pbx.tap.ask(
            Action="Originate",
            Channel=f"PJSIP/{agent}",
            Context="from-agents",
            Exten=number,
            Priority="1",
            CallerID=number,
            ChannelId="ringbook-1",
            Variable="RINGBOOK_CALL=1",
            Async="true",
        )
        gone = f"Channel: PJSIP/{agent}-".encode()
        hangup = b"Event: Hangup\r\n"
        await pbx.tap.message(lambda m: m.startswith(hangup) and gone in m, seconds=30)
    return Cast(number=number, dialled=number, agents=(agent,))


@story
async def internal_answered(pbx: Pbx) -> Cast:
    """An agent calls a colleague, who answers after a second; the first hangs up after two."""
    agent, colleague = pbx.agent(), pbx.agent()
    async with sipp.phone(pbx, colleague, answers_after=1):
        await sipp.caller(pbx, number=agent, dial=colleague, hang_up_after=2)
    return Cast(number=agent, dialled=colleague, agents=(agent, colleague))


async def _rings(pbx: Pbx, agent: str) -> None:
    begun, channel = b"Event: DialBegin\r\n", f"DestChannel: PJSIP/{agent}-".encode()
    await pbx.tap.message(lambda m: m.startswith(begun) and channel in m, seconds=30)
