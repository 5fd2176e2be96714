"""How much wider a length looks at the detector than it is in the patient."""

from __future__ import annotations

from hosr.findings import Length, Plane

__all__ = ["MAGNIFICATION", "patient_interval_mm"]

# Hip radiographs without calibration are magnified by about 1.20; departments report means and
# ranges within 1.15 to 1.25 (templating studies with heads of known size as the truth).
MAGNIFICATION = (1.15, 1.25)

# What the plane of a length may mean for it: the least and the greatest factor to divide by.
_FACTORS = {
    Plane.PATIENT: (1.0, 1.0),
    Plane.DETECTOR: MAGNIFICATION,
    Plane.UNKNOWN: (1.0, MAGNIFICATION[1]),
}


def patient_interval_mm(length: Length) -> tuple[float, float] | None:
    """The least and the greatest length in the patient that a measured length stands for, in mm.

    None where nothing was measured. The reading error is not part of the interval.
    """
    if length.mm is None:
        return None
    least, greatest = _FACTORS[length.plane]
    return length.mm / greatest, length.mm / least
