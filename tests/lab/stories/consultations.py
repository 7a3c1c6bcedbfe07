"""Transfers after a consultation, finished or not."""

from lab.layout import Kind
from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import Cast, channel, conversation, story, talk


@story
async def attended_by_keys(pbx: Pbx) -> Cast:
    """An agent asks a colleague first and hangs up, so that customer and colleague talk."""
    number, agent, colleague = "+442071230111", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.press(f"*2{colleague}")
        at_colleague = await desk.answers()
        await talk()
        await first.at_agent.hang_up()
        await talk()
        await first.customer.hang_up()
        await at_colleague.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def attended_by_refer(pbx: Pbx) -> Cast:
    """The phone holds, calls the colleague on another line, and joins both lines."""
    number, agent, colleague = "+442071230112", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.hold()
        consultation = first.phone.calls(colleague)
        at_colleague = await desk.answers()
        await consultation.answered()
        await talk()
        await first.at_agent.refer(desk.address(colleague), instead_of=consultation)
        await first.at_agent.over()
        await consultation.over()
        await talk()
        await at_colleague.hang_up()
        await first.customer.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def attended_by_manager(pbx: Pbx) -> Cast:
    """Ringbook transfers for the agent of a queue, by the manager interface."""
    number, queue, colleague = "+442071230113", pbx.queue(Kind.HUNTING), pbx.agent()
    agent = queue.agents[0]
    async with desks(pbx) as room:
        first = await conversation(room, number, agent, dial=queue.number)
        desk = await room.inside(colleague)
        await pbx.tap.ask(
            Action="Atxfer",
            Channel=await channel(pbx, f"PJSIP/{agent}"),
            Exten=colleague,
            Context="from-agents",
        )
        at_colleague = await desk.answers()
        await talk()
        await first.at_agent.hang_up()
        await talk()
        await first.customer.hang_up()
        await at_colleague.over()
    agents = (*queue.agents, colleague)
    return Cast(number=number, dialled=queue.number, agents=agents, queue=queue.name)


@story
async def blonde_by_keys(pbx: Pbx) -> Cast:
    """The agent hangs up while the colleague's phone still rings; the colleague answers."""
    number, agent, colleague = "+442071230114", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.press(f"*2{colleague}")
        ringing = await desk.rings()
        await talk()
        await first.at_agent.hang_up()
        await talk()
        await ringing.answer()
        await talk()
        await first.customer.hang_up()
        await ringing.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def blonde_by_refer(pbx: Pbx) -> Cast:
    """The phone joins its two lines while the second still rings; the colleague answers."""
    number, agent, colleague = "+442071230115", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.hold()
        consultation = first.phone.calls(colleague)
        ringing = await desk.rings()
        await talk()
        await first.at_agent.refer(desk.address(colleague), instead_of=consultation)
        await first.at_agent.over()
        await talk()
        await ringing.answer()
        await talk()
        await ringing.hang_up()
        await first.customer.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def consultation_aborted(pbx: Pbx) -> Cast:
    """The agent asks a colleague, lets go of them, and goes on with the customer."""
    number, agent, colleague = "+442071230116", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.press(f"*2{colleague}")
        at_colleague = await desk.answers()
        await talk()
        await first.at_agent.press("*1")
        await at_colleague.over()
        await talk()
        await first.end()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def consultation_busy(pbx: Pbx) -> Cast:
    """The colleague is busy, and the agent goes on with the customer."""
    number, agent, colleague = "+442071230117", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.press(f"*2{colleague}")
        (await desk.rings()).refuse("486 Busy Here")
        await talk()
        await talk()
        await first.end()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def blonde_and_recalled(pbx: Pbx) -> Cast:
    """The agent hangs up too early, the colleague declines, and the agent's phone rings again."""
    number, agent, absent = "+442071230118", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(absent)
        await first.at_agent.press(f"*2{absent}")
        ringing = await desk.rings()
        await first.at_agent.hang_up()
        await talk()
        ringing.refuse("603 Decline")
        again = await first.phone.rings()
        await talk()
        await again.answer()
        await talk()
        await again.hang_up()
        await first.customer.over()
    return Cast(number=number, dialled=agent, agents=(agent, absent))


@story
async def taken_over_by_replaces(pbx: Pbx) -> Cast:
    """Another phone takes the agent's place in the conversation."""
    number, agent, colleague = "+442071230119", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        instead = desk.calls(agent, instead_of=first.at_agent)
        await instead.answered()
        await first.at_agent.over()
        await talk()
        await first.customer.hang_up()
        await instead.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def three_together(pbx: Pbx) -> Cast:
    """After the consultation all three talk; the agent leaves, then the customer."""
    number, agent, colleague = "+442071230120", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.press(f"*2{colleague}")
        at_colleague = await desk.answers()
        await talk()
        await first.at_agent.press("*3")
        await talk()
        await first.at_agent.hang_up()
        await talk()
        await first.customer.hang_up()
        await at_colleague.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))
