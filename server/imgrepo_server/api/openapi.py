"""The OpenAPI description, generated from the route table and the handlers' annotations."""

import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from imgrepo_server import __version__
from imgrepo_server.api.endpoint import Auth, Route
from imgrepo_server.api.replies.faults import ErrorBody

_REF = "#/components/schemas/{model}"


def describe(routes: Sequence[Route]) -> bytes:
    """The description of a route table, as JSON text."""
    bodies = {model for route in routes for model in _models(route)} | {ErrorBody}
    _, definitions = models_json_schema(
        [(model, "serialization") for model in sorted(bodies, key=lambda model: model.__name__)],
        ref_template=_REF,
    )
    document = {
        "openapi": "3.1.0",
        "info": {"title": "imgrepo", "version": __version__},
        "paths": _paths(routes),
        "components": {
            "schemas": definitions.get("$defs", {}),
            "responses": {"Fault": _content(_ref(ErrorBody), "Something went wrong")},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    return json.dumps(document).encode()


def _models(route: Route) -> list[type[BaseModel]]:
    given = (route.takes("body"), route.returns)
    return [model for model in given if model is not None]


def _paths(routes: Sequence[Route]) -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return paths


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": route.handler.__name__,
        "tags": [route.handler.__module__.rpartition(".")[2]],
        "description": _description(route),
        "parameters": _path_parameters(route) + _query_parameters(route),
        "responses": _responses(route),
        "security": [{"token": []}] if route.auth is Auth.LOGIN else [{}, {"token": []}],
    }
    body = route.takes("body")
    if body is not None:
        operation["requestBody"] = {"required": True, **_content(_ref(body))}
    if route.form is not None:
        operation["requestBody"] = {"required": True, **_form(route.form)}
    return operation


def _description(route: Route) -> str:
    scope = "" if route.scope is None else f" An API key needs the scope {route.scope}."
    return f"{(route.handler.__doc__ or '').strip()} The route {route.auth.value}.{scope}"


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    model = route.takes("query")
    if model is None:
        return []
    schema = _inlined(model)
    return [
        {"name": name, "in": "query", "required": False, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _form(model: type[BaseModel]) -> dict[str, Any]:
    schema = _inlined(model)
    schema["properties"] = schema.get("properties", {}) | {
        "file": {"type": "string", "format": "binary"}
    }
    schema["required"] = ["file"]
    return {"content": {"multipart/form-data": {"schema": schema}}}


def _responses(route: Route) -> dict[str, Any]:
    responses: dict[str, Any] = {"default": {"$ref": "#/components/responses/Fault"}}
    for status in route.statuses:
        responses[str(status)] = _success(route)
    return responses


def _success(route: Route) -> dict[str, Any]:
    if route.media is not None:
        binary = {"type": "string", "format": "binary"}
        return {"description": route.summary, "content": {route.media: {"schema": binary}}}
    if route.returns is None:
        return {"description": route.summary}
    return _content(_ref(route.returns), route.summary)


def _content(schema: dict[str, Any], description: str | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"content": {"application/json": {"schema": schema}}}
    return content if description is None else {"description": description, **content}


def _ref(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": _REF.format(model=model.__name__)}


def _inlined(model: type[BaseModel]) -> dict[str, Any]:
    """A model's schema with what it refers to put in place: parameters cannot bring definitions."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return resolve(definitions[node["$ref"].rpartition("/")[2]])
            return {key: resolve(value) for key, value in node.items()}
        return [resolve(item) for item in node] if isinstance(node, list) else node

    resolved: dict[str, Any] = resolve(schema)
    return resolved
