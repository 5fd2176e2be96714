"""The section [scores] of labels.toml."""

from __future__ import annotations

import pytest

from hosr.annotations.labels import parse_labels
from hosr.errors import UsageError


def test_what_is_wrong_is_told_at_once() -> None:
    """Each fault of the section has its place and its remedy."""
    section = (
        '[scores]\nensembl = "mean"\nrepair = "sort"\nunit = 1\n'
        "[scores.thresholds]\nspur = 0.5\nbridging = 1.5\n"
    )
    with pytest.raises(UsageError) as refusal:
        parse_labels('schema_version = "1.0"\n' + section)
    assert [(fault.path, fault.problem) for fault in refusal.value.faults] == [
        ("labels.toml, [scores] ensembl", "is an unknown key"),
        ("labels.toml, [scores] repair", 'is "sort"'),
        ("labels.toml, [scores] unit", "is no word"),
        ('labels.toml, [scores] thresholds "spur"', "is no finding"),
        ("labels.toml, [scores] thresholds bridging", "is no score between 0 and 1"),
    ]
