"""A line of the table: what was measured, beside its floor of the same run."""

import platform
import time
from statistics import median

MACHINE = f"{platform.machine()} {platform.system()} Python {platform.python_version()}"


def line(
    name: str,
    n: int,
    value: float,
    unit: str,
    floor: float | None = None,
    *,
    digits: int | None = 3,
) -> dict:
    """One line; `ratio` is the value over its floor, where it has one."""
    return {
        "name": name,
        "n": n,
        "value": round(value, digits),
        "unit": unit,
        "floor": None if floor is None else round(floor, digits),
        "ratio": round(value / floor, 2) if floor else None,
        "machine": MACHINE,
    }


def cpu(work, times: int = 3) -> float:
    """Seconds of this process that `work` takes, of one core; the median of some times."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return median(taken)
