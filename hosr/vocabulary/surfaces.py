"""The surfaces that a program finds: of what, from what, and what became of distances between them."""

from __future__ import annotations

from enum import StrEnum

from hosr import codes
from hosr.codes import hosr_code


class Structure(StrEnum):
    """What a surface is of; `OSSIFICATION` is heterotopic bone that is neither one spur nor an island."""

    PELVIS = "pelvis"
    FEMUR = "femur"
    IMPLANT = "implant"
    OSSIFICATION = "ossification"
    ISLAND = "island"
    PELVIC_SPUR = "pelvic_spur"
    FEMORAL_SPUR = "femoral_spur"


class SurfaceBasis(StrEnum):
    """What surfaces were taken from."""

    MASK = "mask"
    """Cells that belong to the structure or do not."""
    PROBABILITIES = "probabilities"
    """How surely each cell belongs to it."""
    OCCUPANCY = "occupancy"
    """How much of each cell it fills."""


class SetAside(StrEnum):
    """Why a distance that was found is not the gap."""

    LONGER = "longer"
    THROUGH_BONE = "through_bone"
    UNSURE_ATTACHMENT = "unsure_attachment"
    UNDECIDED = "undecided"
    OVERLAP = "overlap"
    OTHER_LEVEL = "other_level"
    WIDE_VOXELS = "wide_voxels"
    BRIDGED = "bridged"


STRUCTURE_CODES = {
    Structure.PELVIS: codes.BONY_PELVIS,
    Structure.FEMUR: codes.PROXIMAL_FEMUR,
    Structure.IMPLANT: hosr_code("HO-SU-IMPLANT", "Implant"),
    Structure.OSSIFICATION: hosr_code("HO-SU-BONE", "Heterotopic bone, spur or island"),
    Structure.ISLAND: codes.ISLAND_OF_BONE,
    Structure.PELVIC_SPUR: codes.SPUR_PELVIS,
    Structure.FEMORAL_SPUR: codes.SPUR_FEMUR,
}

BASIS_OF_SURFACES_CODES = {
    SurfaceBasis.MASK: hosr_code("HO-SB-MASK", "Mask of a segmentation"),
    SurfaceBasis.PROBABILITIES: hosr_code("HO-SB-PROB", "Probabilities of a segmentation"),
    SurfaceBasis.OCCUPANCY: hosr_code("HO-SB-FILLED", "Filled parts of cells of a segmentation"),
}

SET_ASIDE_CODES = {
    SetAside.LONGER: hosr_code("HO-SA-LONGER", "Longer than the one that was taken"),
    SetAside.THROUGH_BONE: hosr_code("HO-SA-BONE", "Its line runs through bone or an implant"),
    SetAside.UNSURE_ATTACHMENT: hosr_code("HO-SA-UNSURE", "From a piece that may be an island"),
    SetAside.UNDECIDED: hosr_code("HO-SA-UNDECIDED", "A shorter or longer one may be the gap"),
    SetAside.OVERLAP: hosr_code("HO-SA-OVERLAP", "The two overlap in the projection"),
    SetAside.OTHER_LEVEL: hosr_code("HO-SA-LEVEL", "At another level of the probabilities"),
    SetAside.WIDE_VOXELS: hosr_code("HO-SA-WIDE", "The cells are too large to measure it"),
    SetAside.BRIDGED: hosr_code("HO-SA-BRIDGED", "Bone bridges the joint"),
}
