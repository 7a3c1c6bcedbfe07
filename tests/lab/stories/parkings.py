"""Customers who wait in a parking space."""

from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import Cast, conversation, news, story, talk


@story
async def parked_and_retrieved(pbx: Pbx) -> Cast:
    """An agent parks a customer, and a colleague takes them out."""
    number, agent, colleague = "+442071230131", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        desk = await room.inside(colleague)
        await first.at_agent.press("#1700")
        parked = await news(pbx, "ParkedCall", ParkeeCallerIDNum=number)
        await first.at_agent.over()
        await talk()
        taken = desk.calls(parked["ParkingSpace"])
        await taken.answered()
        await talk()
        await first.customer.hang_up()
        await taken.over()
    return Cast(number=number, dialled=agent, agents=(agent, colleague))


@story
async def parked_and_given_up(pbx: Pbx) -> Cast:
    """An agent parks a customer by the phone's own transfer; the customer hangs up there."""
    number, agent = "+442071230132", pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        await first.at_agent.refer(first.phone.address("700"))
        await news(pbx, "ParkedCall", ParkeeCallerIDNum=number)
        await talk()
        await first.customer.hang_up()
        await first.at_agent.over()
    return Cast(number=number, dialled=agent, agents=(agent,))


@story
async def parked_and_come_back(pbx: Pbx) -> Cast:
    """Nobody takes a parked customer out, and the agent's phone rings again."""
    number, agent = "+442071230133", pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        await first.at_agent.press("#1750")
        await first.at_agent.over()
        again = await first.phone.answers()
        await talk()
        await again.hang_up()
        await first.customer.over()
    return Cast(number=number, dialled=agent, agents=(agent,))
