"""Surfaces, what they rest on, and distances that are not the gap, on the images of a scene."""

from __future__ import annotations

from typing import TypedDict

from hypothesis import strategies as st

from hosr.findings import Boundary, Candidate, Outline
from hosr.vocabulary.surfaces import SetAside, Structure, SurfaceBasis
from tests.strategies.lengths import other_lengths, polygons
from tests.strategies.subjects import Scene

__all__ = ["Surfaces", "boundaries", "surfaces"]

_edges = st.lists(st.floats(0.05, 5.0), min_size=2, max_size=3).map(tuple)
_numbers = st.integers(0, 2)
_levels = st.none() | st.sampled_from((0.3, 0.5, 0.7))
_structures = st.sampled_from(Structure)
_pairs = st.tuples(_structures, _structures)
_reasons = st.sampled_from(SetAside)
_deviations = st.none() | st.sampled_from((0.0, 0.26, 0.5, 1.34))
_bases = st.sampled_from(SurfaceBasis)
_cells = st.just(()) | _edges


class Surfaces(TypedDict):
    """The parts of a hip that a program finds beside the findings."""

    boundary: Boundary | None
    candidates: tuple[Candidate, ...]
    outlines: tuple[Outline, ...]


@st.composite
def boundaries(draw: st.DrawFn) -> Boundary:
    """What surfaces rest on; whether a standard deviation is stated where there is one."""
    sd_mm = draw(_deviations)
    return Boundary(
        basis=draw(_bases),
        sd_mm=sd_mm,
        sd_is_stated=sd_mm is not None and draw(st.booleans()),
        cell_mm=draw(_cells),
        level=draw(_levels),
    )


_some_boundaries = st.none() | boundaries()


@st.composite
def _candidates(draw: st.DrawFn, scene: Scene, *, is_calibrated: bool) -> Candidate:
    return Candidate(
        between=draw(_pairs),
        length=draw(other_lengths(scene, is_calibrated=is_calibrated)),
        why=draw(_reasons),
        level=draw(_levels),
    )


@st.composite
def surfaces(draw: st.DrawFn, scene: Scene, *, is_calibrated: bool) -> Surfaces:
    """Nothing of most hips; else any of them."""
    if draw(st.integers(0, 2)):
        return Surfaces(boundary=None, candidates=(), outlines=())
    candidates = _candidates(scene, is_calibrated=is_calibrated)
    return Surfaces(
        boundary=draw(_some_boundaries),
        candidates=tuple(draw(candidates) for _ in range(draw(_numbers))),
        outlines=tuple(
            Outline(structure=draw(_structures), polygon=draw(polygons(scene)))
            for _ in range(draw(_numbers))
        ),
    )
