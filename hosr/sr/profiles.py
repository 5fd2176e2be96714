"""What a choice of receiver changes in the measurement report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hosr import codes
from hosr.codes import Code, Terminology


class ProfileName(StrEnum):
    """Receivers that need different forms of the same content."""

    AIR = "air"
    STONE = "stone"


@dataclass(frozen=True, slots=True)
class Profile:
    """One row of the table of profiles."""

    sop_class_uid: str
    sop_class: str
    source_image: Code
    purpose: str


# AIR: IHE AI Results asks for Comprehensive 3D SR. Stone: that viewer draws only Comprehensive SR
# whose regions are selected from an image named "Original Source".
PROFILES = {
    ProfileName.AIR: Profile(
        "1.2.840.10008.5.1.4.1.1.88.34",
        "Comprehensive 3D SR",
        codes.SOURCE,
        "IHE AI Results, OHIF, 3D Slicer, Weasis",
    ),
    ProfileName.STONE: Profile(
        "1.2.840.10008.5.1.4.1.1.88.33",
        "Comprehensive SR",
        codes.ORIGINAL_SOURCE,
        "Stone of Orthanc and receivers without Comprehensive 3D SR",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a report is said in DICOM, beyond what it says."""

    profile: ProfileName = ProfileName.AIR
    hydrate: bool = False
    terminology: Terminology = Terminology.OPEN

    @property
    def receiver(self) -> Profile:
        """The row of the table of profiles."""
        return PROFILES[self.profile]
