"""The proxy does what it says, and nothing when it is told nothing."""

import asyncio
import random
import socket
import struct

import pytest

from chaos.faults import Faults
from chaos.peers import GREETING, Client, connected, event, numbers, until
from chaos.proxy import Proxy


async def test_an_idle_proxy_passes_every_byte_on_both_ways():
    noise = random.Random(3).randbytes(3_000_000)
    async with connected() as (server, proxy, client):
        server.say(noise)
        client.transport.write(noise[::-1])
        await until(lambda: len(client.heard) >= len(GREETING + noise))
        await until(lambda: len(server.clients[0].heard) >= len(noise))
        assert client.heard == GREETING + noise
        assert server.clients[0].heard == noise[::-1]
        assert set(proxy.down.did) <= {"bytes", "messages"}


async def test_a_message_is_passed_on_before_it_is_whole_while_the_proxy_is_idle():
    async with connected() as (server, proxy, client):
        server.say(b"Event: half of")
        await until(lambda: client.heard.endswith(b"half of"))
        assert not proxy.down.did["dropped"]


async def test_the_end_of_one_side_is_the_end_of_the_other():
    async with connected() as (server, proxy, client):
        server.clients[0].transport.close()
        await until(lambda: client.over)
        assert client.over == "end"
        await until(lambda: not proxy.is_open)


async def test_a_stream_is_cut_into_the_pieces_that_were_asked_for():
    async with connected(seed=5) as (server, proxy, client):
        proxy.down.faults = Faults(pieces=(1,))
        server.say(event(1))
        await until(lambda: numbers(client.heard) == [1])
        assert set(map(len, client.chunks[1:])) == {1}


async def test_bytes_are_lost_on_the_way():
    async with connected(seed=2, framed=False) as (server, proxy, client):
        proxy.down.faults = Faults(lose=0.01)
        server.say(b"x" * 100_000)
        await until(lambda: len(client.heard) + proxy.down.did["lost bytes"] >= 100_000)
        assert 800 < proxy.down.did["lost bytes"] < 1200


async def test_what_is_delayed_comes_later_whole_and_in_order():
    async with connected(seed=2) as (server, proxy, client):
        proxy.down.faults = Faults(delay=(0.2, 0.3))
        begun = asyncio.get_running_loop().time()
        server.say(b"".join(map(event, range(50))))
        await until(lambda: len(numbers(client.heard)) == 50)
        assert asyncio.get_running_loop().time() - begun >= 0.2
        assert numbers(client.heard) == list(range(50))


async def test_a_stall_lets_neither_data_nor_end_nor_reset_through_until_it_is_over():
    async with connected() as (server, proxy, client):
        proxy.stall()
        server.say(event(1))
        client.transport.write(b"Action: Ping\r\n\r\n")
        await asyncio.sleep(0.1)
        server.clients[0].transport.abort()
        await asyncio.sleep(0.1)
        assert client.heard == GREETING
        assert client.over is None
        assert server.clients[0].heard == b""
        proxy.resume()
        await until(lambda: client.over)
        assert numbers(client.heard) == [1]


@pytest.mark.parametrize("hard", [False, True], ids=["end", "reset"])
async def test_a_side_that_goes_during_a_stall_is_not_missed_until_it_is_over(hard):
    async with connected() as (server, proxy, client):
        proxy.stall()
        gone = server.clients[0].transport
        if hard:
            linger = struct.pack("ii", 1, 0)
            gone.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        gone.close()
        await asyncio.sleep(0.1)
        assert client.over is None
        proxy.resume()
        await until(lambda: client.over)
        assert numbers(client.heard) == []


async def test_what_is_on_its_way_when_a_stall_begins_waits_too():
    async with connected() as (server, proxy, client):
        proxy.down.faults = Faults(delay=(0.2, 0.2))
        server.say(event(1))
        await until(lambda: proxy.down.did["messages"] == 2)
        proxy.stall()
        await asyncio.sleep(0.3)
        assert client.heard == GREETING
        proxy.resume()
        await until(lambda: numbers(client.heard) == [1])
        assert client.over is None


async def test_a_stalled_connection_goes_on_with_what_waited():
    async with connected() as (server, proxy, client):
        proxy.stall()
        client.transport.write(b"Action: Ping\r\n\r\n")
        for number in range(200):
            server.say(event(number))
        proxy.resume()
        await until(lambda: len(numbers(client.heard)) == 200)
        await until(lambda: server.clients[0].heard == b"Action: Ping\r\n\r\n")
        assert client.over is None


@pytest.mark.parametrize(("how", "over"), [("cut", "reset"), ("end", "end")])
async def test_a_cut_is_a_reset_and_an_end_is_an_end_on_both_sides(how, over):
    async with connected() as (server, proxy, client):
        getattr(proxy, how)()
        await until(lambda: client.over and server.clients[0].over)
        assert {client.over, server.clients[0].over} == {over}
        await until(lambda: not proxy.is_open)


@pytest.mark.parametrize("count", [1, 30, 31, 55])
async def test_a_connection_is_cut_after_exactly_so_many_bytes(count):
    async with connected() as (server, proxy, client):
        proxy.down.cut_after(count)
        server.say(event(1) * 4)
        await until(lambda: client.over)
        assert client.heard == GREETING + (event(1) * 4)[:count]
        _, again = await asyncio.get_running_loop().create_connection(
            Client, proxy.host, proxy.port
        )
        await until(lambda: again.heard == GREETING)  # it happens once
        again.transport.abort()


async def test_what_is_injected_stands_between_messages():
    async with connected() as (server, proxy, client):
        proxy.down.inject(event(7))
        await until(lambda: numbers(client.heard) == [7])
        server.say(event(1)[:10])
        await until(lambda: client.heard.endswith(event(1)[:10]))
        proxy.down.inject(event(8))
        server.say(event(1)[10:] + event(2))
        await until(lambda: len(numbers(client.heard)) == 4)
        assert numbers(client.heard) == [7, 1, 8, 2]


async def test_a_server_that_is_not_there_is_a_reset():
    async with Proxy(1) as proxy:
        _, client = await asyncio.get_running_loop().create_connection(
            Client, proxy.host, proxy.port
        )
        await until(lambda: client.over == "reset")
        assert not proxy.is_open


async def test_a_proxy_that_takes_nobody_resets_whoever_comes():
    async with connected() as (server, proxy, _):
        proxy.accepts = False
        _, other = await asyncio.get_running_loop().create_connection(
            Client, proxy.host, proxy.port
        )
        await until(lambda: other.over == "reset")
        assert len(server.clients) == 1


async def test_a_failing_test_is_told_the_seed():
    with pytest.raises(ValueError, match="any") as caught:
        async with Proxy(1, seed=77):
            raise ValueError("any")
    assert "seed 77" in caught.value.__notes__[0]
