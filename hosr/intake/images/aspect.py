"""Which side and which view an image shows, as far as its header says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from hosr.dicom.structure import UnusableFile
from hosr.phrases import phrase
from hosr.study import is_orientation
from hosr.vocabulary.terms import ImagingModality, Side, View

if TYPE_CHECKING:
    from hosr.intake.images.header import Header


_SIDES = {"L": Side.LEFT, "R": Side.RIGHT}

# Valid words that are no one side: both, unpaired, mixed.
_NO_SIDE = frozenset({"", "B", "U", "M"})

# Words for one side that stand where a letter should, and in descriptions: English, German, French,
# Spanish, Italian.
_SIDE_WORDS = {
    **dict.fromkeys(("LEFT", "LINKS", "GAUCHE", "IZQUIERDA", "IZQUIERDO", "SINISTRA"), Side.LEFT),
    **dict.fromkeys(("RIGHT", "RECHTS", "DROITE", "DERECHA", "DERECHO", "DESTRA"), Side.RIGHT),
}
# Shorter ones mean a side beside a hip only: L is the lumbar spine as well.
_SHORT_SIDES = {
    **dict.fromkeys(("L", "LT", "LI", "IZQ", "SX"), Side.LEFT),
    **dict.fromkeys(("R", "RT", "RE", "DER"), Side.RIGHT),
}
_HIP_WORDS = frozenset({"HIP", "HUEFTE", "HUFTE", "COXA", "HANCHE", "CADERA", "ANCA"})
_BOTH_WORDS = frozenset(
    {"BOTH", "BILATERAL", "BILAT", "BEIDE", "BEIDSEITS", "BDS", "PELVIS", "BECKEN", "BASSIN"}
)
# Left lateral and left oblique say how the patient lay, and not what is shown.
_POSTURES = frozenset({"LATERAL", "LAT", "DECUBITUS", "OBLIQUE", "ANTERIOR", "POSTERIOR"})

# Where a side may be told in words; what is said of the series goes before what is of the study.
_DESCRIPTIONS = (
    {
        "SeriesDescription": "Series Description",
        "ProtocolName": "Protocol Name",
    },
    {"AnatomicRegionSequence": "Anatomic Region"},
    {"BodyPartExamined": "Body Part Examined"},
    {"StudyDescription": "Study Description"},
)

_PARTS_EXAMINED = {"AnatomicRegionSequence", "BodyPartExamined"}

# SNOMED CT and the SNOMED RT that older files hold (PS3.16 CID 244).
_SIDE_CODES = {
    "7771000": Side.LEFT,
    "G-A101": Side.LEFT,
    "24028007": Side.RIGHT,
    "G-A100": Side.RIGHT,
}

_MODIFIERS = {
    "AnatomicRegionSequence": "AnatomicRegionModifierSequence",
    "PrimaryAnatomicStructureSequence": "PrimaryAnatomicStructureModifierSequence",
}

# View Position (PS3.3 sections C.8.1.3 and C.8.11.5) and what devices write there. A decubitus is
# how the patient lay, not the direction of the beam.
_POSITIONS = {
    "AP": "frontal",
    **dict.fromkeys(("LL", "RL", "LAT", "LATERAL", "LM", "ML"), "lateral"),
    **dict.fromkeys(
        ("LLO", "RLO", "LAO", "LPO", "RAO", "RPO", "LO", "RO", "OBL", "OBLIQUE"), "oblique"
    ),
}

# View Code Sequence (PS3.16 CID 4010), SNOMED CT and SNOMED RT.
_VIEW_CODES = {
    **dict.fromkeys(("399348003", "R-10206"), "frontal"),
    **dict.fromkeys(
        (
            *("399067008", "R-102CD", "399173006", "R-10236", "399198007", "R-10232"),
            *("399352003", "R-10228", "399260004", "R-10224"),
        ),
        "lateral",
    ),
    **dict.fromkeys(
        (
            *("399182000", "R-102C1", "399312000", "R-10208", "399059000", "R-10216"),
            *("399135007", "R-10220", "399184004", "R-10238", "399006002", "R-10212"),
            *("399356000", "R-40985", "399236003", "R-10234", "399038007", "R-10210"),
        ),
        "oblique",
    ),
}

_VIEWS = {"lateral": View.LATERAL, "oblique": View.OBLIQUE}

# A frontal view is one of the pelvis or of one hip, by the body part (PS3.16 Annex L).
_PELVIS = frozenset({"PELVIS", "816092008", "12921003", "T-D6000"})
_HIP = frozenset({"HIP", "HIPJOINT", "29836001", "24136001", "T-D2500", "T-15710"})


def letter_of(header: Header) -> str:
    """The letter of the image's laterality as it is written; "" where there is no valid one."""
    letters = (header.code("ImageLaterality"), header.code("Laterality"))
    valid = next((letter for letter in letters if letter in {"L", "R", "B", "U"}), "")
    side = _side_in_words(header, "ImageLaterality") or _side_in_words(header, "Laterality")
    return valid or ("" if side is None else side.value[0].upper())


