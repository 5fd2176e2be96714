"""What an event says on its line."""

from __future__ import annotations

import pytest

from hosr.errors import Fault
from hosr.watch.events import tell_faults


@pytest.mark.parametrize(("count", "more"), [(1, ""), (5, ""), (40, ""), (43, "; 3 more")])
def test_every_fault_is_told_on_one_line(count: int, more: str) -> None:
    """With what to do about each; of a great many the first, and how many more there are."""
    faults = [Fault(f"${n}", "is\nwrong", "mend it", "E1") for n in range(count)]
    told = [f"${n}: is wrong; mend it [E1]" for n in range(min(count, 40))]
    assert tell_faults(faults) == "; ".join(told) + more
