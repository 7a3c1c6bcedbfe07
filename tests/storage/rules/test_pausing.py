"""When a pause of a recording ends although nobody asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.rules.pausing import Ending, Paused, ending, until

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ANN, BEN = frozenset({"101"}), frozenset({"102"})
NOBODY = frozenset[str]()
PAUSED = Paused(since=NOON, limit=timedelta(minutes=3), in_step=False, then=ANN, still=ANN)


@pytest.mark.parametrize(
    ("changes", "seconds", "ends"),
    [
        pytest.param({}, 179, None, id="it lasts"),
        pytest.param({}, 180, Ending.LIMIT, id="forgotten"),
        pytest.param({"in_step": True}, 3600, None, id="a step asks for card data"),
        pytest.param({"still": ANN | BEN}, 10, None, id="a colleague comes in"),
        pytest.param({"still": NOBODY}, 10, None, id="on hold, or nobody has answered yet"),
        pytest.param({"still": BEN}, 10, Ending.TRANSFER, id="a colleague has taken over"),
        pytest.param({"still": BEN, "in_step": True}, 10, None, id="taken over inside a step"),
        pytest.param({"then": NOBODY, "still": BEN}, 10, None, id="who talked then is not known"),
        pytest.param({"then": NOBODY, "still": BEN}, 200, Ending.LIMIT, id="but the time is"),
    ],
)
def test_a_pause_ends(changes: dict[str, object], seconds: int, ends: Ending | None) -> None:
    paused = replace(PAUSED, **changes)
    assert ending(paused, NOON + timedelta(seconds=seconds)) is ends


def test_the_end_is_known_unless_a_step_holds_it() -> None:
    assert until(PAUSED) == NOON + timedelta(minutes=3)
    assert until(replace(PAUSED, in_step=True)) is None
