"""Says in the catalog's words what pydantic found wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from catalog.scalars import MisfitError, shown
from catalog.yaml_file import Location

#: What pydantic's type errors ask for, and how it is written.
_SHAPES = {
    "string_type": ("text", "Write text"),
    "int_type": ("a whole number", "Write a whole number without quotes or unit"),
    "float_type": ("a number", "Write a number without quotes or unit"),
    "bool_type": ("true or false", "Write true or false"),
    "dict_type": ("a mapping", "Write 'name: value' pairs"),
    "model_type": ("a mapping", "Write 'key: value' lines below it"),
    "tuple_type": ("a list", "Write a list, as in [a, b]"),
}
_TOO_LITTLE = frozenset({"string_too_short", "too_short"})
#: The words for a bound that pydantic names by the first of each pair.
_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "of at most"),
}
_PATTERNS = {
    "^[a-z][a-z0-9]*(-[a-z0-9]+)*$": (
        "lower-case letters and digits, a letter first, with single hyphens between"
    ),
    "^[a-z][a-z0-9-]*$": "lower-case letters, digits and hyphens, a letter first",
    "^[a-z]+(_[a-z]+)*$": "one lower-case word in the plural, as in requests",
    "^[a-z][a-z0-9_]*_$": (
        "lower-case letters, digits and underscores, a letter first and an underscore last"
    ),
    "^[1-9][0-9]*(m|Ki|Mi|Gi)?$": "an amount as Kubernetes writes it, as in 100m or 512Mi",
    r"^[^A-Z\r\n]{3,40}$": "three characters or more, none of them a capital letter",
    "^(/[A-Za-z0-9._-]+)+$": "an absolute path without a slash at its end",
    "^[a-z0-9./-]+:[A-Za-z0-9._-]+$": "an image with its tag, as in grafana/alloy:v1.18.1",
    "^[A-Z]{3}$": "three capital letters, as in EUR",
    "^[a-zA-Z_][a-zA-Z0-9_]*$": "letters, digits and underscores, not a digit first",
    r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$": (
        "an http or https address without user, query or trailing slash"
    ),
    "^([01][0-9]|2[0-3]):[0-5][0-9]$": "hours and minutes of the clock, as in 07:30",
    "^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$": (
        "a name of the IANA time zone database, as in Europe/Berlin, or UTC"
    ),
}


def complaints(
    error: ValidationError, model: type[BaseModel]
) -> Iterator[tuple[Location, str, str]]:
    """Location, fault and remedy of each error, in the order pydantic met them."""
    for detail in error.errors(include_url=False):
        kind, value, context = detail["type"], detail.get("input"), detail.get("ctx", {})
        location = tuple(part for part in detail["loc"] if part != "[key]")
        name, cause = _name(location), context.get("error")
        if kind == "too_short" and value:
            continue  # Its items were refused, each with a complaint of its own.
        if "[key]" in detail["loc"]:
            misfit = cause.remedy if isinstance(cause, MisfitError) else None
            remedy = misfit or _judge(kind, location[-1], context)[1]
            known = "is not known" if kind == "literal_error" else "is no valid name"
            yield location, f"the key {name} {known}", remedy
        elif kind == "extra_forbidden":
            keys = sorted(_fields(model, location[:-1]))
            yield location, f"unknown key {name}", _nearest(str(location[-1]), keys)
        elif kind == "missing":
            yield location, f"the key {name} is missing", _addition(model, location)
        elif isinstance(cause, MisfitError):
            location = (*location, *cause.at)
            yield location, f"{_name(location)} {cause.fault}", cause.remedy
        else:
            fault, remedy = _judge(kind, value, context)
            yield location, f"{name} is {fault}", remedy


def _judge(kind: str, value: object, context: Mapping[str, Any]) -> tuple[str, str]:
    """What a value is that breaks one of pydantic's own rules, and what to do about it."""
    if kind in _SHAPES:
        wanted, remedy = _SHAPES[kind]
        if wanted == "text" and isinstance(value, int | float):
            remedy = "Put it in quotes"
        return f"{shown(value)}, not {wanted}", remedy
    if kind == "literal_error":
        choices = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return shown(value), _nearest_of(value, choices)
    if kind == "string_pattern_mismatch":
        return shown(value), f"Use {_PATTERNS[context['pattern']]}"
    if kind in _TOO_LITTLE:
        return shown(value), "Fill it in"
    if kind == "string_too_long":
        return (
            f"{len(str(value))} characters long: {shown(value)}",
            f"Shorten it to {context['max_length']}",
        )
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return shown(value), f"Write a number {words} {context[key]:g}"
    return f"{shown(value)}, which does not fit", "Compare it with another file of the catalog"


def _name(location: Location) -> str:
    """``'metrics[2].unit'``: the way to a value, as one would read it aloud."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return f"'{text.removeprefix('.')}'" if text else "the file"


def _nearest(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Remove it; known here are {', '.join(known)}"


def _nearest_of(value: object, choices: list[str]) -> str:
    close = difflib.get_close_matches(str(value), choices, n=1)
    return f"Did you mean '{close[0]}'?" if close else f"Write one of {', '.join(choices)}"


def _addition(model: type[BaseModel], location: Location) -> str:
    """How to add a key that is missing: its line, and what may follow the colon."""
    key = str(location[-1])
    field = _fields(model, location[:-1]).get(key)
    if field is not None and get_origin(field.annotation) is Literal:
        return f"Add '{key}:' with one of {', '.join(map(str, get_args(field.annotation)))}"
    return f"Add a line '{key}: ...'"


def _fields(model: type[BaseModel], location: Location) -> dict[str, FieldInfo]:
    """The fields that are known at a location, followed down through the annotations."""
    found: set[type[BaseModel]] = {model}
    for part in location:
        below: set[type[BaseModel]] = set()
        for candidate in found:
            field = candidate.model_fields.get(str(part))
            if field is not None:
                below |= _models(field.annotation)
        # An index or a free key stays within the models that hold it.
        found = below or found
    return {name: field for candidate in found for name, field in candidate.model_fields.items()}


def _models(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for argument in get_args(annotation) for model in _models(argument)}
