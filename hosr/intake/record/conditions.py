"""What the JSON Schema says across the keys of one object; `joined` says the same to people."""

from typing import Any

Schema = dict[str, Any]


def _given(key: str, kind: str | list[str]) -> Schema:
    return {"properties": {key: {"type": kind}}, "required": [key]}


_MM, _POINTS = _given("mm", "number"), _given("points", "array")
_CATEGORY = _given("category", "string")
_PLACED = {"anyOf": [_given("image", ["string", "array"]), _given("frame", ["integer", "array"])]}
_MARKED: Schema = {"if": _PLACED, "then": _POINTS}
_SAID = {"type": "string", "pattern": r"\S"}
_NOT_EVALUABLE = {"properties": {"evaluable": {"const": False}}, "required": ["evaluable"]}
_REASON = {"properties": {"not_evaluable_reason": _SAID}, "required": ["not_evaluable_reason"]}


def _once(side: str) -> Schema:
    hip = {"type": "object", "properties": {"side": {"const": side}}, "required": ["side"]}
    return {"contains": hip, "minContains": 0, "maxContains": 1}


LENGTH: Schema = {"oneOf": [_MM, _POINTS], **_MARKED}
GAP: Schema = {"anyOf": [_MM, _POINTS, _CATEGORY], "not": {"allOf": [_MM, _POINTS]}, **_MARKED}
HIP: Schema = {"if": _NOT_EVALUABLE, "then": _REASON, "else": {"not": _REASON}}
HIPS: Schema = {"allOf": [_once("right"), _once("left")]}
