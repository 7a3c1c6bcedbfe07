"""When to try again: slower each time, never in step with others, and rarely after a refusal."""

from collections import deque
from collections.abc import Callable

from pbx_bridge.config import AmiConfig

_LONGEST_EXPONENT = 30


class Retries:
    """Says how long to wait; `chance` gives a number in [0, 1), times are monotonic seconds.

    At most `refused_limit` refused logins fall into any `refused_window`, whatever succeeded in
    between; one object may be shared by all that log in to the same account.
    """

    def __init__(self, config: AmiConfig, chance: Callable[[], float]) -> None:
        self._config = config
        self._chance = chance
        self._tries = 0
        self._refusals: deque[float] = deque(maxlen=config.refused_limit)

    def succeeded(self) -> None:
        """The link stood long enough: begin anew."""
        self._tries = 0

    def refused(self, now: float) -> None:
        """A login was refused at `now`."""
        self._refusals.append(now)

    def barred(self, now: float) -> float:
        """Seconds until a login may be tried without a risk of being banned; 0 is now."""
        if len(self._refusals) < self._config.refused_limit:
            return 0.0
        return max(0.0, self._refusals[0] + self._config.refused_window - now)

    def pause(self, *, refused: bool) -> float:
        """Seconds to wait before the next try; between half of the step and the whole of it."""
        config = self._config
        step = config.retry_first * 2.0 ** min(self._tries, _LONGEST_EXPONENT)
        self._tries += 1
        wait = min(step, config.retry_cap) * (0.5 + self._chance() / 2)
        if refused:
            wait += config.refused_pause
        return wait
