"""What several sources found of one hip, together: each fact from one of them, or from all alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import reduce
from typing import Any

from hosr.annotations.account import Account
from hosr.findings import Hip, Spurs
from hosr.vocabulary.terms import Side


def join_hips(hips: Iterable[Hip], account: Account) -> tuple[Hip, ...]:
    """One hip a side, right first; a fault for each fact that two sources give differently.

    What a hip leaves at its default is not stated, and says nothing against another source.
    """
    by_side: dict[Side, list[Hip]] = {Side.RIGHT: [], Side.LEFT: []}
    for hip in hips:
        by_side[hip.side].append(hip)
    return tuple(
        reduce(lambda one, other: _joined(one, other, account), found)
        for found in by_side.values()
        if found
    )


def _joined(one: Hip, other: Hip, account: Account) -> Hip:
    blank = Hip(side=one.side)
    names = [field.name for field in fields(Hip) if field.name not in ("side", "spurs")]
    taken: dict[str, Any] = {
        name: _agreed(
            (getattr(one, name), getattr(other, name)),
            getattr(blank, name),
            name,
            one.side,
            account,
        )
        for name in names
    }
    bones: dict[str, bool | None] = {
        bone: _agreed(
            (getattr(one.spurs, bone), getattr(other.spurs, bone)),
            None,
            f"spurs.{bone}",
            one.side,
            account,
        )
        for bone in ("pelvis", "femur")
    }
    return replace(one, spurs=Spurs(**bones), **taken)


def _agreed(given: tuple[Any, Any], blank: Any, name: str, side: Side, account: Account) -> Any:
    """What is stated of two values, and a fault where both are, and differ."""
    first, second = given
    if second in (blank, first):
        return first
    if first == blank:
        return second
    problem = f"{name} of the {side} hip is given by two sources, and differently"
    account.blame("sources", problem, "import the one that is right")
    return first
