"""Transfers without a consultation: by the PBX's keys, by the phone's REFER."""

from lab import sipp
from lab.layout import Kind
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import Cast, conversation, story, talk


@story
async def blind_by_keys(pbx: Pbx) -> Cast:
    """A customer is sent from one agent to another, who talks until the customer hangs up."""
    number, agent, colleague = "+442071230101", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent, name="Zoë O'Brien")
        desk = await room.inside(colleague)
        await first.at_agent.press(f"#1{colleague}")
        at_colleague = await desk.answers()
        await talk()
        await first.customer.hang_up()
        await at_colleague.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def blind_by_refer(pbx: Pbx) -> Cast:
    """As by keys, by the phone itself; the colleague hangs up."""
    number, agent, colleague = "+442071230102", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.refer(desk.address(colleague))
        at_colleague = await desk.answers()
        await talk()
        await at_colleague.hang_up()
        await first.customer.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def blind_into_a_queue(pbx: Pbx) -> Cast:
    """An agent sends a customer into a queue, one of whose members answers."""
    number, agent, queue = "+442071230103", pbx.agent(), pbx.queue(Kind.RINGALL)
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        one, two = [await room.inside(member) for member in queue.agents]
        await first.at_agent.press(f"#1{queue.number}")
        await one.rings()
        at_two = await two.answers()
        await talk()
        await first.customer.hang_up()
        await at_two.over()
    agents = (agent, *queue.agents)
    return Cast(number=number, dialled=agent, agents=agents, queue=queue.name)


@story
async def blind_to_nobody(pbx: Pbx) -> Cast:
    """An agent sends a customer to a phone that rings for two seconds, and nobody answers."""
    number, agent, absent = "+442071230104", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(absent)
        await first.at_agent.refer(desk.address(f"31{absent}"))
        await desk.rings()
        await first.customer.over()
    return Cast(number=number, dialled=agent, agents=(agent, absent))


@story
async def blind_and_given_up(pbx: Pbx) -> Cast:
    """An agent sends a customer on, who hangs up while the colleague's phone rings."""
    number, agent, colleague = "+442071230105", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.press(f"#1{colleague}")
        ringing = await desk.rings()
        await talk()
        await first.customer.hang_up()
        await ringing.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def blind_twice(pbx: Pbx) -> Cast:
    """A queue's agent sends a customer on, and the colleague sends them on again."""
    number, queue = "+442071230106", pbx.queue(Kind.HUNTING)
    first, colleague, third = queue.agents[0], pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        begun = await conversation(room, number, first, dial=queue.number)
        second_desk, third_desk = await room.inside(colleague), await room.inside(third)
        await begun.at_agent.press(f"#1{colleague}")
        at_colleague = await second_desk.answers()
        await talk()
        await at_colleague.refer(third_desk.address(third))
        at_third = await third_desk.answers()
        await talk()
        await at_third.hang_up()
        await begun.customer.over()
    agents = (*queue.agents, colleague, third)
    return Cast(number=number, dialled=queue.number, agents=agents, queue=queue.name)


@story
async def blind_by_refer_of_sipp(pbx: Pbx) -> Cast:
    """As by the phone's REFER, with sound and all parts played by SIPp."""
    number, agent, colleague = "+442071230107", pbx.agent(), pbx.agent()
    async with (
        sipp.phone(pbx, colleague, answers_after=0.5),
        sipp.phone_that_transfers(pbx, agent, to=colleague),
    ):
        await sipp.caller(pbx, number=number, dial=agent, hang_up_after=4)
    return Cast(number=number, dialled=agent, agents=(agent, colleague))
