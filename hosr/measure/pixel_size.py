"""What a pixel measures by an image header, and in which plane.

The cases of PS3.3 section 10.7 as an ordered table: the first row that applies decides. Where
Pixel Spacing differs from Imager Pixel Spacing somebody has corrected it already, and it is never
corrected again; Imager Pixel Spacing is by definition that of the detector.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hosr.findings import Basis, Plane
from hosr.measure.spacing import CROSS_SECTIONAL, Pair, Spacing
from hosr.phrases import Figures, figures, phrase

# The hip lies between tube and detector, so a radiograph shows it larger than it is: by 17 to 23 %
# in one department (mean 19.8 %; Coxa, scaling of digital radiographs for templating in total hip
# arthroplasty), a fixed 121 % being off by 1.4 % on average and 5.2 % at most (57 hips against the
# known diameter of their implant heads; Bone Joint J, patient positioning). Templating software
# commonly assumes 115 to 120 %. 1.15 to 1.25 holds these.
MAGNIFICATION = (1.15, 1.25)

# A magnification below 1 cannot be. How large one may be is a convention: no hip on a table or stand
# is further from its detector than 1.6 says; between tube and intensifier of a C-arm it may lie
# nearer to the tube.
_LEAST_MAGNIFICATION = 1.0
_MOST_MAGNIFICATION = {"XA": 2.5, "RF": 2.5}
_MOST_OF_OTHERS = 1.6

# Spacings that differ by less are the same number written with other digits, and a magnification
# this near to 1 is what devices write that estimated nothing.
_SAME = 0.001

# A centimetre of depth is about one per cent of magnification, and the hip's depth in the patient
# is known to about five; a 95 % half-width as a part of the length.
_DEPTH_UNCERTAINTY = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelSize:
    """The size of a pixel (between rows, between columns) and the plane it holds in.

    `depth_uncertainty` is a 95 % half-width as a part of any length: what a magnification that
    was estimated for another depth may be off by at the hip.
    """

    basis: Basis
    plane: Plane
    mm_per_pixel: Pair | None
    depth_uncertainty: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    basis: Basis
    plane: Plane
    applies: Callable[[Spacing], bool]
    mm_per_pixel: Callable[[Spacing], Pair | None]
    depth_uncertainty: float = 0.0


def basis_of(spacing: Spacing, modality: str) -> PixelSize:
    """What a pixel measures, by what in the header does not contradict physics."""
    if modality in CROSS_SECTIONAL:
        return _size(_CROSS_SECTIONAL, spacing)
    spacing, _ = without_contradictions(spacing, modality)
    size = _size(_PROJECTION, spacing)
    if _corrects_less_than_a_hip(size.basis, spacing, modality):
        # The hip is magnified more, by as much as nobody knows.
        return replace(size, plane=Plane.UNKNOWN, depth_uncertainty=0.0)
    return size


def _corrects_less_than_a_hip(basis: Basis, spacing: Spacing, modality: str) -> bool:
    if basis in _ESTIMATES:
        return modality == "DX" and _estimate(spacing) < MAGNIFICATION[0]
    corrections = [
        film / own for own, film in _axes(spacing.pixel_spacing_mm, _unmagnified(spacing))
    ]
    # A digitised film may be a reduced print, which is enlarged.
    return basis in _CORRECTIONS and 1 - _SAME < min(corrections, default=0) < MAGNIFICATION[0]


def ends_at_table(size: PixelSize) -> bool:
    """Whether a magnification is that at the table, and is but the least that the hip has."""
    return size.basis in _ESTIMATES | _CORRECTIONS and size.plane is Plane.UNKNOWN


def _estimate(spacing: Spacing) -> float:
    return spacing.magnification or _by_distance(spacing) or 1.0


def magnification_limits(modality: str) -> tuple[float, float]:
    """The least and the most that a hip can be magnified on a radiograph of this modality."""
    return _LEAST_MAGNIFICATION, _MOST_MAGNIFICATION.get(modality, _MOST_OF_OTHERS)


def is_plausible(magnification: float, modality: str) -> bool:
    """Whether a hip can be magnified so much."""
    low, high = magnification_limits(modality)
    return low - _SAME <= magnification <= high + _SAME


def _size(table: tuple[_Case, ...], spacing: Spacing) -> PixelSize:
    case = next(case for case in table if case.applies(spacing))
    return PixelSize(
        basis=case.basis,
        plane=case.plane,
        mm_per_pixel=case.mm_per_pixel(spacing),
        depth_uncertainty=case.depth_uncertainty,
    )


def without_contradictions(spacing: Spacing, modality: str) -> tuple[Spacing, tuple[str, ...]]:
    """The spacing without what physics denies, and in words what that was; often nothing.

    Of two spacings that contradict one another neither is used, as nobody knows which is right. A
    magnification that cannot be says nothing against the spacing at the detector; but a C-arm may
    magnify by so much that this one alone says nothing of the patient.
    """
    if modality in CROSS_SECTIONAL:
        return spacing, ()
    problems: list[str] = []
    for deny in (_deny_pair, _deny_factor, _deny_distances, _deny_c_arm):
        spacing, problem = deny(spacing, modality)
        problems += [problem] if problem else []
    return spacing, tuple(problems)


def _limits(modality: str) -> dict[str, Figures]:
    low, high = magnification_limits(modality)
    return {"low": figures(f"{low:g}"), "high": figures(f"{high:g}")}


def _deny_pair(spacing: Spacing, modality: str) -> tuple[Spacing, str]:
    ratios = [i / p for p, i in _axes(spacing.pixel_spacing_mm, spacing.imager_pixel_spacing_mm)]
    if ratios and min(ratios) < 1 / (1 + _SAME):
        problem = phrase("Pixel Spacing is larger than Imager Pixel Spacing; neither is used")
    elif not all(is_plausible(ratio, modality) for ratio in ratios):
        problem = phrase(
            "Pixel Spacing corrects for a magnification above {high}; no spacing is used",
            high=_limits(modality)["high"],
        )
    else:
        return spacing, ""
    return replace(spacing, pixel_spacing_mm=None, imager_pixel_spacing_mm=None), problem


def _deny_factor(spacing: Spacing, modality: str) -> tuple[Spacing, str]:
    if spacing.magnification is None or is_plausible(spacing.magnification, modality):
        return spacing, ""
    problem = phrase(
        "Estimated Radiographic Magnification Factor is not between {low} and {high}; it is not used",
        **_limits(modality),
    )
    return replace(spacing, magnification=None), problem


def _deny_distances(spacing: Spacing, modality: str) -> tuple[Spacing, str]:
    low, _ = magnification_limits(modality)
    if not _is_uncorrected(spacing) or is_plausible(_by_distance(spacing) or low, modality):
        return spacing, ""
    problem = phrase(
        "the distances from source to detector and to patient give no magnification between "
        "{low} and {high}; they are not used",
        **_limits(modality),
    )
    return replace(spacing, source_to_detector_mm=None, source_to_patient_mm=None), problem


def _deny_c_arm(spacing: Spacing, modality: str) -> tuple[Spacing, str]:
    if modality not in _MOST_MAGNIFICATION or not _is_at_detector(spacing):
        return spacing, ""
    problem = phrase(
        "the header does not say how much a C-arm magnifies, which is up to {high} times; its "
        "spacing gives no millimetres",
        high=_limits(modality)["high"],
    )
    bare = replace(
        spacing,
        pixel_spacing_mm=None,
        imager_pixel_spacing_mm=None,
        nominal_scanned_pixel_spacing_mm=None,
    )
    return bare, problem


def _is_at_detector(spacing: Spacing) -> bool:
    size = _size(_PROJECTION, spacing)
    return size.mm_per_pixel is not None and size.plane is not Plane.PATIENT


def _axes(first: Pair | None, second: Pair | None) -> tuple[tuple[float, float], ...]:
    """Two spacings side by side, rows and columns; nothing where one is absent."""
    return () if first is None or second is None else tuple(zip(first, second, strict=True))


def _unmagnified(spacing: Spacing) -> Pair | None:
    """The spacing that nobody corrects: that of the detector, else of the digitised film."""
    return spacing.imager_pixel_spacing_mm or spacing.nominal_scanned_pixel_spacing_mm


def _is_corrected(spacing: Spacing) -> bool:
    axes = _axes(spacing.pixel_spacing_mm, _unmagnified(spacing))
    return any(abs(own - other) > _SAME * other for own, other in axes)


def _is_uncorrected(spacing: Spacing) -> bool:
    """Whether only the detector's spacing is given, so that a magnification may be applied."""
    return spacing.pixel_spacing_mm is None and spacing.imager_pixel_spacing_mm is not None


