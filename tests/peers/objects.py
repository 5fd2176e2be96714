"""The further DICOM objects of a sample study, made of its real images and kept as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typst
from pydicom import Dataset, dcmread

from hosr.composite import Encoded, shown_places
from hosr.findings import Place
from hosr.intake.images import read_images
from hosr.intake.record_selection import read_records
from hosr.pipeline import make_report
from hosr.pixels.display_pipeline import ImageDisplay, read_display
from hosr.report import Report
from hosr.sr import make_measurement
from hosr.sr.key_objects import key_objects
from hosr.sr.receivers import Options
from hosr.visuals.encapsulated_pdf import encapsulated_pdf
from hosr.visuals.key_images import make_key_images
from hosr.visuals.marks import KeyImage, marks_of
from hosr.visuals.presentation_state import presentation_states
from hosr.visuals.secondary_capture import secondary_captures
from tests.peers.samples import SAMPLE_DATA

__all__ = ["Objects", "make_objects"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """A sample study and the objects made of it; `headers` are its images by SOP Instance UID."""

    report: Report
    headers: dict[str, Dataset]
    images: dict[str, Path]
    pdf_bytes: bytes
    displays: dict[Place, ImageDisplay]
    overlay: Path
    key_objects: Path
    pdf: Path
    captures: tuple[Path, ...]

    @property
    def all(self) -> tuple[Path, ...]:
        """Every object made."""
        return (self.overlay, self.key_objects, self.pdf, *self.captures)


def make_objects(name: str, out: Path) -> Objects:
    """Make every object of a sample."""
    folder = SAMPLE_DATA / name
    (recorded,) = read_records(folder / "record.json")
    outcome = make_report(recorded.record, read_images([folder / "images"]))
    report = outcome.report
    images = {str(dcmread(path).SOPInstanceUID): path for path in _files(folder / "images")}
    headers: dict[str, Dataset] = {uid: dcmread(path) for uid, path in images.items()}
    displays = {
        place: read_display(headers[place.sop_instance_uid], place.frame)
        for place in shown_places(report)
    }
    (overlay,) = presentation_states(report, marks_of(report), displays)
    states = dict.fromkeys(overlay.places, overlay.encoded.instance)
    pictures = make_key_images(report, outcome.read_image)
    files = {each.side: each.png for each in pictures if isinstance(each, KeyImage)}
    pdf = _pdf()
    source = make_measurement(report, Options()).instance
    captures = secondary_captures(report, pictures, files)
    return Objects(
        report=report,
        headers=headers,
        images=images,
        pdf_bytes=pdf,
        displays=displays,
        overlay=_kept(out / "overlay.dcm", overlay.encoded),
        key_objects=_kept(out / "keyobjects.dcm", key_objects(report, states)),
        pdf=_kept(out / "report.pdf.dcm", encapsulated_pdf(report, pdf, (source,))),
        captures=tuple(_kept(out / f"key_{side}.dcm", encoded) for side, encoded in captures),
    )


def _pdf() -> bytes:
    """A page; Orthanc 1.10 drops the last byte of some that end in no line end."""
    source = b"#set document(date: none)\nHeterotopic ossification"
    return typst.compile(source, format="pdf") + b"\n"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _kept(path: Path, encoded: Encoded) -> Path:
    path.write_bytes(encoded.data)
    return path
