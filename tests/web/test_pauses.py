"""The interpreter's pauses are kept short while Ringbook serves, and are as before after it."""

import asyncio
import gc
import sys

from web import pauses


async def test_pauses_are_kept_short_and_put_back():
    before = sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()
    async with pauses.kept_short():
        assert sys.getswitchinterval() < before[0]
        assert gc.get_threshold()[2] > before[1][2]
        assert gc.get_freeze_count() > before[2]
    assert (sys.getswitchinterval(), gc.get_threshold()) == before[:2]
    assert gc.get_freeze_count() == 0


async def test_what_comes_later_is_looked_through_all_the_same(monkeypatch):
    monkeypatch.setattr(pauses, "COLLECT_SECONDS", 0.0)
    collected = []

    def note(phase: str, info: dict[str, int]) -> None:
        if info["generation"] == 2:
            collected.append(phase)

    async with pauses.kept_short():
        gc.callbacks.append(note)
        for _ in range(1000):
            if collected:
                break
            await asyncio.sleep(0.001)
        gc.callbacks.remove(note)
    assert collected