def _by_distance(spacing: Spacing) -> float | None:
    if spacing.source_to_detector_mm and spacing.source_to_patient_mm:
        return spacing.source_to_detector_mm / spacing.source_to_patient_mm
    return None


def _estimates(magnification: float | None) -> bool:
    return magnification is not None and magnification > 1 + _SAME


def _divided(pair: Pair | None, magnification: float | None) -> Pair | None:
    if pair is None or magnification is None:
        return pair
    return pair[0] / magnification, pair[1] / magnification


def _is_calibrated(spacing: Spacing, kind: str = "") -> bool:
    """Whether Pixel Spacing was calibrated or corrected, in this manner if one is named."""
    stated = spacing.calibration_type in {"FIDUCIAL", "GEOMETRY"}
    alone = spacing.pixel_spacing_mm is not None and _unmagnified(spacing) is None and stated
    return (_is_corrected(spacing) or alone) and kind in {"", spacing.calibration_type}


# Of digital radiography the distance to the patient ends at the table or bucky (PS3.3 section
# C.8.11.5, Distance Source to Patient), behind which the hip does not lie.
_ESTIMATES = frozenset({Basis.ESTIMATED_ERMF, Basis.ESTIMATED_DISTANCE})
# Devices write it into Pixel Spacing as well, with the depth that it holds in left open (section
# 10.7.1.3). What was calibrated on an object beside the hip is believed.
_CORRECTIONS = frozenset({Basis.CALIBRATED_GEOMETRY, Basis.CALIBRATED_UNKNOWN})

