"""Grades as sources write them: roman, arabic, lower case, ranges; and a model's scores for them."""

import math
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from hosr.intake.record.refusal import kind_of, listing, quoted, refuse
from hosr.phrases import figures, phrase
from hosr.scales import SCALES
from hosr.scales.scores import find_rises

# Other spellings of a grade, beside its name in either case.
_SPELLINGS = {
    "brooker": {"none": "0", "absent": "0", "1": "I", "2": "II", "3": "III", "4": "IV"},
    "della_valle": {},
    "simplified_biplanar": {"none": "0", "absent": "0"},
}
_HYPHEN = "[-\u2013]"  # a hyphen, or the en dash that word processors make of it
_MOST_CHARACTERS = 64
# Softmax outputs are rounded; a sum further from 1 than this was not a softmax.
_SUM_TOLERANCE = 0.01
# What takes the least so far, where a model's probabilities of at least a class rise.
_REPAIR = "`hosr import --repair running-minimum`"


def _spellings(scale: str) -> dict[str, str]:
    return {grade.lower(): grade for grade in SCALES[scale].grades} | _SPELLINGS[scale]


def class_named(text: str, scale: str) -> str | None:
    """The grade that a source calls so; None for no grade of the scale."""
    return _spellings(scale).get(text.strip().lower())


def grades_named(value: Any, scale: str) -> tuple[str, ...] | None:
    """The grade, or the range, that a source calls so; None for none of the scale."""
    try:
        return _reader(scale)(value)
    except PydanticCustomError:
        return None


def _pattern(scale: str) -> str:
    """All spellings in any case: one grade, a range with a hyphen, or alternatives with a slash."""
    words = sorted(_spellings(scale), key=len, reverse=True)
    either = "|".join("".join(_any_case(letter) for letter in word) for word in words)
    return f"^ *({either})( *{_HYPHEN} *({either})|( */ *({either}))*) *$"


def _any_case(letter: str) -> str:
    return f"[{letter}{letter.upper()}]" if letter.isalpha() else letter


def _reader(scale: str) -> Callable[[Any], tuple[str, ...]]:
    spellings, order = _spellings(scale), SCALES[scale].grades
    pattern = re.compile(_pattern(scale))

    def read(value: Any) -> tuple[str, ...]:
        text = _as_text(value)
        if text is None or pattern.fullmatch(text) is None:
            raise _no_grade(value, scale)
        parts = [spellings[part.strip().lower()] for part in re.split(f"{_HYPHEN}|/", text)]
        if "/" not in text:
            places = sorted(map(order.index, parts))
            return order[places[0] : places[-1] + 1]
        return tuple(grade for grade in order if grade in parts)

    return read


def _as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value if len(value) <= _MOST_CHARACTERS else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if math.isfinite(value) and value == int(value) else None


