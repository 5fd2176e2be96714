"""Stages of ossification and imaging features by modality.

The stages early, mineralization and maturation are described for radiographs and CT alike;
MR adds the delayed stage. A feature belongs to one modality and one stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hosr.codes import Code, hosr_code
from hosr.vocabulary.terms import ImagingModality


class Stage(StrEnum):
    """How far the ossification has come; the order of the members is the order of time."""

    EARLY = "early"
    MINERALIZATION = "mineralization"
    MATURATION = "maturation"
    DELAYED = "delayed"


STAGE_CODES = {
    Stage.EARLY: hosr_code("HO-ST-EARLY", "Early stage"),
    Stage.MINERALIZATION: hosr_code("HO-ST-MINERAL", "Mineralization stage"),
    Stage.MATURATION: hosr_code("HO-ST-MATURE", "Maturation stage"),
    Stage.DELAYED: hosr_code("HO-ST-DELAYED", "Delayed stage"),
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One imaging feature: its key in the record, where it can be seen, and its code."""

    key: str
    modality: ImagingModality
    stage: Stage
    code: Code


_XR, _CT, _MR = ImagingModality.RADIOGRAPH, ImagingModality.CT, ImagingModality.MR
_E, _I, _M, _D = Stage.EARLY, Stage.MINERALIZATION, Stage.MATURATION, Stage.DELAYED

# key, modality, stage, code value, meaning
_ROWS = (
    ("XR_EARLY_MASS", _XR, _E, "HO-XR-MASS", "Soft-tissue mass without calcification"),
    ("XR_EARLY_MISSABLE", _XR, _E, "HO-XR-MISSABLE", "Lesion may be missed on the radiograph"),
    ("XR_MIN_PERIPHERAL", _XR, _I, "HO-XR-PERIPHERAL", "Mineralization from the edge inwards"),
    ("XR_MIN_CENTRAL", _XR, _I, "HO-XR-CENTRAL", "Mineralization from the centre outwards"),
    ("XR_MIN_DISORGANISED", _XR, _I, "HO-XR-DISORG", "Mineralization without a pattern"),
    ("XR_MIN_ONSET", _XR, _I, "HO-XR-ONSET", "First visible mineralization"),
    ("XR_MAT_CORTEX", _XR, _M, "HO-XR-CORTEX", "Mature bone with a cortex"),
    ("CT_EARLY_LOW_ATTENUATION", _CT, _E, "HO-CT-LOW", "Mass of low attenuation"),
    ("CT_EARLY_INDISTINCT_PLANES", _CT, _E, "HO-CT-PLANES", "Indistinct soft-tissue planes"),
    ("CT_EARLY_ENHANCEMENT", _CT, _E, "HO-CT-ENHANCE", "Enhancing mass on CT"),
    ("CT_MIN_ZONAL", _CT, _I, "HO-CT-ZONAL", "Zonal mineralization on CT"),
    ("CT_MIN_CENTRAL_FAT", _CT, _I, "HO-CT-FAT", "Marrow fat in the centre on CT"),
    ("CT_MAT_PERIPHERAL_CORTEX", _CT, _M, "HO-CT-CORTEX", "Cortex at the edge on CT"),
    ("MR_EARLY_T2_HETEROGENEOUS_HIGH", _MR, _E, "HO-MR-T2-HIGH", "Heterogeneous high T2 signal"),
    ("MR_EARLY_MUSCLE_ENLARGED", _MR, _E, "HO-MR-MUSCLE", "Enlarged muscle without a focal lesion"),
    ("MR_EARLY_EDEMA", _MR, _E, "HO-MR-EDEMA", "Ill-defined surrounding edema on T2"),
    ("MR_EARLY_ENHANCEMENT", _MR, _E, "HO-MR-ENHANCE", "Enhancing lesion and edema on MR"),
    ("MR_MIN_T1_LOW_RIM", _MR, _I, "HO-MR-I-T1-RIM", "Zonal rim of low T1 signal"),
    (
        "MR_MIN_T1_HIGH_CENTRE",
        _MR,
        _I,
        "HO-MR-T1-FAT",
        "High T1 signal of marrow fat in the centre",
    ),
    ("MR_MAT_T1_LOW_RIM", _MR, _M, "HO-MR-M-T1-RIM", "Cortical rim of low T1 signal"),
    ("MR_MAT_T2_PERSISTENT", _MR, _M, "HO-MR-T2-LAST", "Persistent high T2 signal"),
    ("MR_DEL_STIR_LOW", _MR, _D, "HO-MR-STIR-LOW", "Low signal on STIR"),
    ("MR_DEL_LITTLE_EDEMA", _MR, _D, "HO-MR-NO-EDEMA", "Little or no surrounding edema"),
)

FEATURES: dict[str, Feature] = {
    key: Feature(key, modality, stage, hosr_code(value, meaning))
    for key, modality, stage, value, meaning in _ROWS
}
