"""The JSON Schema of records, and the record that explains them."""

from __future__ import annotations

from typing import Any

from hosr.intake.record.forms import RecordForm

# A whole record, as the documentation shows it.
EXAMPLE: dict[str, Any] = {
    "schema_version": "1.0",
    "graded_at": "2026-03-02T10:15:00+01:00",
    "observer": {"type": "person", "name": "Rossi^Maria", "organization": "Example Hospital"},
    "context": {
        "indication": "Stiff right hip six months after total hip arthroplasty",
        "causes": ["postoperative"],
        "symptoms": ["pain", "reduced_motion"],
        "index_event": {
            "procedure": "total_hip_arthroplasty",
            "side": "right",
            "date": "2025-09-01",
        },
    },
    "view": "ap_pelvis",
    "hips": [
        {
            "side": "right",
            "evaluable": True,
            "presence": "present",
            "islands": [{"length": {"mm": 14.0}}],
            "spurs": {"pelvis": True, "femur": True},
            "gap": {"mm": 8.2},
            "bridging": "none",
            "stage": "maturation",
            "features": ["XR_MAT_CORTEX"],
            "grades": {"brooker": "III", "della_valle": "C"},
        },
        {"side": "left", "presence": "absent"},
    ],
}


def record_schema() -> dict[str, Any]:
    """JSON Schema 2020-12: what it refuses, the reader of records refuses too."""
    made = RecordForm.model_json_schema()
    _drop_noise(made)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:hosr:schema:grading-record:1.0",
        **made,
        "examples": [EXAMPLE],
    }


def _drop_noise(node: Any) -> None:
    """Remove null defaults, titles that only repeat a key, and what JSON Schema does not know."""
    if isinstance(node, list):
        for child in node:
            _drop_noise(child)
    if not isinstance(node, dict):
        return
    if node.get("default", ...) is None:
        del node["default"]
    node.pop("discriminator", None)
    for value in node.get("properties", {}).values():
        value.pop("title", None)
    for child in node.values():
        _drop_noise(child)
