"""What scores say of each hip: grades that the model names, scores of classes, and findings.

Scores of single findings: a threshold that somebody named makes a finding of one, and nothing else.
What such a score can say is less than a reader says. Bridging that a model scored on an image is
apparent; that islands are there tells neither how many nor how long; and a score below the threshold
is that the model saw none. A score without a threshold is listed, and left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hosr.annotations.account import Account
from hosr.annotations.context import Context
from hosr.annotations.scores.entries import Entry, Named, Scored, Vector, side_of
from hosr.annotations.scores.settings import Scoring
from hosr.annotations.scores.vectors import score_hip
from hosr.findings import Hip, Probabilities, Spurs
from hosr.scales import SCALES
from hosr.vocabulary.terms import Bridging, Presence, Side

Grades = tuple[tuple[str, tuple[str, ...]], ...]

_REMEDY = "a threshold in [scores.thresholds] of labels.toml makes a finding of it"


def find_hip(
    side: Side, entries: Sequence[Entry], context: Context
) -> tuple[Hip | None, dict[str, str]]:
    """What the entries say of a hip, and what the observer shall tell; None where they say nothing."""
    return _Hip(side, entries, context).read()


class _Hip:
    """One hip of the entries."""

    def __init__(self, side: Side, entries: Sequence[Entry], context: Context) -> None:
        self._side = side
        self._scoring = context.labels.scoring
        self._account = context.account
        self._activation = next((e.activation for e in entries if e.activation), "")
        self._vectors = [v for e in entries for v in e.vectors if self._is_mine(v)]
        self._named = [n for e in entries for n in e.named if self._is_mine(n)]
        self._scored = [s for e in entries for s in e.scored if self._is_mine(s)]

    def _is_mine(self, each: Vector | Named | Scored) -> bool:
        return side_of(each, self._scoring.side) is self._side

    def read(self) -> tuple[Hip | None, dict[str, str]]:
        """What is scored of it, and what the observer shall tell; None where nothing is."""
        found, parameters = _find_by_scores(self._scored, self._side, self._scoring, self._account)
        probabilities, told = self._probabilities()
        grades, scores = self._grades()
        if not (found or probabilities or grades):
            return None, {}
        hip = found or Hip(side=self._side)
        self._tell_differences(probabilities)
        named = replace(hip, probabilities=probabilities, source_grades=grades)
        return named, {**parameters, **told, **scores}

    def _probabilities(self) -> tuple[tuple[Probabilities, ...], dict[str, str]]:
        scoring = self._scoring
        if self._activation and not scoring.activation:
            scoring = replace(scoring, activation=self._activation)
        found, parameters = [], dict[str, str]()
        for scale in SCALES:
            vectors = [vector for vector in self._vectors if vector.scale == scale]
            if vectors:
                scored, told = score_hip(vectors, self._side, scoring, self._account)
                parameters |= told
                found += [scored] if scored is not None else []
        return tuple(found), parameters

    def _grades(self) -> tuple[Grades, dict[str, str]]:
        """The grades that the model names, each of a scale once."""
        found: dict[str, Named] = {}
        parameters: dict[str, str] = {}
        for named in self._named:
            first = found.setdefault(named.scale, named)
            title = SCALES[named.scale].title
            if first is named:
                told = "/".join(named.grades)
                self._account.take(named.place, f"{title} {told} of the {self._side} hip")
                if named.score is not None:
                    parameters[f"{self._side}.{named.scale}.score"] = f"{named.score:.10g}"
            elif first.grades != named.grades:
                problem = f"grades the {self._side} hip otherwise than {first.place} by {title}"
                self._account.blame(named.place, problem, "keep one of them")
        return tuple((scale, named.grades) for scale, named in found.items()), parameters

    def _tell_differences(self, probabilities: Iterable[Probabilities]) -> None:
        """Tell of a grade that the model names, where its own scores are highest at another one."""
        for given in probabilities:
            named = next((each for each in self._named if each.scale == given.scale), None)
            highest, score = max(given.scores, key=lambda each: each[1])
            if named is not None and highest not in named.grades:
                told = (
                    f"{SCALES[given.scale].title} {'/'.join(named.grades)} of the {self._side} hip"
                )
                words = f"{told} is taken as the model names it; its own scores say {highest} {score:.2g}"
                self._account.assume(named.place, words)


def _find_by_scores(
    scored: Sequence[Scored], side: Side, scoring: Scoring, account: Account
) -> tuple[Hip | None, dict[str, str]]:
    """The findings of a hip, and what the observer shall tell of its scores.

    None where no score became a finding. A finding that is scored twice is a fault.
    """
    parameters: dict[str, str] = {}
    if scored:
        given = " ".join(f"{each.name}:{each.score:.10g}" for each in scored)
        parameters[f"{side}.findings"] = given
    hip, is_found = Hip(side=side), False
    for each in _once(scored, side, account):
        threshold = scoring.thresholds.get(each.name)
        if threshold is None:
            words = f"scores {each.name} of the {side} hip {each.score:g}: {_REMEDY}"
            account.leave(each.place, words)
            continue
        parameters[f"threshold.{each.name}"] = f"{threshold:g}"
        is_seen = each.score >= threshold
        found = _with_finding(hip, each.name, is_seen)
        if found is None:
            words = f"islands of the {side} hip are seen, but neither their number nor their length"
            account.leave(each.place, words)
            continue
        hip, is_found = found, True
        told = "is seen" if is_seen else "is not seen"
        words = f"{each.name} of the {side} hip {told}: {each.score:g}, threshold {threshold:g}"
        account.take(each.place, words)
    return (hip if is_found else None), parameters


def _once(scored: Iterable[Scored], side: Side, account: Account) -> list[Scored]:
    found: dict[str, Scored] = {}
    for each in scored:
        first = found.setdefault(each.name, each)
        if first is not each:
            problem = f"scores {each.name} of the {side} hip, as {first.place} does"
            account.blame(each.place, problem, "keep one of them")
    return list(found.values())


def _with_finding(hip: Hip, name: str, is_seen: bool) -> Hip | None:
    """The hip with one finding more; None where the score does not tell it."""
    if name == "presence":
        return replace(hip, presence=Presence.PRESENT if is_seen else Presence.ABSENT)
    if name == "pelvic_spur":
        return replace(hip, spurs=Spurs(pelvis=is_seen, femur=hip.spurs.femur))
    if name == "femoral_spur":
        return replace(hip, spurs=Spurs(pelvis=hip.spurs.pelvis, femur=is_seen))
    if name == "bridging":
        return replace(hip, bridging=Bridging.APPARENT if is_seen else Bridging.NONE)
    return None if is_seen else replace(hip, islands=())
