"""A hip read back from its measurement groups: findings, grades, and what qualifies them."""

from __future__ import annotations

from collections.abc import Sequence

from hosr import codes
from hosr.codes import Code
from hosr.findings import Calibration, Hip, Island, Length, Line, Mass, Probabilities, Spurs
from hosr.report import GradedHip
from hosr.scales import SCALES
from hosr.scales.scale import Grade, Scale, Setting
from hosr.sr.found import read_boundary, read_candidates, read_outlines
from hosr.sr.items import (
    Graphic,
    Item,
    read_choice,
    read_choices,
    read_number,
    read_numbers,
    read_string,
)
from hosr.sr.labels import OF_GAP, PROJECTIONS, REGION_CODES, RegionKind
from hosr.sr.lengths import (
    ISLAND_SEEN,
    LATERAL_SEEN,
    read_length,
    read_line,
    read_place,
    read_polygon,
    read_seen_line,
)
from hosr.sr.lookbacks import read_side
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
    Presence,
    Site,
)

_PRESENCES: dict[Presence | None, Code] = {
    **dict(PRESENCE_CODES.items()),
    None: codes.UNKNOWN,
}


def required(item: Item, name: Code) -> Item:
    """The first child of a name. Raises ValueError where there is none."""
    found = item.first(name)
    if found is None:
        raise ValueError(f"{name.meaning} is missing")
    return found


def read_hip(groups: list[Item], setting: Setting) -> GradedHip:
    """The hip of these groups, its own first. Raises as `hosr.sr.decoding.decode_dataset`."""
    own, *others = groups
    _require_one_own(own, others)
    kind = _read_kind(own)
    region = required(own, codes.IMAGE_REGION)
    hip = Hip(
        side=read_side(own),
        evaluable=read_choice(own, codes.EVALUABLE, YES_NO_CODES) is not False,
        not_evaluable_reason=read_string(own, codes.NOT_EVALUABLE_REASON),
        presence=read_choice(own, codes.PRESENCE, _PRESENCES),
        islands=_read_islands(own, kind, others),
        spurs=_read_spurs(own),
        gap=_read_gap(own, _read_region_line(region, kind) if kind in OF_GAP else None),
        gap_lateral=_read_gap_lateral(own),
        bridging=read_choice(own, codes.BRIDGING, BRIDGING_CODES),
        bridging_basis=read_choice(own, codes.BRIDGING_BASIS, BRIDGING_BASIS_CODES),
        sites=read_choices(own, codes.SITE, SITE_CODES),
        hardware_nearby=read_choice(own, codes.HARDWARE_NEARBY, SEEN_CODES),
        mass=_read_mass(own),
        boundary=read_boundary(own),
        candidates=read_candidates(own),
        outlines=read_outlines(own),
        stage=read_choice(own, codes.STAGE, STAGE_CODES),
        features=read_choices(own, codes.FEATURE, {key: f.code for key, f in FEATURES.items()}),
        source_grades=_read_source_grades(own),
        probabilities=_read_probabilities(own),
        calibration=_read_calibration(own),
        place=read_place(region),
        comment=read_string(own, codes.REMARK),
    )
    return GradedHip(
        hip=hip,
        grades=tuple(
            _read_grade(scale, own) for scale in SCALES.values() if own.first(scale.rule_concept)
        ),
        flags=read_choices(own, codes.FLAG, FLAG_CODES),
        setting=setting,
    )


def _require_one_own(own: Item, others: list[Item]) -> None:
    """The first group of a side is that of the hip, the others are islands."""
    if not own.first(codes.EVALUABLE) or any(g.first(codes.EVALUABLE) for g in others):
        raise ValueError("the groups of a hip are out of order")


def _read_kind(group: Item) -> RegionKind:
    kind = read_choice(group, codes.REGION, REGION_CODES)
    if kind is None:
        raise ValueError("a group does not say what its region shows")
    return kind


def _read_region_line(region: Item, kind: RegionKind) -> Line | None:
    """The line that a region is; None of the one end of a line across images, which its number has."""
    is_projected = kind in PROJECTIONS
    is_end = isinstance(region.value, Graphic) and region.value.shape == "POINT"
    return None if is_end and not is_projected else read_line((region,), is_projected=is_projected)


def _read_gap(group: Item, line: Line | None) -> Length | None:
    gap_class = read_choice(group, codes.GAP_CLASS, GAP_CLASS_CODES)
    return read_length(group.first(codes.DISTANCE, "NUM"), gap_class, line)


