"""What reading images gives: one patient, one study, its images; and what was tolerated or refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hosr.errors import Fault, ImagesRefused
from hosr.intake.images.stored import HeldFile, StoredFile, read_stored

if TYPE_CHECKING:
    from hosr.measure.spacing import ImageGeometry
    from hosr.study import ImageReference, Patient, SourceStudy
    from hosr.vocabulary.terms import ImagingModality, Side, View


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Note:
    """A deficiency that was tolerated: the file it is in and the words for it, never patient data."""

    path: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceImage:
    """One image of the study, as far as a report needs it.

    `family` is None for a secondary capture that does not say what it shows. `header_side` and
    `header_view` are None where the header leaves them open. `file` is where its pixels lie, None
    where they are to be fetched; an image is the same wherever that is.
    """

    reference: ImageReference
    geometry: ImageGeometry
    family: ImagingModality | None
    header_side: Side | None = None
    header_view: View | None = None
    is_localizer: bool = False
    instance_number: int | None = None
    file: StoredFile | HeldFile | None = field(default=None, repr=False, compare=False)

    @property
    def sop_instance_uid(self) -> str:
        """The UID that a record names the image by."""
        return self.reference.instance.sop_instance_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceImages:
    """The images of one study of one patient, ordered by series, number and UID.

    `fetch` gives the file of an image of which only the header is here.
    """

    patient: Patient
    study: SourceStudy
    images: tuple[SourceImage, ...]
    notes: tuple[Note, ...] = ()
    fetch: Callable[[str], bytes] | None = field(default=None, repr=False, compare=False)

    def find(self, sop_instance_uid: str) -> SourceImage | None:
        """The image of this SOP Instance UID; None where it is not among them."""
        matches = (i for i in self.images if i.sop_instance_uid == sop_instance_uid)
        return next(matches, None)

    def read_file(self, sop_instance_uid: str) -> bytes:
        """The whole DICOM file of an image, read anew from where its header was found, or fetched.

        Raises ImagesRefused where the file is gone, was changed, or cannot be read any more, and
        what `fetch` raises.
        """
        image = self.find(sop_instance_uid)
        if image is not None and image.file is None and self.fetch is not None:
            return self.fetch(sop_instance_uid)
        if image is None or image.file is None:
            problem = f"image {sop_instance_uid} is not among the images given"
            raise ImagesRefused(Fault("images", problem, "give that image"))
        return read_stored(image.file, sop_instance_uid)


class Ledger:
    """Notes and faults as they are found; the order of files does not show in the result."""

    def __init__(self) -> None:
        self._notes: dict[str, list[str]] = defaultdict(list)
        self._faults: set[Fault] = set()

    def note(self, path: str, problem: str) -> None:
        """Keep a deficiency that is tolerated."""
        self._notes[problem].append(path)

    def refuse(self, path: str, problem: str, remedy: str = "") -> None:
        """Keep a fault; reading goes on, so that all faults are named at once."""
        self._faults.add(Fault(path, problem, remedy))

    def notes(self) -> tuple[Note, ...]:
        """One note for each problem, named by its first file and the number of others."""
        return tuple(
            sorted(
                Note(path=min(paths), problem=counted(problem, paths))
                for problem, paths in self._notes.items()
            )
        )

    def raise_faults(self) -> None:
        """Raise ImagesRefused with every fault, if there is one."""
        if self._faults:
            raise ImagesRefused(sorted(self._faults, key=str))


def label(name: str) -> str:
    """A file name that fits on one line of a terminal, whatever the name holds."""
    return "".join(c if c.isprintable() else "?" for c in name) or "?"


def counted(problem: str, paths: Sequence[str]) -> str:
    """A problem with the number of files that have it beside the one that is named."""
    others = len(paths) - 1
    if not others:
        return problem
    return f"{problem} (and {others} more {'file' if others == 1 else 'files'})"
