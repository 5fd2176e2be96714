"""The outbox: what is to be archived, kept until there is proof that it was."""

from __future__ import annotations

from hosr.outbox.delivery import Limits, deliver
from hosr.outbox.entries import Change, Entry, Item
from hosr.outbox.outbox import Outbox
from hosr.outbox.states import ARCHIVED, ENDED, NEEDS_A_PERSON, OPEN, State

__all__ = [
    "ARCHIVED",
    "ENDED",
    "NEEDS_A_PERSON",
    "OPEN",
    "Change",
    "Entry",
    "Item",
    "Limits",
    "Outbox",
    "State",
    "deliver",
]
