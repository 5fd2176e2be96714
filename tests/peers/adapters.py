"""The adapters that OHIF ships, run in node: what it would make of an SR when tracking begins."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.peers.processes import PEERS, installed, program, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """One measurement that the viewer would take over from the SR; points in the image."""

    tool: str
    tracking_uid: str
    label: str | None
    finding: str | None
    sites: tuple[str, ...]
    image: str
    length: float | None
    unit: str | None
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolState:
    """All that the viewer would take over, and what it would leave with a warning."""

    measurements: tuple[Tracked, ...]
    warnings: tuple[str, ...]


def tool_state(report: Path, images: Sequence[Path]) -> ToolState:
    """Read an SR and its images as the viewer's adapters do."""
    asked = {
        "modules": str(installed(PEERS / "node_modules", "npm packages")) + "/",
        "report": str(report),
        "images": [str(image) for image in images],
    }
    command = [program("node", "Node.js"), Path(__file__).with_name("hydrate.mjs")]
    done = run(command, text=json.dumps(asked), timeout=120)
    if done.code:
        raise RuntimeError(f"the adapters gave up: {done.err[-2000:]}")
    answer = json.loads(done.out)
    return ToolState(
        measurements=tuple(
            Tracked(
                **{
                    **found,
                    "sites": tuple(found["sites"]),
                    "points": tuple((x, y) for x, y in found["points"]),
                }
            )
            for found in answer["measurements"]
        ),
        warnings=tuple(answer["warnings"]),
    )
