"""Objects of one content are one object, and objects of one series stay together."""

from __future__ import annotations

from hosr.composite import derive_instance
from hosr.identity import is_valid_uid


def test_the_same_content_is_the_same_instance() -> None:
    """An identity follows from kind, class, key and parts, and from nothing else."""
    first = derive_instance("picture", "1.2.3", "key", "1")

    assert derive_instance("picture", "1.2.3", "key", "1") == first
    assert is_valid_uid(first.sop_instance_uid)
    assert is_valid_uid(first.series_instance_uid)


def test_parts_of_one_key_share_a_series() -> None:
    """Several instances of one content are one series; other content and kinds are another."""
    instances = [
        derive_instance(kind, "1.2.3", key, part)
        for kind, key, part in [
            ("picture", "key", "1"),
            ("picture", "key", "2"),
            ("picture", "other", "1"),
            ("drawing", "key", "1"),
        ]
    ]

    series = [instance.series_instance_uid for instance in instances]
    assert series[0] == series[1]
    assert len(set(series)) == 3
    assert len({instance.sop_instance_uid for instance in instances}) == 4
