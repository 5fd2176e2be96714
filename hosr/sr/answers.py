"""What is said of a hip in its measurement group: coded answers to coded questions, and their grades."""

from __future__ import annotations

from hosr import codes
from hosr.codes import Code
from hosr.findings import Hip, Island, Mass
from hosr.report import GradedHip
from hosr.scales import SCALES
from hosr.scales.scale import Grade
from hosr.sr.items import Item, Relation, code, num, text
from hosr.sr.labels import OF_ISLANDS, RegionKind, drawn_islands, is_drawn
from hosr.version import FIRST_FORM
from hosr.vocabulary.flags import FLAG_CODES
from hosr.vocabulary.terms import (
    BRIDGING_BASIS_CODES,
    BRIDGING_CODES,
    CONTRAST_CODES,
    FEATURES,
    GAP_CLASS_CODES,
    PRESENCE_CODES,
    SEEN_CODES,
    SITE_CODES,
    STAGE_CODES,
    YES_NO_CODES,
)


def hip_answers(graded: GradedHip, kind: RegionKind, form: str) -> list[Item]:
    """The answers of a hip whose group has a region of this kind, in a form of hosr."""
    hip = graded.hip
    own_island = drawn_islands(hip)[:1] if kind in OF_ISLANDS else ()
    return [
        *_state(hip, form),
        *(item for island in own_island for item in island_sites(island)),
        *_islands(hip),
        *_spurs_and_gap(hip),
        *(item for grade in graded.grades for item in _grade_items(grade)),
        *_probabilities(hip),
        *(code(codes.FLAG, FLAG_CODES[flag]) for flag in graded.flags),
        *([text(codes.REMARK, hip.comment)] if hip.comment else []),
    ]


def _state(hip: Hip, form: str) -> list[Item]:
    items = [code(codes.EVALUABLE, YES_NO_CODES[hip.evaluable])]
    if hip.not_evaluable_reason:
        items.append(text(codes.NOT_EVALUABLE_REASON, hip.not_evaluable_reason))
    if hip.presence is not None:
        items.append(code(codes.PRESENCE, PRESENCE_CODES[hip.presence]))
    elif form != FIRST_FORM:
        items.append(code(codes.PRESENCE, codes.UNKNOWN))
    items += [code(codes.SITE, SITE_CODES[site]) for site in hip.sites]
    if hip.hardware_nearby is not None:
        items.append(code(codes.HARDWARE_NEARBY, SEEN_CODES[hip.hardware_nearby]))
    if hip.mass is not None:
        items.append(_mass(hip.mass))
    if hip.stage is not None:
        items.append(code(codes.STAGE, STAGE_CODES[hip.stage]))
    items += [code(codes.FEATURE, FEATURES[key].code) for key in hip.features]
    return items


def _mass(mass: Mass) -> Item:
    properties = Relation.HAS_PROPERTIES
    sizes = [num(codes.MASS_SIZE, mm, codes.MILLIMETER, properties) for mm in mass.sizes_mm]
    contrast = mass.contrast and CONTRAST_CODES[mass.contrast]
    return code(codes.MASS, codes.PRESENT).having(
        *sizes, code(codes.MASS_CONTRAST, contrast, properties) if contrast else None
    )


def _islands(hip: Hip) -> list[Item]:
    """Islands that have neither place nor length; the others stand as regions and lengths."""
    if hip.islands == ():
        return [code(codes.ISLANDS, SEEN_CODES[False])]
    bare = [i for i in hip.islands or () if not is_drawn(i) and i.length is None]
    return [
        code(codes.ISLANDS, SEEN_CODES[True]).having(*island_sites(each, Relation.HAS_PROPERTIES))
        for each in bare
    ]


def island_sites(island: Island, relation: Relation = Relation.CONTAINS) -> list[Item]:
    """Where about the hip an island lies."""
    return [code(codes.ISLAND_SITE, SITE_CODES[site], relation) for site in island.sites]


def _spurs_and_gap(hip: Hip) -> list[Item]:
    items = []
    for name, seen in (
        (codes.SPUR_PELVIS, hip.spurs.pelvis),
        (codes.SPUR_FEMUR, hip.spurs.femur),
    ):
        if seen is not None:
            items.append(code(name, SEEN_CODES[seen]))
    for name, gap in (
        (codes.GAP_CLASS, hip.gap),
        (codes.GAP_LATERAL_CLASS, hip.gap_lateral),
    ):
        if gap is not None and gap.gap_class is not None:
            items.append(code(name, GAP_CLASS_CODES[gap.gap_class]))
    if hip.bridging is not None:
        items.append(code(codes.BRIDGING, BRIDGING_CODES[hip.bridging]))
    if hip.bridging_basis is not None:
        items.append(code(codes.BRIDGING_BASIS, BRIDGING_BASIS_CODES[hip.bridging_basis]))
    return items


def _grade_items(grade: Grade) -> list[Item]:
    scale = SCALES[grade.scale]
    return [
        code(scale.concept, _stated(grade)),
        *(code(scale.source_concept, scale.code(given)) for given in grade.source),
        *(code(scale.possible_concept, scale.code(open_)) for open_ in grade.possible),
        text(scale.rule_concept, grade.rule),
    ]


def _stated(grade: Grade) -> Code:
    if len(grade.stated) == 1:
        return SCALES[grade.scale].code(grade.stated[0])
    return codes.UNDECIDED if grade.stated else codes.NOT_GRADED


def _probabilities(hip: Hip) -> list[Item]:
    return [
        code(SCALES[given.scale].model_concept, SCALES[given.scale].code(grade)).having(
            _score(codes.GRADE_PROBABILITY, score),
            _score(codes.GRADE_AT_LEAST, dict(given.cumulative).get(grade)),
        )
        for given in hip.probabilities
        for grade, score in given.scores
    ]


def _score(name: Code, value: float | None) -> Item | None:
    if value is None:
        return None
    return num(name, value, codes.NO_UNITS, Relation.HAS_PROPERTIES)
