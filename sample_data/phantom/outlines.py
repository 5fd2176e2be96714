"""The silhouettes of a radiograph as a model would hand them over: a COCO file, and what its labels mean."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from .projection import Beam
from .records import JSON, Reading
from .scene import Hip
from .silhouettes import outline, structures

IMPLANT = ("head", "cup", "stem")

_LABELS = """# What the labels of outlines.json stand for: see `hosr describe labels`.
schema_version = "1.0"

[observer]
name = "Sample HO outliner"
version = "0.3.0"
manufacturer = "Synthetic"
boundary_sd_mm = 0.3

[labels]
"""


def write(
    folder: Path, hips: Sequence[tuple[Hip, Reading]], beam: Beam, view: str | None = None
) -> None:
    """Write `outlines.json` and `labels.toml` of a radiograph; the view where its header tells none."""
    roles = {
        f"{hip.side} {structure.replace('_', ' ')}": _role(structure, hip, reading)
        for hip, reading in hips
        for structure in _known(hip)
    }
    categories = {name: number for number, name in enumerate(roles, start=1)}
    annotations: list[JSON] = []
    for hip, _ in hips:
        for structure, solid in structures(hip):
            ring = [round(value, 1) for point in outline(structure, solid, beam) for value in point]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": 1,
                    "category_id": categories[f"{hip.side} {structure.replace('_', ' ')}"],
                    "iscrowd": 0,
                    "segmentation": [ring],
                }
            )
    image: JSON = {"id": 1, "file_name": "image-1.png", "width": beam.columns, "height": beam.rows}
    parts = {
        "info": {"description": "Synthetic: silhouettes of an analytic phantom"},
        "images": [image],
        "categories": [{"id": number, "name": name} for name, number in categories.items()],
        "annotations": annotations,
    }
    (folder / "outlines.json").write_text(_text(parts), encoding="utf-8")
    rows = "".join(f'"{name}" = {role}\n' for name, role in roles.items())
    record = "" if view is None else f'\n[record]\nview = "{view}"  # the header names none\n'
    (folder / "labels.toml").write_text(_LABELS + rows + record, encoding="utf-8")


def _known(hip: Hip) -> tuple[str, ...]:
    """Return what is searched for at a hip, whether or not it is there."""
    metal = () if hip.head_mm is None else IMPLANT
    return ("pelvis", "femur", *metal, "pelvic_spur", "femoral_spur", "island")


def _role(structure: str, hip: Hip, reading: Reading) -> str:
    """Return the role as TOML; the head of the implant calibrates where the reader calibrated by it."""
    if structure == "head" and reading.calibrate_by_head:
        return f'{{ role = "calibration", side = "{hip.side}", true_mm = {hip.head_mm:g} }}'
    role = "implant" if structure in IMPLANT else structure
    return f'{{ role = "{role}", side = "{hip.side}" }}'


def _text(parts: JSON) -> str:
    """Return JSON with a line for each object of a list."""
    lines = []
    for key, value in parts.items():
        if isinstance(value, list):
            items = ",\n".join("  " + json.dumps(item, separators=(",", ":")) for item in value)
            lines.append(f'"{key}": [\n{items}\n]')
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"
