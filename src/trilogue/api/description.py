"""The description of the API, and the parameters of a request as it says that they are read."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from trilogue.errors import QueryError, nearest

_INTEGER = re.compile(r"-?[0-9]{1,9}")
_TRUTHS = {"true": True, "false": False}


@functools.cache
def document() -> dict[str, Any]:
    """Return the OpenAPI description."""
    text = files("trilogue.api").joinpath("openapi.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@dataclass(frozen=True)
class Parameter:
    """A parameter of a query string: its name, whether it must be given, and its JSON Schema."""

    name: str
    required: bool
    schema: Mapping[str, Any]

    @property
    def names_variables(self) -> bool:
        """Whether it stands for parameters of any name."""
        return bool(self.schema["type"] == "object")

    def read(self, texts: Sequence[str]) -> Any:
        """Return the value that texts stand for.

        Raises `QueryError` where the schema does not allow it.
        """
        if not texts:
            if self.required:
                raise QueryError(f"{self.name}: expected a value, none given")
            return self.schema.get("default")
        if self.schema["type"] == "array":
            most = self.schema["maxItems"]
            if len(texts) > most:
                raise QueryError(f"{self.name}: given {len(texts)} times, expected at most {most}")
            return tuple(_value(self.name, self.schema["items"], text) for text in texts)
        if len(texts) > 1:
            raise QueryError(f"{_shown(self.name)}: given {len(texts)} times, expected once")
        return _value(self.name, self.schema, texts[0])


@dataclass(frozen=True)
class Operation:
    """A question that may be asked: its name, where it is asked, and its parameters."""

    name: str
    path: str
    parameters: tuple[Parameter, ...]
    has_lines: bool = False
    """Whether its answer also comes line by line."""

    def read(self, given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Return the values of the parameters; one that is not given has its default, or `None`.

        Raises `QueryError` for what the description does not allow.
        """
        named = {each.name: each for each in self.parameters if not each.names_variables}
        asked = {name: each.read(given.get(name, ())) for name, each in named.items()}
        others = {name: texts for name, texts in given.items() if name not in named}
        for each in self.parameters:
            if each.names_variables:
                schema = each.schema["additionalProperties"]
                asked[each.name] = {
                    name: Parameter(name, required=True, schema=schema).read(texts)
                    for name, texts in others.items()
                }
                others = {}
        for name in others:
            raise QueryError(f"no parameter '{_shown(name)}'{nearest(_shown(name), named)}")
        return asked


@functools.cache
def operations() -> tuple[Operation, ...]:
    """Return all questions of the description."""
    return tuple(_operations())


def _operations() -> Iterator[Operation]:
    for path, methods in document()["paths"].items():
        described = methods["get"]
        parameters = tuple(
            Parameter(each["name"], each.get("required", False), each["schema"])
            for each in described.get("parameters", ())
            if each["in"] == "query"
        )
        forms = described["responses"]["200"]["content"]
        yield Operation(described["operationId"], path, parameters, len(forms) > 1)


def _value(name: str, schema: Mapping[str, Any], text: str) -> Any:
    if schema["type"] == "boolean":
        if text not in _TRUTHS:
            raise QueryError(f"{name} '{_shown(text)}': expected true or false")
        return _TRUTHS[text]
    if schema["type"] == "integer":
        least, most = schema["minimum"], schema["maximum"]
        if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
            raise QueryError(f"{name} '{_shown(text)}': expected a number from {least} to {most}")
        return int(text)
    if "enum" in schema:
        if text not in schema["enum"]:
            known = ", ".join(schema["enum"])
            raise QueryError(f"{name} '{_shown(text)}': expected one of {known}")
        return text
    least, most = schema["minLength"], schema["maxLength"]
    if not least <= len(text) <= most:
        raise QueryError(f"{_shown(name)}: {len(text)} characters, expected {least} to {most}")
    if not re.search(schema.get("pattern", ""), text):
        raise QueryError(f"{name} '{_shown(text)}': expected {schema['description']}")
    return text


def _shown(text: str) -> str:
    """Return the beginning of a text that a stranger gave, for a message of one line."""
    return text if len(text) <= 60 else f"{text[:60]}…"