def _read_gap_lateral(group: Item) -> Length | None:
    gap_class = read_choice(group, codes.GAP_LATERAL_CLASS, GAP_CLASS_CODES)
    bare = group.first(codes.GAP_LATERAL_LINE, "SCOORD")
    line = read_seen_line(group, LATERAL_SEEN) if bare is None else read_line((bare,))
    return read_length(group.first(codes.GAP_LATERAL, "NUM"), gap_class, line)


def _read_islands(own: Item, kind: RegionKind, others: list[Item]) -> tuple[Island, ...] | None:
    drawn = others if kind in (*OF_GAP, RegionKind.FRAME) else [own, *others]
    islands = [_read_island(group) for group in drawn]
    islands += [
        Island(length=read_length(item), sites=_read_island_sites(item))
        for item in own.find(codes.ISLAND_LENGTH, "NUM")
    ]
    seen = read_choices(own, codes.ISLANDS, SEEN_CODES)
    bare = zip(seen, own.find(codes.ISLANDS), strict=True)
    islands += [Island(sites=_read_island_sites(item)) for answer, item in bare if answer]
    return tuple(islands) if islands or seen else None


def _read_island(group: Item) -> Island:
    region = required(group, codes.IMAGE_REGION)
    number = group.first(codes.LONG_AXIS, "NUM")
    kind = _read_kind(group)
    if kind is RegionKind.ISLAND_OUTLINE:
        bare = group.first(codes.ISLAND_LINE, "SCOORD")
        line = read_seen_line(group, ISLAND_SEEN) if bare is None else read_line((bare,))
        return Island(
            length=read_length(number, line=line),
            region=read_polygon(region),
            sites=_read_island_sites(group),
        )
    line = _read_region_line(region, kind)
    return Island(length=read_length(number, line=line), sites=_read_island_sites(group))


def _read_island_sites(item: Item) -> tuple[Site, ...]:
    return read_choices(item, codes.ISLAND_SITE, SITE_CODES)


def _read_spurs(group: Item) -> Spurs:
    return Spurs(
        pelvis=read_choice(group, codes.SPUR_PELVIS, SEEN_CODES),
        femur=read_choice(group, codes.SPUR_FEMUR, SEEN_CODES),
    )


def _read_mass(group: Item) -> Mass | None:
    item = group.first(codes.MASS)
    if item is None:
        return None
    return Mass(
        sizes_mm=read_numbers(item, codes.MASS_SIZE),
        contrast=read_choice(item, codes.MASS_CONTRAST, CONTRAST_CODES),
    )


def _read_source_grades(group: Item) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = (
        (key, _read_grades(group, scale, scale.source_concept)) for key, scale in SCALES.items()
    )
    return tuple((key, grades) for key, grades in found if grades)


def _read_grades(group: Item, scale: Scale, name: Code) -> tuple[str, ...]:
    return read_choices(group, name, {grade: scale.code(grade) for grade in scale.grades})


def _read_grade(scale: Scale, group: Item) -> Grade:
    return Grade(
        scale=scale.key,
        possible=_read_grades(group, scale, scale.possible_concept),
        rule=read_string(group, scale.rule_concept),
        source=_read_grades(group, scale, scale.source_concept),
    )


def _read_probabilities(group: Item) -> tuple[Probabilities, ...]:
    given = []
    for key, scale in SCALES.items():
        grades = _read_grades(group, scale, scale.model_concept)
        items = tuple(group.find(scale.model_concept))
        if grades:
            scores, at_least = (
                _read_scores(grades, items, name)
                for name in (codes.GRADE_PROBABILITY, codes.GRADE_AT_LEAST)
            )
            given.append(Probabilities(scale=key, scores=scores, cumulative=at_least))
    return tuple(given)


def _read_scores(
    grades: tuple[str, ...], items: Sequence[Item], name: Code
) -> tuple[tuple[str, float], ...]:
    found = zip(grades, (read_number(item, name) for item in items), strict=True)
    return tuple((grade, score) for grade, score in found if score is not None)


def _read_calibration(group: Item) -> Calibration | None:
    size = group.first(codes.CALIBRATION_OBJECT)
    true_mm = read_number(group, codes.CALIBRATION_OBJECT)
    if size is None or true_mm is None:
        return None
    return Calibration(line=read_line(size.children), true_mm=true_mm)
