"""Simplified biplanar grades: the same 1 cm, read on the AP and the lateral view.

Onsen and others 2023, PubMed 34510950: grade 1 leaves at least 1 cm on both views, grade 2 less
than 1 cm on either. Grade 0, no ossification, is this project's convention.
"""

from hosr.scales.scale import Criterion, Scale

SIMPLIFIED_BIPLANAR = Scale(
    key="simplified_biplanar",
    title="Simplified biplanar",
    citation="Onsen et al. 2023, PubMed 34510950",
    stem="BIPLANE",
    grades=("0", "1", "2"),
    criteria=(
        Criterion(
            "2",
            lambda w: w.bridged or (w.spur and (w.gap_below or w.gap_lateral_below)),
            "less than 1 cm between bone surfaces on the anteroposterior or the lateral view",
        ),
        Criterion(
            "1",
            lambda w: w.spur or w.island,
            "at least 1 cm between bone surfaces on the anteroposterior and the lateral view",
        ),
        Criterion("0", lambda _: True, "no heterotopic ossification"),
    ),
    optional=True,
)
