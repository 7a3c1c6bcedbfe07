"""One way to write an endpoint: its address, what it takes and gives, and who may use it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import orjson
from aiohttp import hdrs, web
from pydantic import BaseModel, ValidationError

from storage.rules.permissions import Permission
from web.auth import public, requires
from web.keys import VISITOR, Visitor

BODY_LIMIT = 256 * 1024  # bytes of one JSON body


class Problem(BaseModel):
    """Why not, after RFC 9457."""

    status: int
    title: str
    detail: str
    errors: list[dict[str, Any]] | None = None  # the fields that are wrong, each with a sentence


@dataclass(frozen=True, slots=True)
class Ask:
    """A request whose parts have been checked; `query` and `body` are of the declared models."""

    request: web.Request
    visitor: Visitor
    query: Any
    body: Any

    def key(self, name: str = "id") -> UUID:
        """The id in the path; one that is no UUID is not found."""
        try:
            return UUID(self.request.match_info[name])
        except ValueError:
            raise web.HTTPNotFound(text="there is nothing with this id") from None


Endpoint = Callable[[Ask], Awaitable[BaseModel | web.StreamResponse | None]]
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the OpenAPI document says of an endpoint."""

    method: str
    path: str  # beneath /api/v1
    name: str
    summary: str
    scope: str  # that the token must have: read, write, recordings, dial, pause or supervise
    permission: Permission
    handler: Page
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None  # None: no body, or audio
    status: int = HTTPStatus.OK
    media_type: str = "application/json"


def operation(
    method: str,
    path: str,
    *,
    name: str,
    scope: str,
    permission: Permission,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    gives: type[BaseModel] | None = None,
    status: int = HTTPStatus.OK,
    media_type: str = "application/json",
) -> Callable[[Endpoint], Operation]:
    """Declare the function below as an endpoint; its docstring becomes its description."""

    def declare(endpoint: Endpoint) -> Operation:
        @requires(permission, scope=scope)
        async def handler(request: web.Request) -> web.StreamResponse:
            visitor = _program(request, scope)
            asked = Ask(request, visitor, _query(request, query), await _body(request, body))
            given = await endpoint(asked)
            if isinstance(given, web.StreamResponse):
                return given
            return answer(given, status)

        return Operation(
            method=method, path=path, name=name, summary=(endpoint.__doc__ or "").strip(),
            scope=scope, permission=permission, handler=handler, query=query, body=body,
            gives=gives, status=status, media_type=media_type,
        )  # fmt: skip

    return declare


def open_route(path: str, handler: Page, name: str) -> web.RouteDef:
    """A route of the API that needs no token."""
    return web.get(f"/api/v1{path}", public(handler), name=name)


def routes_of(operations: list[Operation]) -> list[web.RouteDef]:
    """The aiohttp routes of the endpoints."""
    return [web.route(o.method, f"/api/v1{o.path}", o.handler, name=o.name) for o in operations]


def answer(given: BaseModel | None, status: int) -> web.Response:
    """Write a model as JSON."""
    if given is None:
        return web.Response(status=HTTPStatus.NO_CONTENT)
    body = orjson.dumps(given.model_dump(mode="json"))
    return web.Response(body=body, status=status, content_type="application/json")


def problem(status: int, detail: str, errors: list[dict[str, Any]] | None = None) -> web.Response:
    """Answer with what is wrong."""
    told = Problem(
        status=int(status), title=HTTPStatus(status).phrase, detail=detail, errors=errors
    )
    return web.Response(
        body=orjson.dumps(told.model_dump(mode="json", exclude_none=True)),
        status=status,
        content_type="application/problem+json",
    )


class Invalid(web.HTTPUnprocessableEntity):
    """What was sent does not fit; carries every error at once."""


def _program(request: web.Request, scope: str) -> Visitor:
    """Only a token opens the API: a cookie would make every other site's page a client of it."""
    visitor = request[VISITOR]
    if visitor.token_id is None:
        raise web.HTTPUnauthorized(
            text="a token is needed: Authorization: Bearer …",
            headers={hdrs.WWW_AUTHENTICATE: "Bearer"},
        )
    if scope not in visitor.scopes:
        raise web.HTTPForbidden(text=f"this token lacks the scope {scope}")
    return visitor


def _query(request: web.Request, model: type[BaseModel] | None) -> BaseModel | None:
    if model is None:
        return None
    return _checked(model, dict(request.query), "query")


async def _body(request: web.Request, model: type[BaseModel] | None) -> BaseModel | None:
    if model is None:
        return None
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send application/json")
    if (request.content_length or 0) > BODY_LIMIT:
        raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, request.content_length or 0)
    raw = await request.content.read(BODY_LIMIT + 1)
    if len(raw) > BODY_LIMIT:
        raise web.HTTPRequestEntityTooLarge(BODY_LIMIT, len(raw))
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise web.HTTPBadRequest(text="the body is no JSON") from None
    return _checked(model, data, "body")


def _checked(model: type[BaseModel], data: Mapping[str, Any], where: str) -> BaseModel:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        errors = [
            {"where": where, "field": ".".join(map(str, e["loc"])), "message": e["msg"]}
            for e in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        text = problem(HTTPStatus.UNPROCESSABLE_ENTITY, "some fields are wrong", errors).text
        raise Invalid(text=text, content_type="application/problem+json") from None
