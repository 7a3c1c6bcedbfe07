"""The OpenAPI 3.1 document, made from the endpoints' own declarations."""

import re
from http import HTTPStatus
from typing import Any

import openapi_pydantic as spec
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from pydantic import BaseModel

from web.api.operations import Operation, Problem

ABOUT = (
    "Customers, numbers, calls and recordings of one Ringbook. A token "
    "(`ringbook token create --user NAME`) acts as its user, within its scopes. "
    "Times are in UTC, phone numbers in E.164, durations in seconds."
)
FAILURES = {
    HTTPStatus.UNAUTHORIZED: "no valid token",
    HTTPStatus.FORBIDDEN: "the user's role or the token's scopes do not allow it",
}


def document(operations: list[Operation], *, version: str, server: str) -> dict[str, Any]:
    """Return the document as plain data."""
    paths: dict[str, spec.PathItem] = {}
    for operation in operations:
        item = paths.setdefault(operation.path, spec.PathItem())
        setattr(item, operation.method.lower(), _described(operation))
    whole = spec.OpenAPI(
        openapi="3.1.0",
        info=spec.Info(title="Ringbook", version=version, description=ABOUT),
        servers=[spec.Server(url=f"{server}/api/v1")],
        paths=paths,
        security=[{"token": []}],
        components=spec.Components(
            securitySchemes={"token": spec.SecurityScheme(type="http", scheme="bearer")}
        ),
    )
    built = construct_open_api_with_schema_class(whole)
    return built.model_dump(by_alias=True, exclude_none=True, mode="json")


def _described(operation: Operation) -> spec.Operation:
    summary, _, description = operation.summary.partition("\n")
    return spec.Operation(
        operationId=operation.name,
        summary=summary.rstrip("."),
        description=f"{description.strip()}\n\nScope: `{operation.scope}`.".strip(),
        parameters=[*_path_parameters(operation.path), *_query_parameters(operation.query)] or None,
        requestBody=_request_body(operation.body),
        responses=_responses(operation),
    )


def _path_parameters(path: str) -> list[spec.Parameter | spec.Reference]:
    return [
        spec.Parameter.model_validate(
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "string"} | ({} if name == "e164" else {"format": "uuid"}),
            }
        )
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(model: type[BaseModel] | None) -> list[spec.Parameter | spec.Reference]:
    if model is None:
        return []
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    return [
        spec.Parameter.model_validate(
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", []),
                "description": field.get("description"),
                "schema": _inlined(field, definitions),
            }
        )
        for name, field in schema.get("properties", {}).items()
    ]


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Replace references into the model's own definitions: a parameter stands alone."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        return {key: _inlined(value, definitions) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_inlined(value, definitions) for value in schema]
    return schema


def _request_body(model: type[BaseModel] | None) -> spec.RequestBody | None:
    if model is None:
        return None
    schema: PydanticSchema[BaseModel] = PydanticSchema(schema_class=model)
    content = {"application/json": spec.MediaType(media_type_schema=schema)}
    return spec.RequestBody(required=True, content=content)


def _responses(operation: Operation) -> dict[str, spec.Response | spec.Reference]:
    failures = dict(FAILURES)
    if "{" in operation.path:
        failures[HTTPStatus.NOT_FOUND] = "not there, or not for this user to see"
    if operation.body is not None or operation.query is not None or "{e164}" in operation.path:
        failures[HTTPStatus.UNPROCESSABLE_ENTITY] = "what was sent does not fit"
    if operation.body is not None:
        failures[HTTPStatus.BAD_REQUEST] = "the body is no JSON"
        failures[HTTPStatus.UNSUPPORTED_MEDIA_TYPE] = "not application/json"
    if operation.method != "GET":
        failures[HTTPStatus.CONFLICT] = "changed by someone else meanwhile, or taken"
    told = {"application/problem+json": spec.MediaType(
        media_type_schema=PydanticSchema(schema_class=Problem))}  # fmt: skip
    responses: dict[str, spec.Response | spec.Reference] = {
        str(int(status)): spec.Response(description=text, content=told)
        for status, text in failures.items()
    }
    responses[str(int(operation.status))] = _success(operation)
    return responses


def _success(operation: Operation) -> spec.Response:
    if operation.gives is None:
        binary = operation.media_type != "application/json"
        media = {operation.media_type: spec.MediaType()} if binary else None
        return spec.Response(description="done", content=media)
    schema: PydanticSchema[BaseModel] = PydanticSchema(schema_class=operation.gives)
    media = {operation.media_type: spec.MediaType(media_type_schema=schema)}
    return spec.Response(description="as asked", content=media)
