"""Ports are given to one asker at a time, also when all were given before."""

import itertools

import pytest

from lab import ports


def test_ports_that_are_given_again_differ_from_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_given", {})
    monkeypatch.setattr(ports, "_claimed", dict(ports._claimed))
    first = ports.free_ports(1)[0]
    monkeypatch.setattr(ports, "_claim", lambda _: False)  # the others hold the rest
    block = next(block for block in ports._claimed if block[0] <= first < block[1])
    size = block[1] - block[0]
    ports.free_ports(size - 20)  # some may be taken by others
    again = ports.free_ports(size // 2)
    assert len(set(again)) == len(again)


def test_two_asterisks_of_a_process_never_share_a_range_for_sound(monkeypatch) -> None:
    monkeypatch.setattr(ports, "_sounds", dict(ports._sounds))
    ranges = [ports.pbx_sound() for _ in range(7)]
    assert all(one != two for one, two in itertools.pairwise(ranges))
    assert len(set(ranges)) == ports._MOST_SOUNDS
