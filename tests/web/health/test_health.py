"""What load balancers and Prometheus are told."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import SecretStr

from web import keys
from web.keys import PbxLink

SINCE = datetime(2026, 11, 22, 9, tzinfo=UTC)
DOWN = PbxLink(pbx_id=UUID(int=1), pbx="main", status="down", since=SINCE, why="no route")


async def test_a_process_that_answers_is_alive(stranger) -> None:
    response = await stranger.client.get("/healthz")
    assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_ready_names_each_part_and_a_link_that_is_down_stops_no_page(stranger, pops) -> None:
    pops.states = (DOWN,)
    response = await stranger.client.get("/readyz")
    assert response.status == 200
    parts = (await response.json())["parts"]
    assert parts == {"database": "ok", "pbx main": "down: no route"}


async def test_ready_names_the_rights_that_an_account_lacks(stranger, pops) -> None:
    lacks = ("read:agent", "write:originate")
    pops.states = (
        PbxLink(pbx_id=UUID(int=1), pbx="main", status="connected", since=SINCE, lacks=lacks),
    )
    parts = (await (await stranger.client.get("/readyz")).json())["parts"]
    assert (
        parts["pbx main"] == "connected: limited: its account may not read agent nor use originate"
    )


async def test_a_database_that_is_gone_is_named(stranger, app, monkeypatch) -> None:
    async def gone(_: object) -> None:
        raise OSError

    monkeypatch.setattr("storage.startup.reach", gone)
    response = await stranger.client.get("/readyz")
    assert response.status == 503
    assert (await response.json())["parts"]["database"] == "down: OSError"


async def test_metrics_count_the_answers_by_route(stranger) -> None:
    await stranger.client.get("/healthz")
    text = await stranger.get("/metrics")
    assert 'ringbook_http_requests_total{route="health.alive",status="200"}' in text


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_metrics_ask_for_their_token_where_one_is_set(stranger, app, headers) -> None:
    settings = app[keys.SETTINGS]
    object.__setattr__(settings, "metrics_token", SecretStr("right"))
    refused = await stranger.client.get("/metrics", headers=headers)
    assert refused.status == 403
    allowed = await stranger.client.get("/metrics", headers={"Authorization": "Bearer right"})
    assert allowed.status == 200


async def test_metrics_are_not_for_who_comes_through_a_proxy(stranger) -> None:
    response = await stranger.client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert response.status == 403
