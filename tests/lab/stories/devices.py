"""Phones behind Local channels, twice at one desk, forwarded, on hold, called from outside."""

from lab.layout import Kind, second
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import Cast, story, talk


@story
async def local_members(pbx: Pbx) -> Cast:
    """A queue rings its members through Local channels that stay; the second answers."""
    number, queue = "+442071230141", pbx.queue(Kind.LOCALS)
    async with desks(pbx) as room:
        one, two = [await room.inside(member) for member in queue.agents]
        customer = (await room.outside(number)).calls(queue.number)
        ringing = await one.rings()
        at_two = await two.answers()
        await ringing.over()
        await talk()
        await customer.hang_up()
        await at_two.over()
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def local_members_optimised(pbx: Pbx) -> Cast:
    """A queue rings its members through Local channels that go once somebody has answered."""
    number, queue = "+442071230142", pbx.queue(Kind.OPTIMISED)
    async with desks(pbx) as room:
        one, two = [await room.inside(member) for member in queue.agents]
        customer = (await room.outside(number)).calls(queue.number)
        ringing = await one.rings()
        at_two = await two.answers()
        await ringing.over()
        await talk()
        await talk()
        await at_two.hang_up()
        await customer.over()
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def two_phones_each(pbx: Pbx) -> Cast:
    """Each member of a queue has two phones; one of the four answers."""
    number, queue = "+442071230143", pbx.queue(Kind.TWINS)
    async with desks(pbx) as room:
        desk = [await room.inside(member) for member in queue.agents]
        ports = pbx.ports.phones
        home = [await room.inside(m, port=ports[second(m)]) for m in queue.agents]
        customer = (await room.outside(number)).calls(queue.number)
        rings = [await phone.rings() for phone in (*desk, *home)]
        answered = rings.pop()
        await answered.answer()
        for ringing in rings:
            await ringing.over()
        await talk()
        await customer.hang_up()
        await answered.over()
    return Cast(number=number, dialled=queue.number, agents=queue.agents, queue=queue.name)


@story
async def forwarded_by_the_phone(pbx: Pbx) -> Cast:
    """The agent's phone sends its calls on to a colleague's."""
    number, agent, colleague = "+442071230144", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        desk, other = await room.inside(agent), await room.inside(colleague)
        customer = (await room.outside(number)).calls(agent)
        (await desk.rings()).refuse("302 Moved Temporarily", forward_to=desk.address(colleague))
        at_colleague = await other.answers()
        await customer.answered()
        await talk()
        await customer.hang_up()
        await at_colleague.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def held_and_resumed(pbx: Pbx) -> Cast:
    """Twice the agent leaves the customer with the music on hold, and the second time hangs up."""
    number, agent = "+442071230145", pbx.agent()
    async with desks(pbx) as room:
        desk, outside = await room.inside(agent), await room.outside(number)
        earpiece = await outside.listens()
        customer = outside.calls(agent)
        at_agent = await desk.answers()
        await customer.answered()
        for go_on in (at_agent.unhold, at_agent.hang_up):
            await talk()
            await at_agent.hold()
            await earpiece.hears_music()
            await talk()
            await go_on()
        await customer.over()
    return Cast(number=number, dialled=agent, agents=(agent,))


@story
async def called_back(pbx: Pbx) -> Cast:
    """A callback: the agent's phone rings behind a Local channel, then the customer's."""
    number, agent = "+442071230146", pbx.agent()
    async with desks(pbx) as room:
        desk, outside = await room.inside(agent), await room.reached(number)
        await pbx.tap.ask(
            Action="Originate",
            Channel=f"Local/{agent}@callback",
            Context="from-agents",
            Exten=number,
            Priority="1",
            CallerID=number,
            Async="true",
        )
        at_agent = await desk.answers()
        at_customer = await outside.answers()
        await talk()
        await at_customer.hang_up()
        await at_agent.over()
    return Cast(number=number, dialled=number, agents=(agent,))


@story
async def clicked_and_not_taken(pbx: Pbx) -> Cast:
    """Ringbook rings an agent's phone, who does not answer: no customer is called."""
    number, agent = "+442071230147", pbx.agent()
    async with desks(pbx) as room:
        desk = await room.inside(agent)
        await pbx.tap.ask(
            Action="Originate",
            Channel=f"PJSIP/{agent}",
            Context="from-agents",
            Exten=number,
            Priority="1",
            CallerID=number,
            Timeout="1500",
            Async="true",
        )
        ringing = await desk.rings()
        await ringing.over()
    return Cast(number=number, dialled=number, agents=(agent,))
