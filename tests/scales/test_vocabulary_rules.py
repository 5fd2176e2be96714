"""What stages and features exclude: of one another, and of a modality."""

from itertools import combinations

import pytest

from hosr.errors import Fault
from hosr.vocabulary.terms import FEATURES, VIEW_MODALITIES, ImagingModality, Stage, View
from tests.scales.hips import Case, hip_fault, staged

_E11 = hip_fault(
    "stage",
    "the delayed stage is described on MR only",
    "use early, mineralization or maturation on radiograph and CT",
    "E11",
)
_V2 = hip_fault(
    "features",
    "the early stage excludes features of mineralized or mature bone",
    "correct the stage or the features",
    "V2",
)
_V3 = hip_fault(
    "features",
    "mature bone excludes a mass without calcification, and a muscle that is only enlarged",
    "correct the stage or the features",
    "V3",
)
_V5 = hip_fault(
    "features",
    "mineralization from the edge, from the centre and without a pattern exclude one another",
    "keep the one that was seen",
    "V5",
)
_V5_EDEMA = hip_fault(
    "features",
    "surrounding edema and little or no edema exclude one another",
    "keep the one that was seen",
    "V5",
)
_V6 = hip_fault(
    "features",
    "a feature belongs to another modality than the study",
    "XR_ features need a radiograph, CT_ a CT, MR_ an MR",
    "V6",
)
# fault, what breaks the rule, a neighbour that does not
_ROWS: list[tuple[Fault, Case, Case]] = [
    (_E11, staged(Stage.DELAYED), staged(Stage.DELAYED, view=View.MR)),
    (_E11, staged(Stage.DELAYED, view=View.CT), staged(Stage.MATURATION, view=View.CT)),
    (_V2, staged(Stage.EARLY, "XR_MIN_PERIPHERAL"), staged(Stage.EARLY, "XR_EARLY_MASS")),
    (_V2, staged(Stage.EARLY, "XR_MAT_CORTEX"), staged(Stage.MATURATION, "XR_MAT_CORTEX")),
    (
        _V3,
        staged(Stage.MATURATION, "XR_EARLY_MASS"),
        staged(Stage.MINERALIZATION, "XR_EARLY_MASS"),
    ),
    (
        _V5,
        staged(Stage.MINERALIZATION, "XR_MIN_PERIPHERAL", "XR_MIN_CENTRAL"),
        staged(Stage.MINERALIZATION, "XR_MIN_PERIPHERAL", "XR_MIN_ONSET"),
    ),
    *(
        (
            _V5,
            staged(Stage.MINERALIZATION, other, "XR_MIN_DISORGANISED"),
            staged(Stage.MINERALIZATION, other),
        )
        for other in ("XR_MIN_PERIPHERAL", "XR_MIN_CENTRAL")
    ),
    *(
        (
            _V5,
            staged(Stage.MINERALIZATION, one, other, view=View.CT),
            staged(Stage.MINERALIZATION, one, "CT_MIN_CENTRAL_FAT", view=View.CT),
        )
        for one, other in combinations(("CT_MIN_ZONAL", "CT_MIN_CENTRAL", "CT_MIN_DISORGANISED"), 2)
    ),
    (
        _V3,
        staged(Stage.MATURATION, "CT_EARLY_LOW_ATTENUATION", view=View.CT),
        staged(Stage.MATURATION, "CT_EARLY_INDISTINCT_PLANES", view=View.CT),
    ),
    (
        _V3,
        staged(Stage.MATURATION, "MR_EARLY_MUSCLE_ENLARGED", view=View.MR),
        staged(Stage.MATURATION, "MR_EARLY_EDEMA", view=View.MR),
    ),
    (
        _V5_EDEMA,
        staged(Stage.DELAYED, "MR_EARLY_EDEMA", "MR_DEL_LITTLE_EDEMA", view=View.MR),
        staged(Stage.DELAYED, "MR_DEL_LITTLE_EDEMA", view=View.MR),
    ),
]


@pytest.mark.parametrize(
    ("fault", "breach", "neighbour"),
    _ROWS,
    ids=[f"{index} {row[0].rule}" for index, row in enumerate(_ROWS)],
)
def test_contradiction(fault: Fault, breach: Case, neighbour: Case) -> None:
    """The smallest breach is refused by its rule and no other; the neighbour is not refused."""
    assert breach.faults() == [fault]
    assert neighbour.faults() == []


def test_all_faults_of_one_lesion_at_once() -> None:
    """A lesion that breaks several rules is told them all."""
    lesion = staged(Stage.DELAYED, "XR_MIN_PERIPHERAL", "XR_MIN_CENTRAL", "CT_MIN_ZONAL")

    assert lesion.faults() == [_E11, _V5, _V6]


_FAMILY_VIEWS = {
    ImagingModality.RADIOGRAPH: View.AP_PELVIS,
    ImagingModality.CT: View.CT,
    ImagingModality.MR: View.MR,
}


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("key", list(FEATURES))
def test_feature_of_another_modality(key: str, view: View) -> None:
    """V6 and V7: a feature is of its own modality only; signal is of MR, attenuation of CT."""
    feature = FEATURES[key]
    stage = feature.stage
    own = VIEW_MODALITIES[view] is feature.modality
    expected = [] if own else [_V6]

    # The delayed stage is of MR for a reason of its own, so its features stand alone elsewhere.
    given = None if stage is Stage.DELAYED and view is not View.MR else stage
    assert staged(given, key, view=view).faults() == expected


def test_features_of_one_word_for_each_modality() -> None:
    """The keys begin with the modality they belong to."""
    prefixes = {ImagingModality.RADIOGRAPH: "XR_", ImagingModality.CT: "CT_"}

    assert all(
        key.startswith(prefixes.get(feature.modality, "MR_")) for key, feature in FEATURES.items()
    )


@pytest.mark.parametrize("stage", [Stage.EARLY, Stage.MINERALIZATION, Stage.MATURATION])
@pytest.mark.parametrize("modality", list(ImagingModality))
def test_stages_that_every_modality_has(stage: Stage, modality: ImagingModality) -> None:
    """V1 and V13: three stages are described on film, CT and MR alike."""
    assert staged(stage, view=_FAMILY_VIEWS[modality]).faults() == []
