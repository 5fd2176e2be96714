"""The measurement groups of the measurement report, and where each of them lies.

A group is of a hip, or of a further island of it. Its place is a BodyStructure with the tracking UID
of the lesion, which stays the same in all versions of a report; in R5 the shape that it was drawn with
is an ImagingSelection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hosr import codes
from hosr.codes import Code
from hosr.composite.labels import SIDES
from hosr.identity import derive_uid
from hosr.messages.fhir.elements import (
    Json,
    Release,
    concept,
    given,
    observation_identifier,
    sop_class,
    uid_identifier,
)
from hosr.messages.fhir.entries import Entry, by_identifier, by_tag, uid_tag
from hosr.messages.fhir.shared import Shared
from hosr.report import GradedHip
from hosr.sr.items import (
    Graphic,
    Item,
    ItemValue,
    Reference,
    SpaceGraphic,
    read_choice,
    read_string,
)
from hosr.sr.labels import PROJECTIONS, REGION_CODES, RegionKind
from hosr.sr.observations import observation_uid
from hosr.study import Instance
from hosr.vocabulary.terms import SIDE_CODES, Side

_PROJECTED = (codes.ISLAND_PROJECTED.key, codes.LATERAL_PROJECTED.key)
_BODY_SITE = "http://hl7.org/fhir/StructureDefinition/bodySite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One measurement group: its item, its hip, and the words for where it lies, without a grade."""

    item: Item
    graded: GradedHip
    tracking_uid: str
    words: str
    region: RegionKind
    shared: Shared

    @property
    def side(self) -> Side:
        """The side of its hip."""
        return self.graded.hip.side

    def identifier(self, item: Item, name: Code, number: int = 1) -> Json:
        """What an observation of the group is known by in all versions of a report.

        The Observation UID of its item; those of the first form have none.
        """
        if item.uid:
            return observation_identifier(item.uid)
        return uid_identifier(observation_uid(self.tracking_uid, name, number))


def find_groups(root: Item, shared: Shared) -> tuple[Group, ...]:
    """The groups of a measurement report, in its order."""
    measurements = root.first(codes.IMAGING_MEASUREMENTS)
    found = () if measurements is None else measurements.find(codes.MEASUREMENT_GROUP)
    return tuple(_read_group(item, shared) for item in found)


def _read_group(item: Item, shared: Shared) -> Group:
    site, region = item.first(codes.FINDING_SITE), read_choice(item, codes.REGION, REGION_CODES)
    side = None if site is None else read_choice(site, codes.LATERALITY, SIDE_CODES)
    if side is None or region is None:
        raise ValueError("a measurement group has a side and a region")
    words, finding = SIDES[side], item.first(codes.FINDING)
    if finding is not None and finding.value == codes.ISLAND_OF_BONE:
        number = read_string(item, codes.TRACKING_IDENTIFIER).rpartition(" ")[2]
        words = f"{words}, island {number}"
    return Group(
        item=item,
        graded=next(graded for graded in shared.report.hips if graded.hip.side is side),
        tracking_uid=read_string(item, codes.TRACKING_UID),
        words=words,
        region=region,
        shared=shared,
    )


def structure_entry(group: Group) -> Entry:
    """The place of a group, with its side: what R4 has no other element for.

    It is found by a tag: there are servers that know no search for its identifier.
    """
    tag = uid_tag(group.tracking_uid)
    identifiers = [
        {"type": concept(codes.TRACKING_IDENTIFIER), "value": group.words},
        {"type": concept(codes.TRACKING_UID), **uid_identifier(group.tracking_uid)},
    ]
    joint, side = concept(codes.HIP_JOINT), concept(SIDE_CODES[group.side])
    if group.shared.release is Release.R5:
        place: Json = {"includedStructure": [{"structure": joint, "laterality": side}]}
    else:
        place = {"location": joint, "locationQualifier": [side]}
    resource = {
        "resourceType": "BodyStructure",
        "meta": {"tag": [tag]},
        "identifier": identifiers,
        **place,
        "description": group.words,
        "patient": group.shared.subject,
    }
    return Entry(resource=resource, criteria=by_tag(tag))


