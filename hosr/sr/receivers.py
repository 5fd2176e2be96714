"""What receivers need: the forms that a choice of receiver changes, and what breaks one.

OHIF 3.13 throws, or shows a black viewport, on each of the faults; Stone and Slicer need some of
the rest. hosr refuses to hand over a document of its own that has one, valid as it may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hosr import codes
from hosr.codes import Code, Terminology
from hosr.errors import Fault
from hosr.sr.items import Graphic, Item, Quantity, Reference, Relation, read_number
from hosr.sr.labels import is_editable

Evidence = Sequence[tuple[str, str]]

_SELECTED = Relation.SELECTED_FROM


class ProfileName(StrEnum):
    """Receivers that need different forms of the same content."""

    AIR = "air"
    STONE = "stone"


@dataclass(frozen=True, slots=True)
class Profile:
    """One row of the table of profiles; one that `has_space` allows shapes in the patient (SCOORD3D)."""

    sop_class_uid: str
    sop_class: str
    source_image: Code
    has_space: bool
    purpose: str


# AIR: IHE AI Results asks for Comprehensive 3D SR. Stone: that viewer draws only Comprehensive SR
# whose regions are selected from an image named "Original Source".
PROFILES = {
    ProfileName.AIR: Profile(
        "1.2.840.10008.5.1.4.1.1.88.34",
        "Comprehensive 3D SR",
        codes.SOURCE,
        True,
        "IHE AI Results, OHIF, 3D Slicer, Weasis",
    ),
    ProfileName.STONE: Profile(
        "1.2.840.10008.5.1.4.1.1.88.33",
        "Comprehensive SR",
        codes.ORIGINAL_SOURCE,
        False,
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


def find_viewer_killers(
    root: Item, evidence: Evidence, study_uid: str, pertinent: Sequence[str] = ()
) -> list[Fault]:
    """Every known reason why a viewer would fail on this report; empty for a sound one.

    `evidence` lists the Study and SOP Instance UID of each instance that the report of the study
    rests on, `pertinent` the SOP Instance UIDs of those of other studies.
    """
    tree = _Tree.of(root)
    faults = [
        *_find_unnamed_items(tree),
        *_find_missing_evidence(tree, [*(uid for _, uid in evidence), *pertinent]),
        *_find_other_studies(evidence, study_uid),
    ]
    if root.name is not None and root.name.key == codes.IMAGING_MEASUREMENT_REPORT.key:
        faults += [fault for find in _MEASUREMENT_REPORT for fault in find(tree)]
    return faults


@dataclass(frozen=True, slots=True)
class _Tree:
    """A content tree with all its items, and with its measurement groups."""

    root: Item
    items: tuple[Item, ...]
    groups: tuple[Item, ...]

    @classmethod
    def of(cls, root: Item) -> _Tree:
        groups = (
            group
            for measurements in root.find(codes.IMAGING_MEASUREMENTS)
            for group in measurements.find(codes.MEASUREMENT_GROUP)
        )
        return cls(root, tuple(root.walk()), tuple(groups))


def _find_unnamed_items(tree: _Tree) -> Iterator[Fault]:
    for item in tree.items:
        if item.name is None:
            yield Fault(item.value_type, "an item has no concept name; text viewers throw on it")


def _find_missing_evidence(tree: _Tree, evidence: Sequence[str]) -> Iterator[Fault]:
    for item in tree.items:
        value = item.value
        if isinstance(value, Reference) and value.sop_instance_uid not in evidence:
            yield Fault(value.sop_instance_uid, "is referred to but is not listed as evidence")
    for uid, number in Counter(evidence).items():
        if number > 1:
            yield Fault(uid, "is listed twice as evidence; Stone stops at it")


def _find_other_studies(evidence: Evidence, study_uid: str) -> Iterator[Fault]:
    """OHIF throws on instances of several studies, and shows those of one study at a time."""
    for other in dict.fromkeys(uid for uid, _ in evidence if uid != study_uid):
        yield Fault(other, "is evidence of another study than the report")


def _find_missing_template(tree: _Tree) -> Iterator[Fault]:
    if tree.root.template != "1500":
        yield Fault("root", "template 1500 is not named; hydration throws")


def _find_no_groups(tree: _Tree) -> Iterator[Fault]:
    if not tree.groups:
        yield Fault("root", "there is no measurement group; OHIF shows an error page")
    if len(list(tree.root.find(codes.IMAGING_MEASUREMENTS))) > 1:
        yield Fault("root", "there are two lists of measurements; OHIF reads the first alone")
    if tree.root.first(codes.IMAGE_LIBRARY) is None:
        yield Fault("root", "there is no image library; older OHIF throws")


def _find_untracked_groups(tree: _Tree) -> Iterator[Fault]:
    uids = []
    for number, group in enumerate(tree.groups, start=1):
        uid = group.first(codes.TRACKING_UID, "UIDREF")
        words = group.first(codes.TRACKING_IDENTIFIER, "TEXT")
        if uid is None or words is None or not uid.value or not str(words.value).strip():
            yield Fault(f"group {number}", "has no tracking identifier and UID; OHIF throws")
        elif uid.value in uids:
            yield Fault(f"group {number}", "shares its tracking UID; OHIF merges the groups")
        else:
            uids.append(uid.value)


def _find_unspecified_groups(tree: _Tree) -> Iterator[Fault]:
    for number, group in enumerate(tree.groups, start=1):
        if group.first(codes.FINDING, "CODE") is None:
            yield Fault(f"group {number}", "has no finding; 3D Slicer throws")
        if group.first(codes.FINDING_SITE, "CODE") is None:
            yield Fault(f"group {number}", "has no finding site; 3D Slicer throws")
        if group.template != "1410":
            yield Fault(f"group {number}", "is not of template 1410; Stone does not draw it")


def _find_unplaced_groups(tree: _Tree) -> Iterator[Fault]:
    for number, group in enumerate(tree.groups, start=1):
        regions = [item for item in group.find(codes.IMAGE_REGION) if item.value_type == "SCOORD"]
        if not regions:
            yield Fault(f"group {number}", "has no image region; OHIF shows an error page")


def _find_misplaced_shapes(tree: _Tree) -> Iterator[Fault]:
    frames = {
        entry.value.sop_instance_uid: int(read_number(entry, codes.FRAME_COUNT) or 1)
        for library in tree.root.find(codes.IMAGE_LIBRARY)
        for entry in library.walk()
        if isinstance(entry.value, Reference)
    }
    for item in tree.items:
        if item.value_type != "SCOORD":
            continue
        sources = [child.value for child in item.children if child.relation is _SELECTED]
        source = sources[0] if len(item.children) == len(sources) == 1 else None
        if not isinstance(source, Reference):
            yield Fault("SCOORD", "is not selected from exactly one image")
        elif not _is_one_frame(source.frame, frames.get(source.sop_instance_uid, 1)):
            yield Fault("SCOORD", "names no frame of its image; OHIF draws it on the first")


def _is_one_frame(frame: int | None, frames: int) -> bool:
    return frames == 1 if frame is None else 1 <= frame <= frames


def _find_uneditable_lines(tree: _Tree) -> Iterator[Fault]:
    for number, group in enumerate(tree.groups, start=1):
        words = group.first(codes.TRACKING_IDENTIFIER, "TEXT")
        if words is None or not is_editable(str(words.value)):
            continue
        lengths = (item for item in group.children if item.value_type == "NUM")
        shapes = [shape.value for shape in next(lengths, Item("NUM", None)).children]
        points = [len(shape.points) for shape in shapes if isinstance(shape, Graphic)]
        if points != [2]:
            yield Fault(f"group {number}", "is no measured line; OHIF cannot make it editable")


def _find_empty_numbers(tree: _Tree) -> Iterator[Fault]:
    for item in tree.items:
        if item.value_type == "NUM" and not isinstance(item.value, Quantity):
            yield Fault("NUM", "has no value; OHIF throws on it")


_MEASUREMENT_REPORT: tuple[Callable[[_Tree], Iterator[Fault]], ...] = (
    _find_missing_template,
    _find_no_groups,
    _find_untracked_groups,
    _find_unspecified_groups,
    _find_unplaced_groups,
    _find_misplaced_shapes,
    _find_uneditable_lines,
    _find_empty_numbers,
)
