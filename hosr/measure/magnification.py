"""What a length stands for in the patient, by its magnification, and how surely it is read.

The hip lies between tube and detector, so a radiograph shows it larger than it is: by 17 to 23 %
in one department (mean 19.8 %; Coxa, scaling of digital radiographs for templating in total hip
arthroplasty), a fixed 121 % being off by 1.4 % on average and 5.2 % at most (57 hips against the
known diameter of their implant heads; Bone Joint J, patient positioning). Templating software
commonly assumes 115 to 120 %. 1.15 to 1.25 holds these.
"""

from __future__ import annotations

from hosr.findings import Algorithm, Length, Observer, Plane

MAGNIFICATION = (1.15, 1.25)

# The least and the most that a length may be magnified; where nobody can tell the plane, it may be
# that in the patient already.
MAGNIFICATIONS = {
    Plane.PATIENT: (1.0, 1.0),
    Plane.DETECTOR: MAGNIFICATION,
    Plane.UNKNOWN: (1.0, MAGNIFICATION[1]),
}

# 95 % half-widths of a gap as read: repeat films, readers and the fuzzy edge of new bone taken
# together (conventions; Auleley 2001 and reader studies of the hip). One careful reader on a
# calibrated film stays within 0.6 mm, several within 1.4 mm; an algorithm's marks are less sure.
PERSON_READING_ERROR_MM = 1.0
_ALGORITHM_READING_ERROR_MM = 1.5


def patient_interval_mm(length: Length) -> tuple[float, float] | None:
    """The least and the greatest length in the patient that a length may stand for.

    Reading error is not in it. None where the length has no millimetres.
    """
    if length.mm is None:
        return None
    least, most = MAGNIFICATIONS[length.plane]
    return length.mm / most, length.mm / least


def reading_error_mm(observer: Observer) -> float:
    """The 95 % half-width of a length that this observer read and nobody qualified."""
    if isinstance(observer, Algorithm):
        return _ALGORITHM_READING_ERROR_MM
    return PERSON_READING_ERROR_MM