def site_of(group: Group, structure: Entry) -> Json:
    """How an observation of the group says where it lies.

    R5 takes a body site or a body structure, not both (obs-8); in R4 the structure is an extension.
    """
    reference = structure.reference(group.words)
    if group.shared.release is Release.R5:
        return {"bodyStructure": reference}
    held = [{"url": _BODY_SITE, "valueReference": reference}]
    site = concept(codes.HIP_JOINT, group.words)
    return {"bodySite": {"extension": held, **site}}


def document_entry(shared: Shared) -> Entry:
    """The measurement report itself, as R5 names an object of a study."""
    identifier = uid_identifier(shared.document.sop_instance_uid)
    resource = _selection(shared, identifier, codes.ORIGINAL_SOURCE, shared.document, {})
    return Entry(resource=resource, criteria=by_identifier(identifier))


def shape_entries(item: Item, group: Group) -> Iterator[Entry]:
    """What an item was drawn with. The frame of an image that stands for a place is drawn by nobody.

    A line in space is told of the image of its group, for R5 asks for one.
    """
    for shape in item.children:
        if shape.value_type != "SCOORD":
            continue
        purpose, value = codes.IMAGE_REGION, shape.value
        if item is group.item and shape.name == codes.IMAGE_REGION:
            value = None if group.region is RegionKind.FRAME else value
            purpose = REGION_CODES[group.region] if group.region in PROJECTIONS else purpose
        elif shape.name is not None and shape.name.key in _PROJECTED:
            purpose = shape.name
        yield _shape_entry(shape, value, purpose, group)
    for region in group.item.find(codes.IMAGE_REGION, "SCOORD"):
        for shape in item.find(codes.PATH, "SCOORD3D"):
            yield _shape_entry(region, shape.value, codes.PATH, group)


def _shape_entry(shape: Item, graphic: ItemValue, purpose: Code, group: Group) -> Entry:
    """What was drawn, on the image that `shape` is selected from; that alone where it is None."""
    source = shape.children[0].value
    if not isinstance(source, Reference):
        raise TypeError("a shape is selected from an image")
    images = {i.instance.sop_instance_uid: i.instance for i in group.shared.report.subject.images}
    drawn: Json = {}
    if source.frame is not None:
        drawn["subset"] = [str(source.frame)]
    more: Json = {}
    if isinstance(graphic, Graphic | SpaceGraphic):
        flat = [number for point in graphic.points for number in point]
        region = [{"regionType": graphic.shape.lower(), "coordinate": flat}]
        drawn["imageRegion2D" if isinstance(graphic, Graphic) else "imageRegion3D"] = region
    if isinstance(graphic, SpaceGraphic):
        more["frameOfReferenceUid"] = graphic.frame_of_reference_uid
    uid = derive_uid("selection", group.tracking_uid, source.sop_instance_uid, str(drawn))
    identifier = uid_identifier(uid)
    image = images[source.sop_instance_uid]
    resource = {**_selection(group.shared, identifier, purpose, image, drawn), **more}
    return Entry(resource=resource, criteria=by_identifier(identifier))


def _selection(
    shared: Shared, identifier: Json, purpose: Code, chosen: Instance, drawn: Json
) -> Json:
    study = shared.report.subject.study.study_instance_uid
    uid, kind = chosen.sop_instance_uid, sop_class(chosen.sop_class_uid)
    return given(
        resourceType="ImagingSelection",
        identifier=[identifier],
        status="available",
        subject=shared.subject,
        code=concept(purpose),
        studyUid=study,
        derivedFrom=[shared.study.reference()],
        seriesUid=chosen.series_instance_uid,
        instance=[{"uid": uid, "sopClass": kind, **drawn}],
    )
