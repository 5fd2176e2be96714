"""What the words of a label say: a side and a role, in five languages; or why one has to ask.

A label is taken without asking where all its words are known and say one thing: the side, what was
drawn, which of several islands, or how large an object is. "Right gap, old film" is asked back, for one
word may turn the meaning round ("no gap"). Accents, cases and the order of words do not matter.

Grades and lengths in a label are read to be compared: a viewer keeps the words while the line moves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hosr.annotations.roles import Meaning, Role
from hosr.intake.own_words import plain, take_grades
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from hosr.annotations.labels import Labels
    from hosr.annotations.sources import Label


class _Word(StrEnum):
    """What one word of a label says; a bone says of which a spur grows, and nothing of a gap.

    A space is that of heterotopic bone where the label says so; else it may be that of the joint.
    """

    RIGHT = "right"
    LEFT = "left"
    BOTH = "both"
    GAP = "gap"
    SPACE = "space"
    ISLAND = "island"
    SPUR = "spur"
    OBJECT = "object"
    PELVIS = "pelvis"
    FEMUR = "femur"
    HETEROTOPIC = "heterotopic"
    PLAIN = "plain"


# English, German, French, Italian, Spanish, without accents. The space of the joint is no gap: "joint",
# "Gelenkspalt" and "interligne" are not among these words. Abbreviations that are words of another of
# the languages ("der", "d", "g") are left out, and so is "no".
WORDS: dict[_Word, str] = {
    _Word.RIGHT: "right r rt rechts rechte rechter rechtes rechten re droit droite dr destra destro dx "
    "derecha derecho dcha",
    _Word.LEFT: "left l lt links linke linker linkes linken li gauche gche sinistra sinistro sx izquierda "
    "izquierdo izq izda",
    _Word.BOTH: "both bilateral beide beider beidseits beidseitig bds bilaterale deux entrambe entrambi "
    "ambas ambos bilaterales",
    _Word.GAP: "gap spalt lucke luecke ecart hueco brecha",
    _Word.SPACE: "space distance abstand espace distanza spazio distancia espacio separacion",
    _Word.ISLAND: "island islands islet insel inseln knocheninsel knocheninseln ilot ilots isola isole "
    "islote islotes isla",
    _Word.SPUR: "spur spurs sporn sporne knochensporn eperon eperons sperone speroni espolon espolones",
    _Word.OBJECT: "calibration kalibrierung kalibration etalonnage calibrage calibrazione calibracion "
    "taratura head kopf huftkopf hueftkopf prothesenkopf tete testa testina cabeza ball kugel bille sfera "
    "bola marker sphere",
    _Word.PELVIS: "pelvis pelvic acetabulum acetabular becken beckens pfanne azetabulum bassin cotyle "
    "acetabulaire bacino pelvico pelvica acetabolo acetabolare acetabulo pelviano",
    _Word.FEMUR: "femur femoral femurs femorale femoraux femore femorales",
    _Word.HETEROTOPIC: "ho heterotopic heterotope heterotopen heterotopique eterotopica heterotopica",
    _Word.PLAIN: "hip hips hufte huefte hanche anca cadera ossification ossifikation ossificazione "
    "osificacion bone bony osseous osseux osseuse osseo ossea oseo osea the of at in der die das des dem "
    "am an im la le les du de il lo del della dell dello al el a line linie ligne linea between "
    "zwischen entre tra fra und and et e y n nr",
}
MEANINGS: Mapping[_Word, str] = {
    _Word.RIGHT: "right hip",
    _Word.LEFT: "left hip",
    _Word.GAP: "gap: a line",
    _Word.SPACE: "gap, where the label says HO",
    _Word.HETEROTOPIC: "HO",
    _Word.ISLAND: "island: a line, an outline or an arrow; a number tells several apart",
    _Word.SPUR: "spur: an arrow",
    _Word.PELVIS: "spur of the pelvis",
    _Word.FEMUR: "spur of the femur",
    _Word.OBJECT: "object of known size, with its size in mm: a line or a circle",
}
"""The words that people write labels with, as a page tells them."""

_KNOWN: Mapping[str, _Word] = {
    word: meaning for meaning, words in WORDS.items() for word in words.split()
}
_COMPOUNDS = {
    "femursporn": (_Word.FEMUR, _Word.SPUR),
    "beckensporn": (_Word.PELVIS, _Word.SPUR),
    "pfannensporn": (_Word.PELVIS, _Word.SPUR),
}

_NUMBER = r"(\d{1,4}(?:[.,]\d{1,6})?)"
_LENGTH = re.compile(_NUMBER + r"[\s_-]*(mm|cm)\b")
# As hosr wrote it into the words of a line, up to release 0.1.0.
_OF_OBJECT = re.compile(r"\((?:calibrated to a )?" + _NUMBER + r"\s*mm object\)")
# "l'îlot", "dell'anca": the article alone is no word, and "l" without it is the left side.
_ELISION = re.compile(r"\b(?:l|d|dell|all|nell)['\u2019]")
_TOKEN = re.compile(r"[^\W_]+")
_INDEX = re.compile(r"[1-9]\d?", re.ASCII)
_GLUED = re.compile(r"([^\W\d_]+)([1-9]\d?)")
_LONGEST = 1000

_ROLES = {
    _Word.GAP: Role.GAP,
    _Word.SPACE: Role.GAP,
    _Word.ISLAND: Role.ISLAND,
    _Word.SPUR: Role.SPUR,
}
_SPURS = {
    frozenset({_Word.PELVIS}): Role.PELVIC_SPUR,
    frozenset({_Word.FEMUR}): Role.FEMORAL_SPUR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a label says. Without a `meaning` and a `doubt` it names nothing that hosr knows.

    `doubt` is why what it says is not to be taken without asking. `number` tells islands of a hip apart.
    `lengths_mm` and `grades` (of each scale, in its order) are what stands in it beside.
    """

    meaning: Meaning | None = None
    number: int | None = None
    doubt: str = ""
    lengths_mm: tuple[float, ...] = ()
    grades: tuple[tuple[str, tuple[str, ...]], ...] = ()


