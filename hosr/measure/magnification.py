"""From a length on the detector to the lengths it may stand for in the patient.

The hip lies between tube and detector, so a radiograph shows it larger than it is: by 17 to 23 %
in one department (mean 19.8 %; Coxa, scaling of digital radiographs for templating in total hip
arthroplasty), a fixed 121 % being off by 1.4 % on average and 5.2 % at most (57 hips against the
known diameter of their implant heads; Bone Joint J, patient positioning). Templating software
commonly assumes 115 to 120 %. 1.15 to 1.25 holds these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.findings import Plane

if TYPE_CHECKING:
    from hosr.findings import Length


MAGNIFICATION = (1.15, 1.25)

# What a length is divided by, from the most to the least that it may be magnified; where nobody
# can tell the plane, the length may be that in the patient already.
_DIVISORS = {
    Plane.PATIENT: (1.0, 1.0),
    Plane.DETECTOR: (MAGNIFICATION[1], MAGNIFICATION[0]),
    Plane.UNKNOWN: (MAGNIFICATION[1], 1.0),
}


def patient_interval_mm(length: Length) -> tuple[float, float] | None:
    """The least and the greatest length in the patient that a length may stand for.

    Reading error is not in it. None where the length has no millimetres.
    """
    if length.mm is None:
        return None
    most, least = _DIVISORS[length.plane]
    return length.mm / most, length.mm / least
