"""Checks a document against the part of JSON Schema that our published schemas use."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: dict[str, type] = {"object": dict, "array": list, "string": str, "integer": int}
_ANNOTATIONS = {"$schema", "$defs", "title", "description"}
_COUNTS = {
    "minLength": lambda value, limit: len(value) >= limit,
    "maxLength": lambda value, limit: len(value) <= limit,
    "minItems": lambda value, limit: len(value) >= limit,
    "maxItems": lambda value, limit: len(value) <= limit,
    "minimum": lambda value, limit: value >= limit,
    "maximum": lambda value, limit: value <= limit,
    "pattern": lambda value, pattern: re.search(pattern, value) is not None,
    "const": lambda value, wanted: value == wanted,
    "enum": lambda value, wanted: value in wanted,
}


def errors_of(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    """Yield what breaks the schema; LookupError for a keyword that is not known here."""
    if "type" in schema:
        wanted = _TYPES[schema["type"]]
        if not isinstance(value, wanted) or isinstance(value, bool):
            yield f"{value!r} is no {schema['type']}"
            return
    for keyword, limit in schema.items():
        if keyword in _COUNTS:
            if not _COUNTS[keyword](value, limit):
                yield f"{value!r} breaks {keyword} {limit}"
        elif keyword == "$ref":
            yield from errors_of(value, root["$defs"][limit.removeprefix("#/$defs/")], root)
        elif keyword not in _ANNOTATIONS | {"type"}:
            yield from _inner_errors(value, keyword, schema, root)


def _inner_errors(
    value: Any, keyword: str, schema: Mapping[str, Any], root: Mapping[str, Any]
) -> Iterator[str]:
    rule = schema[keyword]
    match keyword:
        case "required":
            yield from (f"{key} is missing" for key in rule if key not in value)
        case "items":
            yield from (error for item in value for error in errors_of(item, rule, root))
        case "properties":
            for key in rule.keys() & value.keys():
                yield from errors_of(value[key], rule[key], root)
        case "additionalProperties":
            yield from (f"{key} is unknown" for key in value if key not in schema["properties"])
        case _:
            raise LookupError(f"{keyword} is not known here")