def read_label(text: str) -> Said:
    """What the words of a label say."""
    said_plainly = _OF_OBJECT.sub(" ", _plain(text[:_LONGEST]))
    said_plainly, grades = take_grades(said_plainly)
    lengths_mm = tuple(_mm(match) for match in _LENGTH.finditer(said_plainly))
    words, numbers, unknown = _sort(_LENGTH.sub(" ", said_plainly))
    said = set(words)
    role, doubt = _role(said)
    if role is None:
        return Said(doubt=doubt, lengths_mm=lengths_mm, grades=grades)
    doubts = [
        doubt,
        _of_marks(said_plainly),
        _of_sides(said),
        _of_words(unknown),
        _of_numbers(numbers, role),
    ]
    meaning = Meaning(role=role, side=_side(said))
    if role is Role.CALIBRATION:
        doubts.append("" if len(lengths_mm) == 1 else "does not give the one true size in mm")
        true_mm = lengths_mm[0] if lengths_mm else None
        meaning = Meaning(role=role, side=_side(said), true_mm=true_mm)
        lengths_mm = ()
    return Said(
        meaning=meaning,
        number=numbers[0] if len(numbers) == 1 else None,
        doubt=", ".join(filter(None, doubts)),
        lengths_mm=lengths_mm,
        grades=grades,
    )


def side_named(text: str) -> Side | None:
    """The one side that a label names, whatever else it says."""
    words, _, _ = _sort(_plain(text[:_LONGEST]))
    return _side(set(words))


def understanding(labels: Labels) -> Callable[[Label], Meaning | None]:
    """What a label stands for: by labels.toml where that names it, else by its words, doubted or not."""
    return lambda label: labels.meaning_of(label) or read_label(label.name).meaning


def _plain(text: str) -> str:
    """Small letters without accents and elided articles."""
    return _ELISION.sub(" ", plain(text))


def _mm(match: re.Match[str]) -> float:
    return float(match[1].replace(",", ".")) * (10.0 if match[2] == "cm" else 1.0)


def _sort(text: str) -> tuple[list[_Word], list[int], list[str]]:
    """What the words say, whole numbers without a unit, and words that are not known."""
    words: list[_Word] = []
    numbers: list[int] = []
    unknown: list[str] = []
    for token in _tokens(text):
        if token in _KNOWN:
            words.append(_KNOWN[token])
        elif token in _COMPOUNDS:
            words += _COMPOUNDS[token]
        elif _INDEX.fullmatch(token):
            numbers.append(int(token))
        else:
            unknown.append(token)
    return words, numbers, unknown


def _tokens(text: str) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        glued = _GLUED.fullmatch(token)
        yield from glued.groups() if glued and glued[1] in _KNOWN else (token,)


def _role(said: set[_Word]) -> tuple[Role | None, str]:
    """The one role that the words name, and why it is in doubt where they name several."""
    named = said & {*_ROLES, _Word.OBJECT}
    if named >= {_Word.GAP, _Word.SPACE}:
        named -= {_Word.SPACE}
    if not named:
        return None, ""
    if len(named) > 1:
        return None, f"names several things ({' and '.join(sorted(named))})"
    (word,) = named
    if word is _Word.OBJECT:
        return Role.CALIBRATION, ""
    bones = frozenset(said & {_Word.PELVIS, _Word.FEMUR})
    if word is _Word.SPUR:
        return _SPURS.get(bones, Role.SPUR), "names both bones" if len(bones) > 1 else ""
    if word is _Word.SPACE and _Word.HETEROTOPIC not in said:
        return Role.GAP, "may mean the space of the joint"
    return _ROLES[word], ""


def _side(said: set[_Word]) -> Side | None:
    sides = [Side(word.value) for word in (_Word.RIGHT, _Word.LEFT) if word in said]
    return sides[0] if len(sides) == 1 else None


def _of_sides(said: set[_Word]) -> str:
    both = _Word.BOTH in said or {_Word.RIGHT, _Word.LEFT} <= said
    return "names both sides" if both else ""


def _of_marks(text: str) -> str:
    return "has a question mark" if "?" in text else ""


def _of_words(unknown: list[str]) -> str:
    if not unknown:
        return ""
    shown = ", ".join(f'"{word[:20]}"' for word in unknown[:3])
    more = ", ..." if unknown[3:] else ""
    return f"has words that may change what it says ({shown}{more})"


def _of_numbers(numbers: list[int], role: Role | None) -> str:
    """A number without a unit counts islands; beside anything else nobody knows what it says."""
    if len(numbers) > (role is Role.ISLAND):
        return "has a number without a unit"
    return ""