def _no_grade(value: Any, scale: str) -> Exception:
    shown = quoted(value) if isinstance(value, str) else kind_of(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        shown = f"{value:g}"
    order = SCALES[scale].grades
    remedy = phrase(
        "write {words}, or a range such as {range}",
        words=listing(order),
        range=quoted(f"{order[-3]}-{order[-2]}"),
    )
    return refuse(
        phrase("is {shown}, which is no {title} grade", shown=shown, title=SCALES[scale].title),
        remedy,
        "E13",
    )


def written_grades(grades: tuple[str, ...]) -> str:
    """Grades of a source as the record writes them."""
    return "/".join(grades)


def _class_check(scale: str) -> Callable[[str], str]:
    spellings = _spellings(scale)

    def check(name: str) -> str:
        if name.strip().lower() not in spellings:
            remedy = phrase("the classes are {words}", words=listing(SCALES[scale].grades))
            raise refuse(phrase("is no {title} class", title=SCALES[scale].title), remedy, "E14")
        return name

    return check


def _score_check(scale: str) -> Callable[[dict[str, float]], dict[str, float]]:
    def check(scores: dict[str, float]) -> dict[str, float]:
        found = _by_class(scores, scale)
        wrong = problem_of_scores(found)
        if wrong is not None:
            raise refuse(*wrong, "E14")
        return found

    return check


def problem_of_scores(scores: Mapping[str, float]) -> tuple[str, str] | None:
    """What is wrong with the probabilities of the classes of a scale, and the remedy."""
    total = math.fsum(scores.values())
    if abs(total - 1) <= _SUM_TOLERANCE + 1e-9:
        return None
    problem = phrase("adds up to {total}, not to 1", total=figures(f"{total:.4g}"))
    return problem, phrase("give the probability of every class")


def _by_class(scores: dict[str, float], scale: str) -> dict[str, float]:
    """The scores by the names of the classes, in order of severity, each once."""
    spellings, order = _spellings(scale), SCALES[scale].grades
    named = [(spellings[name.strip().lower()], score) for name, score in scores.items()]
    inorder = sorted(named, key=lambda item: order.index(item[0]))
    for (grade, _), (following, _) in pairwise(inorder):
        if grade == following:
            problem = phrase("has two scores for the class {found}", found=quoted(grade))
            raise refuse(problem, phrase("keep one of them"), "E14")
    return dict(inorder)


def _cumulative_check(scale: str) -> Callable[[dict[str, float]], dict[str, float]]:
    def check(scores: dict[str, float]) -> dict[str, float]:
        found = _by_class(scores, scale)
        wrong = problem_of_cumulative(found, scale)
        if wrong is not None:
            raise refuse(*wrong, "E14")
        return found

    return check


def problem_of_cumulative(
    scores: Mapping[str, float], scale: str, repair: str = _REPAIR
) -> tuple[str, str] | None:
    """What is wrong with the probabilities of at least each class of a scale, and the remedy.

    `repair` is what takes the least so far, as whoever reads the remedy may call it.
    """
    least, *others = SCALES[scale].grades
    missing = [grade for grade in others if grade not in scores]
    if missing:
        each = ", ".join(map(quoted, others))
        remedy = phrase("give the probability of at least each of {each}", each=each)
        return phrase("lacks {grades}", grades=", ".join(map(quoted, missing))), remedy
    if abs(scores.get(least, 1.0) - 1) > _SUM_TOLERANCE + 1e-9:
        problem = phrase(
            "gives {number} to at least {grade}, which every hip is",
            number=figures(f"{scores[least]:g}"),
            grade=quoted(least),
        )
        return problem, phrase("name a probability of more than a class by the next class")
    rises = find_rises(scores, SCALES[scale])
    if not rises:
        return None
    # A rise makes the class before it less likely than never.
    told = ", ".join(
        f"{quoted(higher)} {high:g} after {quoted(lower)} {low:g}"
        for (lower, low), (higher, high) in rises
    )
    return phrase("falls and rises: {told}", told=told), phrase(
        "the probability of at least a class never rises from class to class: "
        "correct it, or have {repair} take the least so far",
        repair=repair,
    )


def _grade_schema(scale: str) -> WithJsonSchema:
    order = SCALES[scale].grades
    forms: list[dict[str, Any]] = [{"type": "string", "pattern": _pattern(scale)}]
    numbers = [int(word) for word in _spellings(scale) if word.isdigit()]
    if numbers:
        forms.append({"type": "integer", "minimum": min(numbers), "maximum": max(numbers)})
    return WithJsonSchema({"anyOf": forms, "examples": [*order, f"{order[-3]}-{order[-2]}"]})


def _score_schema(scale: str) -> WithJsonSchema:
    return WithJsonSchema(_schema_of_scores(scale))


def _schema_of_scores(scale: str) -> dict[str, Any]:
    words = "|".join("".join(map(_any_case, word)) for word in _spellings(scale))
    return {
        "type": "object",
        "propertyNames": {"pattern": rf"^\s*({words})\s*$"},
        "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
        "minProperties": 1,
    }


def _cumulative_schema(scale: str) -> WithJsonSchema:
    least, most = len(SCALES[scale].grades) - 1, len(SCALES[scale].grades)
    bounds = {"minProperties": least, "maxProperties": most}
    return WithJsonSchema({**_schema_of_scores(scale), **bounds})


Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

BrookerGrades = Annotated[
    tuple[str, ...], BeforeValidator(_reader("brooker")), _grade_schema("brooker")
]
DellaValleGrades = Annotated[
    tuple[str, ...], BeforeValidator(_reader("della_valle")), _grade_schema("della_valle")
]
BiplanarGrades = Annotated[
    tuple[str, ...],
    BeforeValidator(_reader("simplified_biplanar")),
    _grade_schema("simplified_biplanar"),
]
BrookerScores = Annotated[
    dict[Annotated[str, AfterValidator(_class_check("brooker"))], Score],
    AfterValidator(_score_check("brooker")),
    _score_schema("brooker"),
]
DellaValleScores = Annotated[
    dict[Annotated[str, AfterValidator(_class_check("della_valle"))], Score],
    AfterValidator(_score_check("della_valle")),
    _score_schema("della_valle"),
]
BiplanarScores = Annotated[
    dict[Annotated[str, AfterValidator(_class_check("simplified_biplanar"))], Score],
    AfterValidator(_score_check("simplified_biplanar")),
    _score_schema("simplified_biplanar"),
]
BrookerCumulative = Annotated[
    dict[Annotated[str, AfterValidator(_class_check("brooker"))], Score],
    AfterValidator(_cumulative_check("brooker")),
    _cumulative_schema("brooker"),
]
DellaValleCumulative = Annotated[
    dict[Annotated[str, AfterValidator(_class_check("della_valle"))], Score],
    AfterValidator(_cumulative_check("della_valle")),
    _cumulative_schema("della_valle"),
]
BiplanarCumulative = Annotated[
    dict[Annotated[str, AfterValidator(_class_check("simplified_biplanar"))], Score],
    AfterValidator(_cumulative_check("simplified_biplanar")),
    _cumulative_schema("simplified_biplanar"),
]
