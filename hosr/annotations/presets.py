"""The labels of models that many use, by name, with what they stand for.

Names and never numbers: between versions 1 and 2 of TotalSegmentator the number of a bone moved, as 88
from the left femur to the left iliopsoas muscle. None of these models knows heterotopic bone: its
label comes from another model, and has its role in labels.toml.

TotalSegmentator: Wasserthal et al, doi:10.1148/ryai.230024; the names of the tasks total, total_mr
and hip_implant by totalsegmentator/map_to_binary.py of its repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hosr.annotations.roles import Meaning, Role
from hosr.vocabulary.terms import Side

_BONES = {
    "hip_left": Meaning(role=Role.PELVIS, side=Side.LEFT),
    "hip_right": Meaning(role=Role.PELVIS, side=Side.RIGHT),
    "femur_left": Meaning(role=Role.FEMUR, side=Side.LEFT),
    "femur_right": Meaning(role=Role.FEMUR, side=Side.RIGHT),
    "hip_implant": Meaning(role=Role.IMPLANT),
}

# What both versions know and no hip is graded by. The sacrum is no part of a hip bone.
_OTHERS = """
    sacrum spleen gallbladder liver stomach pancreas esophagus trachea aorta brain small_bowel duodenum
    colon urinary_bladder inferior_vena_cava portal_vein_and_splenic_vein
    lung_upper_lobe_left lung_lower_lobe_left lung_upper_lobe_right lung_middle_lobe_right
    lung_lower_lobe_right
    vertebrae_L5 vertebrae_L4 vertebrae_L3 vertebrae_L2 vertebrae_L1 vertebrae_T12 vertebrae_T11
    vertebrae_T10 vertebrae_T9 vertebrae_T8 vertebrae_T7 vertebrae_T6 vertebrae_T5 vertebrae_T4
    vertebrae_T3 vertebrae_T2 vertebrae_T1 vertebrae_C7 vertebrae_C6 vertebrae_C5 vertebrae_C4
    vertebrae_C3 vertebrae_C2 vertebrae_C1
"""
_PAIRS = """
    kidney adrenal_gland iliac_artery iliac_vena humerus scapula clavicula gluteus_maximus
    gluteus_medius gluteus_minimus autochthon iliopsoas
"""
_SIDES = ("left", "right")
_RIBS = 12

_ONLY_1 = """
    face heart_myocardium heart_atrium_left heart_ventricle_left heart_atrium_right
    heart_ventricle_right pulmonary_artery
"""
_ONLY_2 = """
    thyroid_gland prostate kidney_cyst_left kidney_cyst_right vertebrae_S1 heart pulmonary_vein
    brachiocephalic_trunk subclavian_artery_right subclavian_artery_left common_carotid_artery_right
    common_carotid_artery_left brachiocephalic_vein_left brachiocephalic_vein_right
    atrial_appendage_left superior_vena_cava spinal_cord skull sternum costal_cartilages
    lung_left lung_right vertebrae intervertebral_discs
"""


def _preset(only: str) -> Mapping[str, Meaning]:
    pairs = [f"{name}_{side}" for name in _PAIRS.split() for side in _SIDES]
    ribs = [f"rib_{side}_{number}" for side in _SIDES for number in range(1, _RIBS + 1)]
    others = dict.fromkeys(
        [*_OTHERS.split(), *pairs, *ribs, *only.split()], Meaning(role=Role.IGNORE)
    )
    return MappingProxyType(_BONES | others)


PRESETS: Mapping[str, Mapping[str, Meaning]] = MappingProxyType(
    {"totalsegmentator-1": _preset(_ONLY_1), "totalsegmentator-2": _preset(_ONLY_2)}
)
"""By the name of the preset in labels.toml: the names of its labels, and their meaning."""
