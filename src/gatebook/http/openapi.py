"""The OpenAPI 3.1 document of a dialect, made from the same operations and Structs that parse and answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from gatebook.http.dialect import PARAMETER, Body, Dialect, Operation, Reply, Shape, Socket

Document = dict[str, Any]
"""JSON of OpenAPI's design, which msgspec's schemas come as, too."""

_REF = "#/components/schemas/{name}"
_BINARY = (bytes, None)


def document_of(
    dialect: Dialect[Any], operations: Sequence[Operation], sockets: Sequence[Socket] = (), prefix: str = ""
) -> Document:
    """The whole document; a path's `{name:rest}` is written as `{name}`, sockets stand under `x-sockets`."""
    schemas, components = _schemas(dialect, operations)
    paths: dict[str, Document] = {}
    for operation in operations:
        path = PARAMETER.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(dialect, operation, schemas, components)
    document: Document = {
        "openapi": "3.1.0",
        "info": {"title": dialect.title, "version": dialect.version, "description": dialect.description},
        "servers": [{"url": prefix or "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": components,
            "securitySchemes": {one.name: dict(one.scheme) for one in dialect.security},
        },
    }
    if sockets:
        document["x-sockets"] = [
            {"path": one.path, "summary": one.summary, "description": one.description} for one in sockets
        ]
    return document


def _schemas(dialect: Dialect[Any], operations: Sequence[Operation]) -> tuple[dict[int, Document], Document]:
    """Schemas by the id of the type (types need not be hashable), and the components that they refer to."""
    shapes = [shape for one in operations for shape in _shapes_of(one)] + [dialect.error_shape]
    wanted = list({id(shape): shape for shape in shapes if shape not in _BINARY}.values())
    made, components = msgspec.json.schema_components(wanted, schema_hook=_schema_hook, ref_template=_REF)
    return {id(shape): schema for shape, schema in zip(wanted, made, strict=True)}, dict(components)


def _schema_hook(_shape: type) -> Document:
    return {}


def _shapes_of(operation: Operation) -> Iterable[Shape]:
    yield operation.params
    yield operation.query
    yield operation.body.shape if operation.body else None
    for reply in operation.replies.values():
        yield reply.shape


def _operation(
    dialect: Dialect[Any], operation: Operation, schemas: Mapping[int, Document], components: Document
) -> Document:
    told: Document = {
        "operationId": operation_id(operation),
        "summary": operation.summary,
        "parameters": [
            *_path_parameters(operation, schemas, components),
            *_query_parameters(operation, schemas, components),
            *_header_parameters(operation),
        ],
        "responses": _replies(dialect, operation, schemas),
        "security": [] if operation.public else [{one.name: list(operation.scopes)} for one in dialect.security],
    }
    if operation.description:
        told["description"] = operation.description
    if operation.tags:
        told["tags"] = list(operation.tags)
    if operation.body is not None:
        told["requestBody"] = _body(operation.body, schemas)
    return told


def operation_id(operation: Operation) -> str:
    """A name for the operation that is one within its dialect: `get_locks_id_events`."""
    return operation.method.lower() + "_" + re.sub(r"[^A-Za-z0-9]+", "_", operation.path).strip("_")


def properties_of(shape: type[Struct] | None, schemas: Mapping[int, Document], components: Document) -> Document:
    """The object schema of a Struct that was asked for, its reference followed."""
    if shape is None:
        return {}
    schema = schemas[id(shape)]
    followed: Document = components[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    return followed


def _path_parameters(operation: Operation, schemas: Mapping[int, Document], components: Document) -> Iterable[Document]:
    known = properties_of(operation.params, schemas, components).get("properties", {})
    for name in operation.names:
        yield _parameter(name, "path", known.get(name, {"type": "string"}), required=True)


def _query_parameters(
    operation: Operation, schemas: Mapping[int, Document], components: Document
) -> Iterable[Document]:
    shape = properties_of(operation.query, schemas, components)
    for name, schema in shape.get("properties", {}).items():
        parameter = _parameter(name, "query", schema, required=name in shape.get("required", ()))
        if note := operation.query_style.get(name):
            parameter["description"] = note
        yield parameter


def _header_parameters(operation: Operation) -> Iterable[Document]:
    for name, note in operation.headers.items():
        if name.lower() not in ("accept", "content-type", "authorization"):  # OpenAPI has other words for these
            yield {"name": name, "in": "header", "schema": {"type": "string"}, "description": note}


def _parameter(name: str, place: str, schema: Document, *, required: bool) -> Document:
    told: Document = {"name": name, "in": place, "schema": schema}
    if required:
        told["required"] = True
    if "description" in schema:
        told["description"] = schema["description"]
    return told


def _body(body: Body, schemas: Mapping[int, Document]) -> Document:
    schema = schemas.get(id(body.shape), {})
    return {"required": body.required, "content": {media: {"schema": schema} for media in body.media}}


def _replies(dialect: Dialect[Any], operation: Operation, schemas: Mapping[int, Document]) -> Document:
    told = {str(status): _reply(status, reply, schemas) for status, reply in sorted(operation.replies.items())}
    if not told:
        told["200"] = {"description": "Done"}
    error = {"schema": schemas.get(id(dialect.error_shape), {})}
    for range_, description in (("4XX", "The request is at fault"), ("5XX", "The server is at fault, or busy")):
        told[range_] = {"description": description, "content": {dialect.error_media: error}}
    return told


def _reply(status: int, reply: Reply, schemas: Mapping[int, Document]) -> Document:
    told: Document = {"description": reply.description or ("No content" if status == 204 else "Done")}
    if reply.shape is not None:
        told["content"] = {media: {"schema": schemas.get(id(reply.shape), {})} for media in reply.media}
    if reply.headers:
        told["headers"] = {
            name: {"description": note, "schema": {"type": "string"}} for name, note in reply.headers.items()
        }
    return told
