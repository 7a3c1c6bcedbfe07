"""Who gets into the API, and the document that describes it."""

import pytest
from openapi_pydantic import OpenAPI

API = "/api/v1"


async def test_without_a_token_nobody_gets_in(stranger) -> None:
    response = await stranger.client.get(f"{API}/customers")
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_cookie_does_not_open_the_api(sign_in) -> None:
    browser = await sign_in("administrator")
    assert (await browser.client.get(f"{API}/customers")).status == 401
    assert (await browser.post(f"{API}/customers")).status == 401


async def test_a_wrong_token_is_refused(stranger) -> None:
    headers = {"Authorization": "Bearer rb_wrong"}
    assert (await stranger.client.get(f"{API}/customers", headers=headers)).status == 401


async def test_a_token_does_only_what_its_scopes_say(program) -> None:
    client = await program("administrator", "read")
    assert (await client.get(f"{API}/customers")).status == 200
    response = await client.post(f"{API}/customers", json={"name": "A"})
    assert response.status == 403
    assert "write" in (await response.json())["detail"]


@pytest.mark.parametrize("path", ["customers/nonsense", f"customers/{'0' * 32}", "calls/1"])
async def test_what_is_not_there_is_not_found(program, path: str) -> None:
    client = await program()
    response = await client.get(f"{API}/{path}")
    assert response.status == 404
    assert response.content_type == "application/problem+json"


async def test_a_body_must_be_json_of_modest_size(program) -> None:
    client = await program()
    form = await client.post(f"{API}/customers", data={"name": "A"})
    assert form.status == 415
    headers = {"Content-Type": "application/json"}
    broken = await client.post(f"{API}/customers", data=b"{", headers=headers)
    assert broken.status == 400
    large = await client.post(f"{API}/customers", data=b" " * 300_000, headers=headers)
    assert large.status == 413


async def test_the_document_is_openapi_3_1_and_names_every_route(stranger, app) -> None:
    response = await stranger.client.get(f"{API}/openapi.json")
    document = await response.json()
    assert document["openapi"] == "3.1.0"
    OpenAPI.model_validate(document)
    described = {
        (method.upper(), f"{API}{path}")
        for path, item in document["paths"].items()
        for method in item
        if method in {"get", "post", "patch", "delete", "put"}
    }
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource.canonical.startswith(API) and route.method != "HEAD"
    }
    assert described == served - {("GET", f"{API}/openapi.json")}
