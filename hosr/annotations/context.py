"""What every reader of a source is given: the images, what the labels mean, whom to tell, and the time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from hosr.annotations.account import Account
from hosr.annotations.labels import Labels
from hosr.intake.images import SourceImages


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The meanings of labels, the images of the study, where they were given, and the account.

    A reader names its places by the file, then what is in it: `seg.dcm, segment 3`. What was made later
    than `now`, by the clock of whoever imports, is refused.
    """

    labels: Labels = field(default_factory=Labels)
    images: SourceImages | None = None
    account: Account = field(default_factory=Account)
    now: dt.datetime | None = None
