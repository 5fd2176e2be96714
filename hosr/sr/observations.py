"""Which items of a measurement group are observations of their own, and the UID of each.

An Observation UID (0040,A171; PS3.3 table C.17-5) names an observation wherever it is told, in later
versions of the report and in what is made of it elsewhere, as in FHIR. It is not the Tracking UID: that
is of the lesion, and goes on from one study to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hosr import codes
from hosr.codes import Code
from hosr.identity import derive_uid
from hosr.scales import SCALES
from hosr.sr.items import Item
from hosr.sr.labels import REGION_CODES, RegionKind

# What says where a group lies, what it is and who made it, and is no answer of its own; and what belongs
# to a grade: what the source gave, and what the findings leave.
_PARTS = frozenset(
    code.key
    for code in (
        codes.FINDING,
        codes.FINDING_CATEGORY,
        codes.LOOKED_FOR,
        codes.FINDING_SITE,
        codes.GEOMETRIC_PURPOSE,
        codes.REGION,
        *(scale.source_concept for scale in SCALES.values()),
        *(scale.possible_concept for scale in SCALES.values()),
    )
)
_BARE_LINES = frozenset(line.key for line in (codes.GAP_LATERAL_LINE, codes.ISLAND_LINE))
# A line that is the region of its group, and what is measured along it where there are millimetres.
_LENGTHS = {
    REGION_CODES[RegionKind.GAP].key: codes.DISTANCE,
    REGION_CODES[RegionKind.ISLAND_LENGTH].key: codes.LONG_AXIS,
}


def find_observations(group: Item) -> Iterator[tuple[Item, Code | None]]:
    """Each item of a group with what it answers as an observation of its own; None where it is none.

    A line without millimetres answers what would have been measured along it: with nothing.
    """
    shown = group.first(codes.REGION)
    length = _LENGTHS.get(shown.value.key) if shown and isinstance(shown.value, Code) else None
    is_bare = length is not None and group.first(length, "NUM") is None
    for item in group.children:
        name = item.name
        if name is None or name.key in _PARTS:
            yield item, None
        elif item.value_type in ("NUM", "CODE") or name.key in _BARE_LINES:
            yield item, name
        else:
            is_region = item.value_type == "SCOORD" and name == codes.IMAGE_REGION
            yield item, length if is_bare and is_region else None


def identify(group: Item, seed: str) -> Item:
    """A measurement group and its observations with their UIDs, which follow from `seed`."""
    seen: Counter[str] = Counter()
    children = []
    for item, name in find_observations(group):
        if name is None:
            children.append(item)
            continue
        seen[name.value] += 1
        children.append(item._replace(uid=observation_uid(seed, name, seen[name.value])))
    own = observation_uid(seed, codes.MEASUREMENT_GROUP)
    return group._replace(children=tuple(children), uid=own)


def observation_uid(seed: str, name: Code, number: int = 1) -> str:
    """The UID of the observation of this name, the first or a later one, in the group of a seed."""
    return derive_uid("observation", seed, name.value, str(number))
