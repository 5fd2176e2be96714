"""Where lengths come from: how each was measured, in which plane, and what that means for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.findings import Basis, Plane
from hosr.language import capitalized, message
from hosr.language.numbers import decimal, millimetres, percent, plane_words, size
from hosr.narrative import words

if TYPE_CHECKING:
    from hosr.findings import Hip, Length
    from hosr.grading import GradedLength
    from hosr.narrative.words import Telling
    from hosr.report import GradedHip, Report


def describe_lengths(report: Report, telling: Telling) -> list[str]:
    """Each origin once, with what has it; without names where all lengths share it."""
    language = telling.language
    named: dict[str, list[str]] = {}
    for graded in report.hips:
        for owner, length in _lengths(graded, telling):
            owners = named.setdefault(_origin(length, graded.hip, telling), [])
            if owner not in owners:
                owners.append(owner)
    if not named:
        return [language.say("No length was measured.")]
    if len(named) == 1:
        return [language.say("Lengths: {origin}.", origin=text) for text in named]
    return [
        f"{language.labelled(capitalized(language.listed(owners)), text)}."
        for text, owners in named.items()
    ]


def _lengths(graded: GradedHip, telling: Telling) -> list[tuple[str, GradedLength]]:
    """Each length that was measured or marked, after the name of what has it."""
    facts, side = graded.facts, graded.hip.side
    islands = [island for island in facts.islands if _is_there(island)]
    return [
        *(
            (telling.language.say(words.OWNERS[name, side]), length)
            for name, length in (("space", facts.gap), ("lateral", facts.gap_lateral))
            if length is not None and _is_there(length)
        ),
        *zip(_name_islands(islands, graded.hip, telling), islands, strict=True),
    ]


def _is_there(graded: GradedLength) -> bool:
    return graded.length.mm is not None or graded.length.line is not None


def _name_islands(islands: list[GradedLength], hip: Hip, telling: Telling) -> list[str]:
    """The names of the islands of a hip, told apart by their lengths where their origins differ."""
    language = telling.language
    origins = {_origin(island, hip, telling) for island in islands}
    without_mm = sum(island.length.mm is None for island in islands)
    if len(origins) < 2 or without_mm == len(islands):  # nothing to tell apart
        name = "island" if len(hip.islands or ()) == 1 else "islands"
        return [language.say(words.OWNERS[name, hip.side])] * len(islands)
    named, other = words.OWNERS["island of length", hip.side], "other islands"
    if without_mm == 1:
        other = "other island"
    return [
        language.say(words.OWNERS[other, hip.side])
        if island.length.mm is None
        else language.say(named, length=millimetres(island.length.mm, language))
        for island in islands
    ]


def _origin(graded: GradedLength, hip: Hip, telling: Telling) -> str:
    length, language = graded.length, telling.language
    origin = _manner(length, hip, telling)
    if length.mm is None or graded.in_patient:
        return origin
    least, greatest = (round(100 * (1 - 1 / factor)) for factor in graded.magnification)
    if length.plane is Plane.DETECTOR:
        low, high = (decimal(f"{factor:.2f}", language) for factor in graded.magnification)
        return language.say(
            "{origin}, not corrected for magnification; true lengths are expected to be about "
            "{least} to {greatest} smaller (magnification {low} to {high})",
            origin=origin,
            least=str(least),
            greatest=percent(greatest, language),
            low=low,
            high=high,
        )
    if length.basis is Basis.UNKNOWN:
        text = message("{origin}; true lengths may be up to {greatest} smaller")
    else:
        text = message(
            "{origin}; the plane is not known, and true lengths may be up to {greatest} smaller"
        )
    return language.say(text, origin=origin, greatest=percent(greatest, language))


def _manner(length: Length, hip: Hip, telling: Telling) -> str:
    """How a length came about, before anything is said of its plane."""
    language = telling.language
    if length.is_stated:
        stated = language.say(words.AS_STATED[telling.by_algorithm])
        if length.plane is Plane.UNKNOWN or telling.is_cross_sectional:
            return stated
        if length.plane is Plane.UNSTATED:
            stated = f"{stated}, {language.say('plane not stated')}"
        return f"{stated}, {plane_words(length, language)}"
    if length.basis is Basis.KNOWN_OBJECT and hip.calibration is not None:
        return language.say(
            "calibrated to an object of {size} in the image, valid at the depth of that object",
            size=size(hip.calibration.true_mm, language),
        )
    if length.is_across_slices:
        return language.say(words.ACROSS_SLICES)
    return language.say(words.ORIGINS[length.basis])
