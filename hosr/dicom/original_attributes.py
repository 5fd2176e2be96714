"""What an archive keeps on record of the values that it changed (PS3.3 section C.12.1).

Original Attributes Sequence has an item for each change; its Modified Attributes Sequence holds the
values as they were before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

ORIGINAL_ATTRIBUTES, MODIFIED_ATTRIBUTES = 0x04000561, 0x04000550
ATTRIBUTE_MODIFICATION_TIME = 0x04000562

_DataSet = TypeVar("_DataSet")


def former_attributes(
    data_set: _DataSet,
    items_of: Callable[[_DataSet, int], Iterable[_DataSet]],
    text_of: Callable[[_DataSet, int], str],
) -> list[_DataSet]:
    """The former values that a data set has on record, those before the latest change first.

    `items_of` and `text_of` give the items of a sequence and the text of an element by its tag; none
    and "" where it is not there.
    """
    changes = sorted(
        items_of(data_set, ORIGINAL_ATTRIBUTES),
        key=lambda change: text_of(change, ATTRIBUTE_MODIFICATION_TIME),
        reverse=True,
    )
    return [former for change in changes for former in items_of(change, MODIFIED_ATTRIBUTES)]
