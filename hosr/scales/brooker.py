"""Brooker classes, on one anteroposterior radiograph of the pelvis.

Brooker AF, Bowerman JW, Robinson RA, Riley LH Jr. Ectopic ossification following total hip
replacement: incidence and a method of classification. J Bone Joint Surg Am 1973;55:1629-32.
Class 0 (no ossification) is not among the four original classes; its use is general.
"""

from hosr.scales.scale import Criterion, Scale

BROOKER = Scale(
    key="brooker",
    title="Brooker",
    citation="Brooker et al., J Bone Joint Surg Am 1973;55:1629-32",
    stem="BROOKER",
    grades=("0", "I", "II", "III", "IV"),
    criteria=(
        Criterion("IV", lambda w: w.bridged, "apparent bone ankylosis of the hip"),
        Criterion(
            "III",
            lambda w: w.spur and w.gap_below,
            "bone spurs from the pelvis or proximal femur, less than 1 cm between opposing bone surfaces",
        ),
        Criterion(
            "II",
            lambda w: w.spur,
            "bone spurs from the pelvis or proximal femur, at least 1 cm between opposing bone surfaces",
        ),
        Criterion("I", lambda w: w.island, "islands of bone in the soft tissue about the hip"),
        Criterion("0", lambda _: True, "no heterotopic ossification"),
    ),
)