# PS3.3 section C.8.2.1 and the pixel measures of section C.7.6.16.2.1.
_CROSS_SECTIONAL = (
    _Case(
        basis=Basis.CROSS_SECTIONAL,
        plane=Plane.PATIENT,
        applies=lambda s: s.pixel_spacing_mm is not None,
        mm_per_pixel=lambda s: s.pixel_spacing_mm,
    ),
    _Case(
        basis=Basis.UNCALIBRATED,
        plane=Plane.UNKNOWN,
        applies=lambda _: True,
        mm_per_pixel=lambda _: None,
    ),
)

# PS3.3 sections 10.7.1.1 to 10.7.1.3; the order is that of the viewers.
_PROJECTION = (
    # Differs from the detector's, calibrated on an object near the central ray.
    _Case(
        basis=Basis.CALIBRATED_FIDUCIAL,
        plane=Plane.PATIENT,
        applies=lambda s: _is_calibrated(s, "FIDUCIAL"),
        mm_per_pixel=lambda s: s.pixel_spacing_mm,
    ),
    # Differs, corrected for a known or assumed geometry.
    _Case(
        basis=Basis.CALIBRATED_GEOMETRY,
        plane=Plane.PATIENT,
        applies=lambda s: _is_calibrated(s, "GEOMETRY"),
        mm_per_pixel=lambda s: s.pixel_spacing_mm,
    ),
    # Differs, in a manner that nobody stated.
    _Case(
        basis=Basis.CALIBRATED_UNKNOWN,
        plane=Plane.PATIENT,
        applies=_is_calibrated,
        mm_per_pixel=lambda s: s.pixel_spacing_mm,
    ),
    # The same as the detector's: not calibrated.
    _Case(
        basis=Basis.DETECTOR_PLANE,
        plane=Plane.DETECTOR,
        applies=lambda s: None not in (s.pixel_spacing_mm, s.imager_pixel_spacing_mm),
        mm_per_pixel=lambda s: s.imager_pixel_spacing_mm,
    ),
    # The same as the film's.
    _Case(
        basis=Basis.FILM_PLANE,
        plane=Plane.DETECTOR,
        applies=lambda s: None not in (s.pixel_spacing_mm, s.nominal_scanned_pixel_spacing_mm),
        mm_per_pixel=lambda s: s.nominal_scanned_pixel_spacing_mm,
    ),
    # Alone and without a word on its plane.
    _Case(
        basis=Basis.UNKNOWN,
        plane=Plane.UNKNOWN,
        applies=lambda s: s.pixel_spacing_mm is not None,
        mm_per_pixel=lambda s: s.pixel_spacing_mm,
    ),
    # The detector's alone, with the magnification that the device estimated.
    _Case(
        basis=Basis.ESTIMATED_ERMF,
        plane=Plane.PATIENT,
        applies=lambda s: _is_uncorrected(s) and _estimates(s.magnification),
        mm_per_pixel=lambda s: _divided(s.imager_pixel_spacing_mm, s.magnification),
        depth_uncertainty=_DEPTH_UNCERTAINTY,
    ),
    # The detector's alone, with the distances (defined differently by object: CP-1301).
    _Case(
        basis=Basis.ESTIMATED_DISTANCE,
        plane=Plane.PATIENT,
        applies=lambda s: (
            _is_uncorrected(s) and s.magnification is None and _estimates(_by_distance(s))
        ),
        mm_per_pixel=lambda s: _divided(s.imager_pixel_spacing_mm, _by_distance(s)),
        depth_uncertainty=_DEPTH_UNCERTAINTY,
    ),
    # The detector's alone.
    _Case(
        basis=Basis.DETECTOR_PLANE,
        plane=Plane.DETECTOR,
        applies=_is_uncorrected,
        mm_per_pixel=lambda s: s.imager_pixel_spacing_mm,
    ),
    # The digitised film's alone.
    _Case(
        basis=Basis.FILM_PLANE,
        plane=Plane.DETECTOR,
        applies=lambda s: s.nominal_scanned_pixel_spacing_mm is not None,
        mm_per_pixel=lambda s: s.nominal_scanned_pixel_spacing_mm,
    ),
    _Case(
        basis=Basis.UNCALIBRATED,
        plane=Plane.UNKNOWN,
        applies=lambda _: True,
        mm_per_pixel=lambda _: None,
    ),
)
