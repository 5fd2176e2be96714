"""What of scores is done only by name: the section [scores] of labels.toml, and options of an import.

A source of scores says what a model gave. To make percentages, logits, several vectors, or one that
rises into the scores of a hip is a decision, which somebody has to make and which the record then tells:

    [scores]
    scale = "brooker"               # whose classes these are, where the source does not say it
    side = "right"                  # of which hip they are, where it does not
    unit = "percent"                # they are percentages
    activation = "softmax"          # they are logits: softmax, or sigmoid of cumulative ones
    ensemble = "mean"               # several vectors of a hip: their mean
    repair = "running-minimum"      # cumulative ones that rise: the least so far

    [scores.thresholds]             # scores of single findings: seen from this score on
    pelvic_spur = 0.5

`--ensemble` and `--repair` of `hosr import` stand above the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hosr.annotations.scores.names import FINDINGS
from hosr.intake.record.refusal import listing, nearest_first, quoted
from hosr.scales import SCALES
from hosr.vocabulary.terms import Side

ENSEMBLES, REPAIRS = ("mean",), ("running-minimum",)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "scale": tuple(SCALES),
    "side": tuple(side.value for side in Side),
    "unit": ("fraction", "percent"),
    "activation": ("softmax", "sigmoid"),
    "ensemble": ENSEMBLES,
    "repair": REPAIRS,
}
_THRESHOLDS = "thresholds"
KEYS = (*_CHOICES, _THRESHOLDS)

Blame = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """What was decided of scores; "" and nothing where nobody did."""

    scale: str = ""
    side: str = ""
    unit: str = ""
    activation: str = ""
    ensemble: str = ""
    repair: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)


def read_scoring(section: Mapping[str, Any], blame: Blame) -> Scoring:
    """The section [scores]; what is wrong with its known keys is told to `blame`: place, problem, remedy."""
    words: dict[str, str] = {}
    for key, value in section.items():
        place = f"[scores] {key}"
        if key not in _CHOICES:  # of another form, or told as unknown
            continue
        if value in _CHOICES[key]:
            words[key] = value
        else:
            shown = f"is {quoted(value)}" if isinstance(value, str) else "is no word"
            blame(place, shown, f"write {listing(_CHOICES[key])}")
    return Scoring(**words, thresholds=_thresholds(section.get(_THRESHOLDS, {}), blame))


def _thresholds(given: Any, blame: Blame) -> dict[str, float]:
    place = f"[scores] {_THRESHOLDS}"
    if not isinstance(given, dict):
        blame(place, "is no table", "write { pelvic_spur = 0.5 }")
        return {}
    found: dict[str, float] = {}
    for name, value in given.items():
        if name not in FINDINGS:
            near = nearest_first(name, FINDINGS)[:3]
            blame(f"{place} {quoted(name)}", "is no finding", f"write {listing(near)}")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
            blame(f"{place} {name}", "is no score between 0 and 1", "write one such as 0.5")
        else:
            found[name] = float(value)
    return found
