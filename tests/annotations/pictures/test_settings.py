"""The section [pictures] of labels.toml."""

from __future__ import annotations

import pytest

from hosr.annotations.labels import parse_labels
from hosr.annotations.pictures.settings import Pictures
from hosr.errors import UsageError

_HEAD = 'schema_version = "1.0"\n[pictures]\n'


def test_the_section_says_how_a_picture_was_made_of_its_image() -> None:
    """Columns before rows; nothing that is not said."""
    said = "size = [640, 640]\nresized = [533, 640]\noffset = [53, 0.5]\nleast_score = 0.5\ncorners = 'pixels'"

    assert parse_labels(_HEAD + said).pictures == Pictures(
        size=(640, 640), resized=(533, 640), offset=(53.0, 0.5), least_score=0.5, corners="pixels"
    )
    assert parse_labels('schema_version = "1.0"').pictures == Pictures()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("size = 640", "[pictures] size: is no pair of such numbers"),
        ("size = [640, 0]", "[pictures] size: is no pair of such numbers"),
        ("resized = [640, nan]", "[pictures] resized: is no pair of such numbers"),
        ("offset = [0, 53]", "[pictures] offset: is given without resized"),
        ("least_score = 50", "[pictures] least_score: is no score"),
        ("corners = 'middles'", "[pictures] corners: says not where outlines run"),
        ("scale = 2", "[pictures] scale: is an unknown key"),
    ],
)
def test_what_says_nothing_is_refused(line: str, fault: str) -> None:
    """Each with its key."""
    with pytest.raises(UsageError) as refusal:
        parse_labels(_HEAD + line)

    assert fault in str(refusal.value)
