"""Ways out of a queue, and from one queue to the next."""

from lab.layout import Kind
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import Cast, news, only_on, story, talk


@story
async def two_queues(pbx: Pbx) -> Cast:
    """A queue sends its caller to the next after two seconds, where somebody answers."""
    number, onward, final = "+442071230161", pbx.queue(Kind.ONWARD), pbx.queue(Kind.FINAL)
    async with desks(pbx) as room:
        one, two = await room.inside(onward.agents[0]), await room.inside(onward.agents[1])
        desk, _ = await room.inside(final.agents[0]), await room.inside(final.agents[1])
        customer = (await room.outside(number)).calls(onward.number)
        for ringing in (await one.rings(), await two.rings()):
            await ringing.over()
        at_agent = await desk.answers()
        await talk()
        await customer.hang_up()
        await at_agent.over()
    agents = (*onward.agents, *final.agents)
    return Cast(number=number, dialled=onward.number, agents=agents, queue=onward.name)


@story
async def queue_emptied(pbx: Pbx) -> Cast:
    """All members pause while a customer waits, and the queue sends the customer away."""
    number, queue = "+442071230162", pbx.queue(Kind.LEAVING)
    async with desks(pbx) as room:
        one, two = [await room.inside(member) for member in queue.agents]
        customer = (await room.outside(number)).calls(queue.number)
        rings = [await one.rings(), await two.rings()]
        for member in queue.agents:
            interface = f"PJSIP/{member}"
            await pbx.tap.ask(
                Action="QueuePause", Queue=queue.name, Interface=interface, Paused="true"
            )
        for ringing in rings:
            await ringing.over()
        await customer.over()
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def queue_left_by_key(pbx: Pbx) -> Cast:
    """A customer presses 5 while two phones ring, and leaves the queue."""
    number, queue = "+442071230163", pbx.queue(Kind.KEYED)
    async with desks(pbx) as room:
        one, two = [await room.inside(member) for member in queue.agents]
        customer = (await room.outside(number)).calls(queue.number)
        rings = [await one.rings(), await two.rings()]
        await customer.answered()
        await customer.press("5")
        for ringing in rings:
            await ringing.over()
        await customer.over()
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@only_on(22)
async def withdrawn_from_queue(pbx: Pbx) -> Cast:
    """A supervisor takes a waiting customer out of a queue."""
    number, queue = "+442071230164", pbx.queue(Kind.HUNTING)
    async with desks(pbx) as room:
        one, _ = [await room.inside(member) for member in queue.agents]
        customer = (await room.outside(number)).calls(queue.number)
        ringing = await one.rings()
        joined = await news(pbx, "QueueCallerJoin", Queue=queue.name)
        await pbx.tap.ask(Action="QueueWithdrawCaller", Queue=queue.name, Caller=joined["Channel"])
        await ringing.over()
        await customer.over()
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def autopaused(pbx: Pbx) -> Cast:
    """A member that lets it ring is paused, and the next one answers."""
    number, queue = "+442071230165", pbx.queue(Kind.PAUSING)
    async with desks(pbx) as room:
        one, two = [await room.inside(member) for member in queue.agents]
        customer = (await room.outside(number)).calls(queue.number)
        ringing = await one.rings()
        await ringing.over()
        at_two = await two.answers()
        await talk()
        await at_two.hang_up()
        await customer.over()
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)
