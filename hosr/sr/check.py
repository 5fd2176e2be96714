"""What is known to break a receiver of an otherwise lawful report.

OHIF 3.13 throws, or shows a black viewport, on each of these; Stone and Slicer need some of the
rest. hosr refuses to hand over a document of its own that has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydicom.dataset import Dataset

from hosr import codes
from hosr.errors import Fault
from hosr.sr.items import Item, Quantity, Reference
from hosr.sr.read import read_item

__all__ = ["find_viewer_killers"]


def find_viewer_killers(dataset: Dataset) -> list[Fault]:
    """Every known reason why a viewer would fail on this report; empty for a sound one."""
    root = read_item(dataset)
    evidence = _evidence(dataset)
    faults = [fault for find in _EVERY_REPORT for fault in find(root, evidence)]
    if root.name is not None and root.name.key == codes.IMAGING_MEASUREMENT_REPORT.key:
        faults += [fault for find in _MEASUREMENT_REPORT for fault in find(root, evidence)]
    return faults


def _evidence(dataset: Dataset) -> list[str]:
    return [
        str(sop.ReferencedSOPInstanceUID)
        for study in dataset.get("CurrentRequestedProcedureEvidenceSequence", ())
        for series in study.ReferencedSeriesSequence
        for sop in series.ReferencedSOPSequence
    ]


def _groups(root: Item) -> list[Item]:
    return [
        group
        for measurements in root.find(codes.IMAGING_MEASUREMENTS)
        for group in measurements.find(codes.MEASUREMENT_GROUP)
    ]


def _find_unnamed_items(root: Item, _: list[str]) -> Iterator[Fault]:
    for item in root.walk():
        if item.name is None:
            yield Fault(item.value_type, "an item has no concept name; text viewers throw on it")


def _find_missing_evidence(root: Item, evidence: list[str]) -> Iterator[Fault]:
    for item in root.walk():
        value = item.value
        if isinstance(value, Reference) and value.sop_instance_uid not in evidence:
            yield Fault(value.sop_instance_uid, "is referred to but is not listed as evidence")
    for uid in {uid for uid in evidence if evidence.count(uid) > 1}:
        yield Fault(uid, "is listed twice as evidence; Stone stops at it")


def _find_missing_template(root: Item, _: list[str]) -> Iterator[Fault]:
    if root.template != "1500":
        yield Fault("root", "template 1500 is not named; hydration throws")


def _find_no_groups(root: Item, _: list[str]) -> Iterator[Fault]:
    if not _groups(root):
        yield Fault("root", "there is no measurement group; OHIF shows an error page")
    if root.first(codes.IMAGE_LIBRARY) is None:
        yield Fault("root", "there is no image library; older OHIF throws")


def _find_untracked_groups(root: Item, _: list[str]) -> Iterator[Fault]:
    uids = []
    for number, group in enumerate(_groups(root), start=1):
        uid = group.first(codes.TRACKING_UID, "UIDREF")
        if uid is None or group.first(codes.TRACKING_IDENTIFIER, "TEXT") is None:
            yield Fault(f"group {number}", "has no tracking identifier and UID; OHIF throws")
        elif uid.value in uids:
            yield Fault(f"group {number}", "shares its tracking UID; OHIF merges the groups")
        else:
            uids.append(uid.value)


def _find_unplaced_groups(root: Item, _: list[str]) -> Iterator[Fault]:
    for number, group in enumerate(_groups(root), start=1):
        regions = [item for item in group.find(codes.IMAGE_REGION) if item.value_type == "SCOORD"]
        if not regions:
            yield Fault(f"group {number}", "has no image region; OHIF shows an error page")
    for item in root.walk():
        if item.value_type == "SCOORD" and not (
            len(item.children) == 1 and isinstance(item.children[0].value, Reference)
        ):
            yield Fault("SCOORD", "is not selected from exactly one image")


def _find_empty_numbers(root: Item, _: list[str]) -> Iterator[Fault]:
    for item in root.walk():
        if item.value_type == "NUM" and not isinstance(item.value, Quantity):
            yield Fault("NUM", "has no value; OHIF throws on it")


_Find = Callable[[Item, list[str]], Iterator[Fault]]
_EVERY_REPORT: tuple[_Find, ...] = (_find_unnamed_items, _find_missing_evidence)
_MEASUREMENT_REPORT: tuple[_Find, ...] = (
    _find_missing_template,
    _find_no_groups,
    _find_untracked_groups,
    _find_unplaced_groups,
    _find_empty_numbers,
)
