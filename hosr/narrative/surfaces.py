"""What the surfaces rest on that lengths were measured between, in a sentence of the technique."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.language import message
from hosr.language.numbers import decimal, size
from hosr.narrative import words
from hosr.vocabulary.surfaces import SurfaceBasis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hosr.findings import Boundary
    from hosr.language import Language
    from hosr.report import Report

_FROM = {
    SurfaceBasis.MASK: message("Surfaces of bone were taken from the mask of a segmentation"),
    SurfaceBasis.PROBABILITIES: message(
        "Surfaces of bone were taken from the scores of a segmentation"
    ),
    SurfaceBasis.OCCUPANCY: message(
        "Surfaces of bone were taken from the outlines of a segmentation"
    ),
}
_OF_HIP = {
    SurfaceBasis.MASK: message("surfaces of bone were taken from the mask of a segmentation"),
    SurfaceBasis.PROBABILITIES: message(
        "surfaces of bone were taken from the scores of a segmentation"
    ),
    SurfaceBasis.OCCUPANCY: message(
        "surfaces of bone were taken from the outlines of a segmentation"
    ),
}
_VOXELS, _PIXELS = message("voxels of {size}"), message("pixels of {size}")
_STATED = message("standard deviation of its boundaries {size}, as stated")
_USUAL = message("standard deviation of its boundaries not stated, taken as {size}")


def describe_boundaries(report: Report, language: Language) -> list[str]:
    """One sentence for both hips where they share it, else one of each; none where none was given."""
    given = [(g.hip.side, g.hip.boundary) for g in report.hips if g.hip.boundary is not None]
    if not given:
        return []
    shared = {boundary for _, boundary in given}
    if len(shared) == 1 and len(given) == len(report.hips):
        return [_sentence(_FROM, given[0][1], language)]
    return [
        language.labelled(language.say(words.HIPS[side]), _sentence(_OF_HIP, boundary, language))
        for side, boundary in given
    ]


def _sentence(texts: dict[SurfaceBasis, str], boundary: Boundary, language: Language) -> str:
    said = language.say(texts[boundary.basis])
    details = list(_details(boundary, language))
    return f"{said} ({language.joined(details)})." if details else f"{said}."


def _details(boundary: Boundary, language: Language) -> Iterator[str]:
    if boundary.cell_mm:
        text = _VOXELS if len(boundary.cell_mm) > 2 else _PIXELS
        edges = "\u00a0\u00d7 ".join(size(edge, language) for edge in sorted(boundary.cell_mm))
        yield language.say(text, size=edges)
    if boundary.level is not None and boundary.basis is SurfaceBasis.PROBABILITIES:
        # Translators: the probability that is taken for the surface of a segmentation
        level = decimal(f"{boundary.level:g}", language)
        yield language.say(message("at the level of {level}"), level=level)
    if boundary.sd_mm is not None:
        text = _STATED if boundary.sd_is_stated else _USUAL
        yield language.say(text, size=size(boundary.sd_mm, language))
