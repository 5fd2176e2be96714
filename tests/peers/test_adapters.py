"""What the viewer's own code takes over from a report when tracking begins."""

import pytest

from tests.peers.adapters import tool_state
from tests.peers.conftest import Report


def test_a_hydrated_gap_becomes_a_length_with_its_words(reported: Report) -> None:
    """With --hydrate each measured line becomes an editable length: same ends, value and comment."""
    sample = reported("brooker-3", "--hydrate")
    state = tool_state(sample.measurement, sample.images)
    lengths = [one for one in state.measurements if one.tool == "Length"]
    gaps = [group for group in sample.groups if len(group.points) == 2]
    assert gaps
    assert [one.label for one in lengths] == [group.comment for group in gaps]
    for one, group in zip(lengths, gaps, strict=True):
        _, value, unit = group.numbers[0]
        assert one.image == group.image
        assert one.length == pytest.approx(value)
        assert one.unit == unit
        for point, expected in zip(one.points, group.points, strict=True):
            assert point == pytest.approx(expected, abs=0.01)
        assert one.finding == group.finding
        assert one.sites == group.sites
    assert state.warnings == ()


def test_a_plain_report_is_left_as_it_is(reported: Report) -> None:
    """Without --hydrate the viewer's code takes no length over."""
    sample = reported("brooker-3")
    state = tool_state(sample.measurement, sample.images)
    assert [one for one in state.measurements if one.tool == "Length"] == []
