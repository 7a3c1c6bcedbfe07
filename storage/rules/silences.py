"""Silences of a recording: where nobody spoke though it was recorded; pure."""

from collections.abc import Iterable, Sequence

from storage.rules.withheld import Window, merged

SHORTEST = 5.0  # seconds: shorter ones are breath
MOST = 50  # of one recording, the longest
EDGE = 0.5  # seconds by which a pause may show in the sound before or after it is told


def kept(found: Iterable[Window]) -> tuple[Window, ...]:
    """Return those that are worth keeping, in order."""
    long = [one for one in found if one.ends - one.begins >= SHORTEST]
    longest = sorted(long, key=lambda one: one.begins - one.ends)[:MOST]
    return tuple(sorted(longest))


def spoken_of(silences: Iterable[Window], pauses: Sequence[Window]) -> tuple[Window, ...]:
    """Return the silences without the times in which the recording was paused."""
    cuts = merged(Window(one.begins - EDGE, one.ends + EDGE) for one in pauses)
    rest: list[Window] = []
    for silence in silences:
        begins = silence.begins
        for cut in cuts:
            if cut.ends <= begins or cut.begins >= silence.ends:
                continue
            rest.append(Window(begins, cut.begins))
            begins = cut.ends
        rest.append(Window(begins, silence.ends))
    return tuple(one for one in rest if one.ends - one.begins >= SHORTEST)


def longest(silences: Iterable[Window]) -> Window | None:
    """Return the longest, the first of two; None where there is none."""
    return max(silences, key=lambda one: (one.ends - one.begins, -one.begins), default=None)
