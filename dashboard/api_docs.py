"""The API as a page to read: its addresses, what they take and answer, from /api/v1/schema/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

_SHAPES_AT: Final = "#/components/schemas/"
_WORDS: Final = {"string": "text", "integer": "whole number", "boolean": "true or false"}
_CREDENTIALS: Final = {
    "readToken": "a read token",
    "agentToken": "an agent's token",
    "session": "a log-in",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What kind of value something is, in words; `shape` is the shape it names, if any."""

    words: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a shape, or a parameter of an address."""

    name: str
    kind: Kind
    meaning: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way a request can end."""

    status: str
    meaning: str
    kinds: Sequence[Kind]


@dataclass(frozen=True, slots=True)
class Address:
    """One address and what can be done with it."""

    name: str
    method: str
    path: str
    summary: str
    tokens: str
    takes: Sequence[Field]
    body: Kind | None
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of JSON object."""

    name: str
    meaning: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class ApiDocs:
    """The whole page."""

    addresses: Sequence[Address]
    shapes: Sequence[Shape]


@cache
def api_docs() -> ApiDocs:
    """Return the API's description, made once a process."""
    # Here, because only who asks for it pays the 4 MB of memory that making it takes.
    from metrics.api.schema import openapi  # noqa: PLC0415

    described = openapi()
    addresses = [
        _address(method.upper(), path, operation)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    shapes = described["components"]["schemas"]
    return ApiDocs(addresses, [_shape(name, shapes[name]) for name in sorted(shapes)])


def _address(method: str, path: str, operation: Mapping[str, Any]) -> Address:
    content = operation.get("requestBody", {}).get("content", {})
    return Address(
        name=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        tokens=" or ".join(_CREDENTIALS[name] for each in operation["security"] for name in each),
        takes=[_parameter(each) for each in operation.get("parameters", [])],
        body=next((kind_of(each["schema"]) for each in content.values()), None),
        outcomes=[_outcome(*each) for each in sorted(operation["responses"].items())],
    )


def _parameter(told: Mapping[str, Any]) -> Field:
    default = told["schema"].get("default", "")
    return Field(told["name"], kind_of(told["schema"]), told.get("description", ""), str(default))


def _outcome(status: str, told: Mapping[str, Any]) -> Outcome:
    kinds = [
        kind_of(content["schema"]) if media_type == "application/json" else Kind(media_type)
        for media_type, content in told.get("content", {}).items()
    ]
    return Outcome(status, told.get("description", ""), kinds)


def _shape(name: str, told: Mapping[str, Any]) -> Shape:
    fields = [
        Field(field, kind_of(schema), schema.get("description", ""))
        for field, schema in told.get("properties", {}).items()
    ]
    return Shape(name, told.get("description", "").partition("\n")[0], fields)


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """Return a JSON schema in words: "list of text", "number or null"."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SHAPES_AT)
        return Kind(name, name)
    if "anyOf" in schema:
        kinds = [kind_of(each) for each in schema["anyOf"]]
        shape = next((kind.shape for kind in kinds if kind.shape), "")
        return Kind(" or ".join(kind.words for kind in kinds), shape)
    if schema.get("type") == "array":
        of = kind_of(schema["items"]) if schema.get("items") else Kind("values")
        return Kind(f"list of {of.words}", of.shape)
    if "enum" in schema:
        return Kind(", ".join(map(str, schema["enum"])))
    named = str(schema.get("type", "value"))
    return Kind(_WORDS.get(named, named))
