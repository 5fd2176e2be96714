"""Scores of single findings: a threshold that somebody named makes a finding of one, and nothing else.

What such a score can say is less than a reader says. Bridging that a model scored on an image is
apparent; that islands are there tells neither how many nor how long; and a score below the threshold
is that the model saw none. A score without a threshold is listed, and left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hosr.annotations.account import Account
from hosr.annotations.scores.entries import Scored
from hosr.annotations.scoring import Scoring
from hosr.findings import Hip, Spurs
from hosr.vocabulary.terms import Bridging, Presence, Side

_REMEDY = "a threshold in [scores.thresholds] of labels.toml makes a finding of it"


def find_by_scores(
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
