"""3D Slicer: markups of a scene in the patient, as `.mrk.json` of the schemas 1.0.0 to 1.0.4.

Coordinates are LPS unless the file says RAS, and millimetres unless it says micrometres. What was
placed as a preview or was skipped has another status than "defined", and is no point. Slicer saves each
markup under its name: where the file has no other, that of the file is its label.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.annotations.account import Unusable
from hosr.annotations.json_files import number, numbers, objects, read_json, text
from hosr.annotations.sources import Figure, Form, Label, Source
from hosr.findings import SAME_MM

if TYPE_CHECKING:
    from hosr.annotations.context import Context

_MOST_MARKUPS = 10_000
_TO_MM = {"mm": 1.0, "um": 0.001, "μm": 0.001, "µm": 0.001}
_MEASURED = {**_TO_MM, "cm": 10.0}
_SAME_PART = 0.01
_TO_LPS = {"LPS": (1, 1, 1), "RAS": (-1, -1, 1)}
# As older files number them (vtkMRMLMarkupsStorageNode).
_SYSTEMS = {"0": "RAS", "1": "LPS"}
_LINE, _OUTLINE, _REGION = "Line", "ClosedCurve", "ROI"
_POINTS = ("Fiducial", "PointList")
_SUFFIX = ".mrk.json"

Names = Sequence[str]


def read(path: Path, context: Context) -> Source:
    """The points, lines and closed curves of the file, in the patient."""
    document = read_json(path)
    figures: list[Figure] = []
    entries = objects(document.get("markups"))
    stem = path.name[: -len(_SUFFIX)] if path.name.endswith(_SUFFIX) else path.stem
    for index, entry in enumerate(entries[:_MOST_MARKUPS]):
        place = f"{path.name}, markups[{index}]"
        try:
            own = [text(entry.get("name"))]
            names = [*own, stem] if len(entries) == 1 else own
            figures += _figures(entry, names, place, context)
        except Unusable as refusal:
            context.account.blame(place, refusal.problem, refusal.remedy)
    if len(entries) > _MOST_MARKUPS:
        problem = f"holds {len(entries)} markups"
        context.account.blame(path.name, problem, f"keep what is meant: {_MOST_MARKUPS}")
    return Source(name=path.name, kind="3D Slicer markups", figures=tuple(figures))


def _figures(entry: Mapping[str, Any], names: Names, place: str, context: Context) -> list[Figure]:
    kind = text(entry.get("type"))
    controls = objects(entry.get("controlPoints"))
    defined = [each for each in controls if _is_defined(each)]
    if len(defined) < len(controls):
        words = f"{len(controls) - len(defined)} points are not defined, and left out"
        context.account.leave(place, words)
    found = [_in_patient_mm(each.get("position"), entry) for each in defined]
    if kind in _POINTS:
        return [
            _figure(
                _label([text(each.get("label")), *names], context),
                f"{place}, controlPoints[{row}]",
                Form.POINT,
                [point],
            )
            for row, (each, point) in enumerate(zip(defined, found, strict=True))
        ]
    firsts = [text(each.get("label")) for each in controls[:1]]
    label = _label([*names, *(first.rpartition("-")[0] for first in firsts), *firsts], context)
    if kind == _LINE:
        if len(found) != 2:
            raise Unusable(f"is a line of {len(found)} defined points", "place both ends")
        _require_length(entry, math.dist(*found))
        return [_figure(label, place, Form.LINE, found)]
    if kind == _OUTLINE:
        words = (
            f"{label} is taken as a polygon through its points: curves between them are not read"
        )
        context.account.assume(place, words)
        return [_figure(label, place, Form.POLYGON, found)]
    if kind == _REGION:
        centre = entry.get("center") or (defined[0].get("position") if defined else None)
        words = f"{label} is a box in space: it says where something is, not how large it is"
        context.account.assume(place, words)
        return [_figure(label, place, Form.POINT, [_in_patient_mm(centre, entry)])]
    words = f"{label} is a markup of the type {kind or 'that is missing'}, which is not read"
    context.account.leave(place, words)
    return []


def _require_length(entry: Mapping[str, Any], mm: float) -> None:
    """Refuse a line that Slicer measured as another length: its points are in another unit or moved."""
    for each in objects(entry.get("measurements") or []):
        unit, value = _unit(each.get("units", "mm")), each.get("value")
        if each.get("name") != "length" or each.get("enabled") is False or unit not in _MEASURED:
            continue
        told_mm = number(value, "a length") * _MEASURED[unit] if value is not None else mm
        if abs(told_mm - mm) > max(SAME_MM, _SAME_PART * mm):
            problem = f"is {mm:.1f} mm by its points, and {told_mm:.1f} mm by its own measurement"
            raise Unusable(problem, "save it anew from Slicer, which keeps both alike")


def _is_defined(control: Mapping[str, Any]) -> bool:
    """Points of the first schema have no status."""
    return bool(control.get("positionStatus", "defined") == "defined")


def _label(names: Sequence[str], context: Context) -> Label:
    """The first of its names that has a role; else the first that there is."""
    labels = [Label(name=name) for name in names if name]
    known = (label for label in labels if context.labels.meaning_of(label))
    return next(known, labels[0] if labels else Label(name="markup"))


def _in_patient_mm(position: Any, entry: Mapping[str, Any]) -> tuple[float, float, float]:
    values = numbers(position, "a position")
    if len(values) != 3:
        raise Unusable("has a position that is not x, y and z")
    system = str(entry.get("coordinateSystem", "LPS"))
    signs = _TO_LPS.get(_SYSTEMS.get(system, system))
    if signs is None:
        raise Unusable(f"is in the coordinates {text(system)}", "save it in LPS or RAS")
    name = _unit(entry.get("coordinateUnits", "mm"))
    if name not in _TO_MM:
        raise Unusable(f"is in the unit {name or 'that is missing'}", "save it in mm")
    x, y, z = (sign * value * _TO_MM[name] for sign, value in zip(signs, values, strict=True))
    return x, y, z


def _unit(unit: Any) -> str:
    return text(unit[1] if _is_triple(unit) else unit).strip("[]")


def _is_triple(unit: Any) -> bool:
    """A code as (scheme, value, meaning), of UCUM."""
    return isinstance(unit, list) and len(unit) == 3


def _figure(
    label: Label, place: str, form: Form, points: Sequence[tuple[float, float, float]]
) -> Figure:
    return Figure(label=label, place=place, form=form, points=tuple(points))
