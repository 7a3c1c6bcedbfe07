"""That what is to be done changed is told to those who may work on it."""


async def test_whoever_has_a_screen_open_is_told_to_look_at_the_day_again(stage):
    await stage.start()
    await stage.bridge.day_changed()  # nobody looks: nothing is kept for later
    agents = [await stage.screen(extension) for extension in ("101", "102")]
    await stage.bridge.day_changed()
    for agent in agents:
        assert await agent.hear("day.changed") == {}
