"""A comparison of one hip with an earlier report, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hosr.findings import IndexEvent, Length
from hosr.priors import PriorHip
from hosr.report import GradedHip, Report
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Side


class Verdict(StrEnum):
    """How two spaces stand to one another."""

    BEYOND = "beyond"
    WITHIN = "within"
    NOT_COMPARABLE = "not_comparable"


class Obstacle(StrEnum):
    """Why two spaces are not set against one another; members stand in the order they are told."""

    EVENT = "event"
    UNDATED_EVENT = "undated_event"
    VIEW = "view"
    BRIDGED_THEN = "bridged_then"
    BRIDGED_NOW = "bridged_now"
    TOUCHING_THEN = "touching_then"
    TOUCHING_NOW = "touching_now"
    NOT_MEASURED_THEN = "not_measured_then"
    NOT_MEASURED_NOW = "not_measured_now"
    CALIBRATION = "calibration"
    MANNER = "manner"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceChange:
    """The space between opposing bone surfaces then and now, None where nothing was said of it.

    `uncertainties_mm` are the 95 % half-widths that hold for both, stated or of their readers. `change_mm`
    is now less then, None without two numbers; `variation_mm` is what both together may be off by, None
    where they are not comparable.
    """

    before: Length | None
    after: Length | None
    uncertainties_mm: tuple[float, float]
    verdict: Verdict
    obstacles: tuple[Obstacle, ...]
    change_mm: float | None
    variation_mm: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradePair:
    """What was stated on a scale then and now; `classes` is by how many it rose, None where open."""

    scale: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    classes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One hip against an earlier report.

    `events` lie between the two studies, `undated` may. `space` is None where neither report says
    anything of a space. `is_reading_variation` tells that what differs of the grades is no more than two
    readers differ by, `is_early_prior` that the study then was made before ossification is known to have
    settled after the index event.
    """

    side: Side
    prior: PriorHip
    is_same_view: bool
    is_same_reader: bool
    events: tuple[IndexEvent, ...]
    undated: tuple[IndexEvent, ...]
    grades: tuple[GradePair, ...]
    space: SpaceChange | None
    is_reading_variation: bool
    is_early_prior: bool
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A hip now and then, and what lies between: what the rules ask."""

    report: Report
    graded: GradedHip
    prior: PriorHip
    events: tuple[IndexEvent, ...]
    undated: tuple[IndexEvent, ...]

    @property
    def before(self) -> Length | None:
        """The space then."""
        return self.prior.gap

    @property
    def after(self) -> Length | None:
        """The space now."""
        return self.graded.hip.gap
