"""Conferences, listeners and voicemail."""

from lab.pbx import Pbx
from lab.softphones import desks
from lab.stories.casts import Cast, channel, conversation, news, only_on, story, talk
from lab.voices import Voice


@story
async def conference(pbx: Pbx) -> Cast:
    """A customer and two agents dial into a conference, and leave it one by one."""
    number, agents = "+442071230151", (pbx.agent(), pbx.agent())
    async with desks(pbx) as room:
        customer = (await room.outside(number)).calls("801")
        await news(pbx, "ConfbridgeJoin", CallerIDNum=number)
        inside = []
        for agent in agents:
            inside.append((await room.inside(agent)).calls("801"))
            await news(pbx, "ConfbridgeJoin", CallerIDNum=agent)
            await talk()
        await inside[0].hang_up()
        await talk()
        await customer.hang_up()
        await inside[1].hang_up()
    return Cast(number=number, dialled="801", agents=agents)


@story
async def listened_to(pbx: Pbx) -> Cast:
    """A supervisor listens to a conversation for a while."""
    number, agent, supervisor = "+442071230152", pbx.agent(), pbx.agent()
    async with desks(pbx) as room:
        first = await conversation(room, number, agent)
        listening = (await room.inside(supervisor)).calls(f"*22{agent}")
        await listening.answered()
        await talk()
        await listening.hang_up()
        await talk()
        await first.end()
    return Cast(number=number, dialled=agent, agents=(agent, supervisor))


@story
async def supervised(pbx: Pbx) -> Cast:
    """As from the page: a supervisor's phone is rung, and both sides hear who lifts it."""
    number, agent, supervisor = "+442071230154", pbx.agent(), pbx.agent()
    listener = f"ringbook-listen-{supervisor}"
    async with desks(pbx) as room:
        desk, phone = await room.inside(supervisor), await room.inside(agent)
        outside = await room.outside(number)
        voice, own = await Voice(600).plug_in(outside), await Voice(1300).plug_in(desk)
        voice_of_agent = await Voice(900).plug_in(phone)
        customer = outside.calls(agent)
        at_agent = await phone.answers()
        await customer.answered()
        voice.speak_to(customer.described)
        voice_of_agent.speak_to(at_agent.described)
        await talk()
        await talk()  # CDR tells whole seconds
        heard = f"RINGBOOK_LISTEN={await channel(pbx, f'PJSIP/{agent}')}"
        await pbx.tap.ask(
            Action="Originate", Channel=f"PJSIP/{supervisor}", Context="ringbook-listen",
            Exten="barge", Priority="1", Async="true", CallerID=f"<{agent}>", ChannelId=listener,
            Variable=heard,
        )  # fmt: skip
        joining = await desk.answers()
        own.speak_to(joining.described)
        await voice.hears(1300)
        await customer.hang_up()
        await at_agent.over()
        await joining.over()
    return Cast(number=number, dialled=agent, agents=(agent, supervisor))


# Debian 11 packs the voicemail of its 16 apart, as asterisk-voicemail, and its archive answers 404
# for that file (tried on 2026-11-25): the folder of 16 has no app_voicemail.
@only_on(22)
async def voicemail_left(pbx: Pbx) -> Cast:
    """The agent's phone rings for three seconds, then the customer leaves a message."""
    number, agent = "+442071230153", pbx.agent()
    dialled = f"6{agent[1:]}"
    async with desks(pbx) as room:
        desk = await room.inside(agent)
        customer = (await room.outside(number)).calls(dialled)
        ringing = await desk.rings()
        await ringing.over()
        await customer.answered()
        await talk()
        await talk()
        await customer.hang_up()
    return Cast(number=number, dialled=dialled, agents=(agent,))
