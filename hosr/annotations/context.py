"""What every reader of a source is given: the images, what the labels mean, and whom to tell."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosr.annotations.account import Account
from hosr.annotations.labels import Labels
from hosr.intake.images import SourceImages


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The meanings of labels, the images of the study, where they were given, and the account.

    A reader names its places by the file, then what is in it: `seg.dcm, segment 3`.
    """

    labels: Labels = field(default_factory=Labels)
    images: SourceImages | None = None
    account: Account = field(default_factory=Account)
