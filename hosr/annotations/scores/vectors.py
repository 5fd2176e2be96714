"""The vectors of one scale of one hip to its scores, or the reason why they are none.

Nothing is made of numbers but what somebody asked for by name (`Scoring`), and what was given
stays in the parameters of the observer: percentages, logits, the members of an ensemble, and the
vector that was repaired.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from hosr.annotations.account import Account, Unusable
from hosr.annotations.scores.entries import Vector
from hosr.annotations.scores.settings import Scoring
from hosr.findings import Probabilities
from hosr.intake.record.grades import problem_of_cumulative, problem_of_scores
from hosr.intake.record.leaves import LONGEST_PARAMETER
from hosr.scales import SCALES
from hosr.scales.scores import find_rises, highest_scored, running_minimum, to_scores
from hosr.vocabulary.terms import Side

Values = dict[str, float]
Parameters = dict[str, str]

_PERCENT_OFF = 1.0
_NOISE = 1e-6
_DECIMALS = 9
_REMEDY_OF_LOGITS = 'say activation = "softmax", or "sigmoid", in [scores] of labels.toml'


def score_hip(
    vectors: Sequence[Vector], side: Side, scoring: Scoring, account: Account
) -> tuple[Probabilities | None, Parameters]:
    """What the vectors of one scale give for a hip, and what of them the observer shall tell.

    None where they give nothing: the account has the fault then.
    """
    hip = _Hip(vectors[0].scale, side, scoring, account)
    try:
        return hip.score(vectors), hip.parameters
    except Unusable as error:
        account.blame(vectors[0].place, error.problem, error.remedy, error.rule)
        return None, {}


class _Hip:
    """One scale of one hip, and the parameters that were kept so far."""

    def __init__(self, key: str, side: Side, scoring: Scoring, account: Account) -> None:
        self._scale = SCALES[key]
        self._side = side
        self._scoring = scoring
        self._account = account
        self.parameters: Parameters = {}

    def score(self, vectors: Sequence[Vector]) -> Probabilities:
        members = [self._read(vector) for vector in vectors]
        at_least = {vector.is_at_least for vector in vectors}
        if len(at_least) > 1:
            problem = f"{self._scale.title} is scored twice, by class and of at least each class"
            raise Unusable(problem, "keep one of them", "E14")
        values = members[0] if len(members) == 1 else self._mean(vectors, members)
        place = vectors[0].place
        if not at_least.pop():
            self._check(problem_of_scores(values))
            self._take(place, "scores", values)
            return Probabilities(scale=self._scale.key, scores=tuple(values.items()))
        values = self._repaired(place, values)
        self._check(self._problem_of_cumulative(values))
        scores = to_scores(values, self._scale)
        self._take(place, "probabilities of at least each class", scores)
        return Probabilities(
            scale=self._scale.key, scores=tuple(scores.items()), cumulative=tuple(values.items())
        )

    def _take(self, place: str, words: str, scores: Values) -> None:
        best = max(scores, key=lambda grade: scores[grade])
        told = f"{words} of {self._scale.title} for the {self._side} hip"
        self._account.take(place, f"{told}, the highest {best} {scores[best]:.3g}")

    def _read(self, vector: Vector) -> Values:
        """One vector as probabilities, in the order of the classes."""
        given = dict(vector.values)
        values = {grade: _clean(given[grade]) for grade in self._scale.grades if grade in given}
        if not values:
            raise Unusable("holds no number", "give the score of each class")
        if vector.is_logits or _looks_like_logits(values):
            return self._activated(vector, values)
        if vector.is_percent or max(values.values()) > 1:
            return self._of_percent(vector, values)
        return values

    def _activated(self, vector: Vector, values: Values) -> Values:
        activation = self._scoring.activation
        if not activation:
            shown = "are logits" if vector.is_logits else "are no probabilities, as logits are"
            low, high = _shown(min(values.values())), _shown(max(values.values()))
            raise Unusable(f"{shown}: from {low} to {high}", _REMEDY_OF_LOGITS)
        if (activation == "sigmoid") is not vector.is_at_least:
            fitting = "sigmoid" if vector.is_at_least else "softmax"
            problem = f"has the activation {activation}, and its classes ask for {fitting}"
            raise Unusable(problem, "sigmoid is that of `at least` each class, softmax of classes")
        self._keep("logits", _in_words(values))
        self.parameters["activation"] = activation
        self._account.assume(vector.place, f"{activation} of the logits, as it is told")
        return _rounded(_sigmoid(values) if activation == "sigmoid" else _softmax(values))

    def _of_percent(self, vector: Vector, values: Values) -> Values:
        total, most = math.fsum(values.values()), max(values.values())
        is_whole = vector.is_at_least or abs(total - 100) <= _PERCENT_OFF
        if most > 100 or not (vector.is_percent or is_whole):
            problem = f"holds {_shown(most)}, which is no probability"
            raise Unusable(
                problem, f"give probabilities from 0 to 1; of logits {_REMEDY_OF_LOGITS}"
            )
        if not (vector.is_percent or self._scoring.unit == "percent"):
            remedy = 'write them from 0 to 1, or say unit = "percent" in [scores] of labels.toml'
            raise Unusable(f"goes up to {_shown(most)}, as percentages do", remedy)
        if not vector.is_percent:
            self._account.assume(vector.place, "percentages, as it is told")
        return _rounded({grade: value / 100 for grade, value in values.items()})

    def _mean(self, vectors: Sequence[Vector], members: Sequence[Values]) -> Values:
        if self._scoring.ensemble != "mean":
            title = self._scale.title
            problem = f"has {len(members)} vectors of {title} for the {self._side} hip"
            mean = self._account.options.ensemble
            remedy = f"give one; of an ensemble, {mean} takes their mean and keeps them all"
            raise Unusable(problem, remedy)
        if len({tuple(values) for values in members}) > 1:
            problem = "has members that score different classes"
            raise Unusable(problem, "give every member the same classes")
        for vector, values in zip(vectors, members, strict=True):
            self._check_member(vector, values)
        self._keep("members", " | ".join(map(_in_words, members)))
        self.parameters["ensemble"] = f"mean of {len(members)}"
        self._account.assume(vectors[0].place, self._tell_members(vectors, members))
        return _rounded(
            {
                grade: math.fsum(values[grade] for values in members) / len(members)
                for grade in members[0]
            }
        )

    def _check_member(self, vector: Vector, values: Values) -> None:
        """One member is as wrong as one model; that it rises is for the repair of the mean."""
        if not vector.is_at_least:
            problem = problem_of_scores(values)
        elif self._scoring.repair:
            return
        else:
            problem = self._problem_of_cumulative(values)
        if problem is not None:
            raise Unusable(f"{vector.place}: {problem[0]}", problem[1], "E14")

    def _tell_members(self, vectors: Sequence[Vector], members: Sequence[Values]) -> str:
        """How the members of an ensemble differ."""
        best: Counter[str] = Counter()
        for vector, values in zip(vectors, members, strict=True):
            scores = to_scores(values, self._scale) if vector.is_at_least else values
            found = Probabilities(scale=self._scale.key, scores=tuple(scores.items()))
            best["/".join(highest_scored(found, self._scale))] += 1
        told = f"the mean of {len(members)} members for the {self._side} hip"
        if len(best) == 1:
            return f"{told}, which all score {self._scale.title} {next(iter(best))} highest"
        order = sorted(best, key=lambda grade: -best[grade])
        split = ", ".join(f"{grade} by {best[grade]}" for grade in order)
        self._keep("highest", split)
        return f"{told}, which disagree on the highest: {self._scale.title} {split}"

    def _repaired(self, place: str, values: Values) -> Values:
        if self._scoring.repair != "running-minimum" or not find_rises(values, self._scale):
            return values
        repaired = running_minimum(values, self._scale)
        self._keep("given", _in_words(values))
        self.parameters["repair"] = "running-minimum"
        changed = ", ".join(
            f"{grade} {_shown(repaired[grade])} for {_shown(values[grade])}"
            for grade in values
            if repaired[grade] != values[grade]
        )
        self._account.assume(place, f"the running minimum, as probabilities rose: {changed}")
        return repaired

    def _problem_of_cumulative(self, values: Values) -> tuple[str, str] | None:
        repair = self._account.options.repair
        return problem_of_cumulative(values, self._scale.key, repair)

    def _check(self, problem: tuple[str, str] | None) -> None:
        if problem is not None:
            raise Unusable(*problem, "E14")

    def _keep(self, what: str, text: str) -> None:
        """Keep what was given; a parameter holds so many characters, and the rest is the next one's."""
        name = f"{self._side}.{self._scale.key}.{what}"
        parts = list(_parts(text))
        for number, part in enumerate(parts, start=1):
            self.parameters[f"{name}.{number}" if len(parts) > 1 else name] = part


def _clean(value: float) -> float:
    """A number without the noise of single precision, which leaves 0 to 1 by a little."""
    if -_NOISE < value < 0:
        return 0.0
    return 1.0 if 1 < value < 1 + _NOISE else value


def _rounded(values: Values) -> Values:
    return {grade: round(value, _DECIMALS) for grade, value in values.items()}


def _looks_like_logits(values: Mapping[str, float]) -> bool:
    return min(values.values()) < 0


def _softmax(values: Values) -> Values:
    most = max(values.values())
    weights = {grade: math.exp(value - most) for grade, value in values.items()}
    total = math.fsum(weights.values())
    return {grade: weight / total for grade, weight in weights.items()}


def _sigmoid(values: Values) -> Values:
    return {grade: 0.5 * (1 + math.tanh(value / 2)) for grade, value in values.items()}


def _shown(value: float) -> str:
    return f"{value:.10g}"


def _in_words(values: Mapping[str, float]) -> str:
    return " ".join(f"{grade}:{_shown(value)}" for grade, value in values.items())


def _parts(text: str) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > LONGEST_PARAMETER:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
