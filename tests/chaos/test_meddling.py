"""What the proxy does to whole messages, and that the same seed does the same."""

import asyncio

import pytest

from chaos.faults import NONE, Faults
from chaos.peers import SECONDS, connected, event, numbers, until


@pytest.mark.parametrize(("fault", "did"), [("drop", "dropped"), ("duplicate", "duplicated")])
async def test_a_tenth_of_the_events_is_dropped_or_duplicated_and_nothing_else(fault, did):
    async with connected(seed=11) as (server, proxy, client):
        proxy.down.faults = Faults(**{fault: 0.1})
        answer = b"Response: Success\r\nActionID: 7\r\n\r\n"
        server.say(b"".join(event(n) + answer for n in range(2000)) + event(9999) * 30)
        await until(lambda: 9999 in numbers(client.heard))
        came = numbers(client.heard.partition(b"E9999")[0])
        assert 140 < proxy.down.did[did] < 260
        if fault == "drop":
            assert 1740 < len(came) < 1860
            assert came == sorted(set(came))
        else:
            assert set(came) == set(range(2000))
            assert came == sorted(came)
            assert 2140 < len(came) < 2260
        assert client.heard.count(answer) == 2000


async def test_swapped_events_are_neighbours_and_none_is_lost():
    async with connected(seed=11) as (server, proxy, client):
        proxy.down.faults = Faults(swap=0.2)
        server.say(b"".join(map(event, range(1000))))
        await until(lambda: len(numbers(client.heard)) == 1000)
        came = numbers(client.heard)
        assert sorted(came) == list(range(1000))
        moved = [abs(place - number) for place, number in enumerate(came)]
        assert max(moved) == 1
        assert sum(moved) == 2 * proxy.down.did["swapped"] > 200


async def test_an_event_that_waits_for_a_neighbour_in_vain_comes_all_the_same():
    async with connected(seed=1) as (server, proxy, client):
        proxy.down.faults = Faults(swap=1.0, within=0.05)
        server.say(event(1))
        await until(lambda: numbers(client.heard) == [1])
        assert proxy.down.did["swapped"] == 0


async def test_the_same_seed_does_the_same_however_the_bytes_arrive():
    faults = Faults(drop=0.1, duplicate=0.1, swap=0.1, pieces=(3, 50), within=SECONDS)
    stream = b"".join(map(event, range(300)))
    heard = []
    for step in (len(stream), 997, 61):
        async with connected(seed=42) as (server, proxy, client):
            proxy.down.faults = faults
            for at in range(0, len(stream), step):
                server.say(stream[at : at + step])
                await asyncio.sleep(0)
            proxy.down.faults = faults
            server.say(b"Event: Z\r\n\r\n" * 2)
            await until(lambda client=client: client.heard.count(b"Event: Z") >= 1)
            heard.append(client.heard.partition(b"Event: Z")[0])
    assert heard[0] == heard[1] == heard[2]
    assert numbers(heard[0]) != list(range(300))


async def test_a_message_that_has_begun_to_pass_is_left_in_peace():
    async with connected(seed=1) as (server, proxy, client):
        server.say(event(1)[:-1])
        await until(lambda: client.heard.endswith(b"\r\n\r"))
        proxy.down.faults = Faults(drop=1.0, only=bool)
        server.say(b"\n" + event(2))
        await until(lambda: proxy.down.did["dropped"])
        proxy.down.faults = NONE
        server.say(event(3))
        await until(lambda: 3 in numbers(client.heard))
        assert numbers(client.heard) == [1, 3]
