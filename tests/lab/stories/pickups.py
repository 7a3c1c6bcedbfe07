"""A phone takes what rings at another."""

from lab.layout import Kind
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import Cast, story, talk


@story
async def picked_up(pbx: Pbx) -> Cast:
    """A phone rings, and a colleague takes the call by its number."""
    number, agent, colleague = "+442071230121", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        desk, other = await room.inside(agent), await room.inside(colleague)
        customer = (await room.outside(number)).calls(agent)
        ringing = await desk.rings()
        taken = other.calls(f"**{agent}")
        await taken.answered()
        await ringing.over()
        await talk()
        await customer.hang_up()
        await taken.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def picked_up_by_the_group(pbx: Pbx) -> Cast:
    """A phone rings, and a colleague of its group takes whatever rings there."""
    number, (agent, colleague) = "+442071230122", pbx.pair()
    async with desks(pbx) as room:
        desk, other = await room.inside(agent), await room.inside(colleague)
        customer = (await room.outside(number)).calls(agent)
        ringing = await desk.rings()
        taken = other.calls("*8")
        await taken.answered()
        await ringing.over()
        await talk()
        await taken.hang_up()
        await customer.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def picked_up_from_a_queue(pbx: Pbx) -> Cast:
    """Two phones of a queue ring, and somebody who is not of the queue takes the call."""
    number, queue, colleague = "+442071230123", pbx.queue(Kind.RINGALL), pbx.agent()
    async with desks(pbx) as room:
        one, two = [await room.inside(member) for member in queue.agents]
        other = await room.inside(colleague)
        customer = (await room.outside(number)).calls(queue.number)
        rings = [await one.rings(), await two.rings()]
        taken = other.calls(f"**{queue.agents[0]}")
        await taken.answered()
        for ringing in rings:
            await ringing.over()
        await talk()
        await customer.hang_up()
        await taken.over()
    agents = (*queue.agents, colleague)
    return Cast(number=number, dialled=queue.number, agents=agents, queue=queue.name)
