"""The words of the readers: what is stated about a hip beside what is measured, and the circumstances."""

from __future__ import annotations

from .records import JSON, Reading

MODEL: JSON = {
    "type": "algorithm",
    "name": "Sample HO grader",
    "version": "0.3.0",
    "manufacturer": "Synthetic",
    "parameters": {"threshold": 0.5, "test_time_augmentation": False},
}

ABSENT = Reading(
    stated={"presence": "absent", "spurs": {"pelvis": False, "femur": False}, "bridging": "none"},
    brooker="0",
    della_valle="A",
)


def arthroplasty(side: str, date: str, indication: str, symptoms: list[str]) -> JSON:
    """Return the context of a hip replacement."""
    event = {"procedure": "total_hip_arthroplasty", "side": side, "date": date}
    return {
        "indication": indication,
        "causes": ["postoperative"],
        "symptoms": symptoms,
        "index_event": event,
    }


def scores(grade: str, *shares: float) -> JSON:
    """Return the grade of a model with its probabilities for 0 to IV."""
    named = dict(zip(("0", "I", "II", "III", "IV"), shares, strict=True))
    return {"grades": {"brooker": grade}, "probabilities": {"brooker": named}}


def islands_only(
    brooker: str, della_valle: str, more: JSON | None = None, *, calibrate_by_head: bool = False
) -> Reading:
    """Return the reading of islands without spurs."""
    stated: JSON = {
        "presence": "present",
        "spurs": {"pelvis": False, "femur": False},
        "bridging": "none",
        "stage": "maturation",
        "features": ["XR_MAT_CORTEX"],
    }
    return Reading(
        stated=stated | (more or {"grades": {"brooker": brooker}}),
        measure_islands=True,
        outline_islands=True,
        calibrate_by_head=calibrate_by_head,
        brooker=brooker,
        della_valle=della_valle,
    )


def facing_spurs(
    brooker: str,
    della_valle: str,
    more: JSON,
    *,
    measure_islands: bool = False,
    calibrate_by_head: bool = False,
) -> Reading:
    """Return the reading of spurs on both sides, with the gap measured."""
    stated: JSON = {
        "presence": "present",
        "spurs": {"pelvis": True, "femur": True},
        "bridging": "none",
        "stage": "maturation",
        "features": ["XR_MAT_CORTEX"],
    }
    return Reading(
        stated=stated | more,
        measure_gap=True,
        measure_islands=measure_islands,
        calibrate_by_head=calibrate_by_head,
        brooker=brooker,
        della_valle=della_valle,
    )