def side_of(header: Header) -> Side | None:
    """The one side that an image shows; None where the header names none or both.

    Raises UnusableFile where its attributes name different sides.
    """
    image = set(_stated(header))
    if len(image) > 1:
        problem = phrase("its laterality attributes name both sides, each as the only one")
        raise UnusableFile(problem, phrase("correct the laterality in the file"))
    frames = set(_frames(header))
    if len(image | frames) > 1:
        if image:
            problem = phrase("the laterality of the image and of its frames contradict one another")
            raise UnusableFile(problem, phrase("correct the laterality in the file"))
        return None
    return next(iter(image | frames), None)


def described_side(header: Header) -> tuple[Side, str] | None:
    """The one side that a description plainly names, and the element; None where none or both are."""
    for elements in _DESCRIPTIONS:
        named = {
            name: {side for value in _told(header, keyword) for side in _sides_in(value)}
            for keyword, name in elements.items()
        }
        sides = set().union(*named.values())
        if len(sides) == 1:
            (side,) = sides
            return side, next(name for name, found in named.items() if found)
        # A part is often that of the device: PELVIS for every film of a hip.
        if sides and not _PARTS_EXAMINED & elements.keys():
            return None
    return None


def _told(header: Header, keyword: str) -> list[str]:
    """The texts of an element, or what the codes of a sequence mean, such as "Left hip region"."""
    if keyword.endswith("Sequence"):
        return [text for item in header.items(keyword) for text in item.values("CodeMeaning")]
    return header.values(keyword)


def _sides_in(text: str) -> set[Side]:
    """The sides that a text plainly names; both where it speaks of both, or of the pelvis."""
    words = re.findall(r"[A-Z]+", re.sub(r"\ufffd+", "U", text.upper()))  # an umlaut
    if _BOTH_WORDS.intersection(words):
        return set(Side)
    pairs = zip_longest(words, words[1:])
    sides = {_SIDE_WORDS[w] for w, after in pairs if w in _SIDE_WORDS and after not in _POSTURES}
    if _HIP_WORDS.intersection(words):
        sides |= {_SHORT_SIDES[word] for word in words if word in _SHORT_SIDES}
    return sides


def _side_in_words(header: Header, keyword: str) -> Side | None:
    """The one side that a laterality names by a word instead of a letter."""
    words = re.findall(r"[A-Z]+", " ".join(header.codes(keyword)))
    names = {**_SIDE_WORDS, **_SHORT_SIDES}
    sides = {names[word] for word in words if word in names}
    return sides.pop() if len(sides) == 1 and not _BOTH_WORDS.intersection(words) else None


def view_of(header: Header, family: ImagingModality | None) -> View | None:
    """The view that an image is, from its family, View Position, View Code and body part."""
    if family in (ImagingModality.CT, ImagingModality.MR):
        return View(family.value)
    directions = set(_directions(header))
    if family is None or len(directions) != 1:
        return None
    (direction,) = directions
    if direction != "frontal":
        return _VIEWS.get(direction)
    parts = set(_parts(header))
    if parts & _PELVIS:
        return None if parts & _HIP else View.AP_PELVIS
    return View.AP_HIP if parts & _HIP else None


def orientation_of(header: Header) -> tuple[str, str] | None:
    """Where rows and columns lead in the patient; None, with a note, where that is not known."""
    if not header.has("PatientOrientation"):
        return None
    values = header.codes("PatientOrientation")
    if is_orientation(values):
        row, column = values
        return row, column
    header.note(phrase("Patient Orientation is not two directions; it is not used"))
    return None


def _stated(header: Header) -> Iterator[Side]:
    """Every side that the image as a whole is said to show."""
    yield from _letters(header, "ImageLaterality")
    yield from _letters(header, "Laterality")
    for sequence, modifiers in _MODIFIERS.items():
        for region in header.items(sequence):
            sides = {_SIDE_CODES.get(code) for m in region.items(modifiers) for code in _codes(m)}
            # Left and right for one region say that both are shown.
            known = sides - {None}
            if len(known) == 1:
                yield from (side for side in known if side is not None)


def _frames(header: Header) -> Iterator[Side]:
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in header.items(keyword):
            for anatomy in group.items("FrameAnatomySequence"):
                yield from _letters(anatomy, "FrameLaterality")


def _letters(header: Header, keyword: str) -> Iterator[Side]:
    letter = header.code(keyword)
    side = _side_in_words(header, keyword)
    if letter in _SIDES:
        yield _SIDES[letter]
    elif side is not None:
        header.note(
            phrase(
                "{keyword} is not a valid value; it is taken as {side}", keyword=keyword, side=side
            )
        )
        yield side
    elif letter not in _NO_SIDE:
        header.note(phrase("{keyword} is not a valid value; it is not used", keyword=keyword))


def _directions(header: Header) -> Iterator[str]:
    position = header.code("ViewPosition")
    if position:
        yield _POSITIONS.get(position, "other")
    for item in header.items("ViewCodeSequence"):
        for code in _codes(item):
            yield _VIEW_CODES.get(code, "other")


def _parts(header: Header) -> Iterator[str]:
    yield header.code("BodyPartExamined")
    for item in header.items("AnatomicRegionSequence"):
        yield from _codes(item)


def _codes(item: Header) -> Iterator[str]:
    code = item.code("CodeValue")
    if code:
        yield code
