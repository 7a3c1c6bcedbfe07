"""The last step back of a PBX's clock is kept, one for each PBX."""

import storage.clock_steps
from fixtures.calls import NOW, after, set_stage


async def test_the_last_step_counts(database) -> None:
    stage = await set_stage(database)
    async with database.reading() as session:
        assert await storage.clock_steps.of(session, stage.pbx) is None
    for seconds, at in ((40.0, NOW), (3600.0, after(60))):
        async with database.writing() as session:
            await storage.clock_steps.note(session, stage.pbx, seconds=seconds, at=at)
    async with database.reading() as session:
        step = await storage.clock_steps.of(session, stage.pbx)
    assert (step.seconds, step.noticed_at) == (3600.0, after(60))
