"""Ports are given to one asker at a time, also when all were given before."""

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
