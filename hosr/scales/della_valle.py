"""Della Valle grades, a three-grade reading of the same findings.

Della Valle AG, Ruzo PS, Pavone V, Tolo E, Mintz DN, Salvati EA. Heterotopic ossification after
total hip arthroplasty: a critical analysis of the Brooker classification and proposal of a
simplified rating system. J Arthroplasty 2002;17:870-5. An island of exactly 1 cm, which the
wording leaves open, counts as long.
"""

from hosr.scales.scale import Criterion, Scale

DELLA_VALLE = Scale(
    key="della_valle",
    title="Della Valle",
    citation="Della Valle et al., J Arthroplasty 2002;17:870-5",
    stem="DELLAV",
    grades=("A", "B", "C"),
    criteria=(
        Criterion(
            "C",
            lambda w: w.bridged or (w.spur and w.gap_below),
            "bone spurs with less than 1 cm between opposing bone surfaces, or bone ankylosis",
        ),
        Criterion(
            "B",
            lambda w: w.spur or (w.island and w.island_long),
            "an island of bone of at least 1 cm, or bone spurs with at least 1 cm between femur and pelvis",
        ),
        Criterion(
            "A",
            lambda _: True,
            "no heterotopic ossification, or only islands of bone shorter than 1 cm",
        ),
    ),
)
