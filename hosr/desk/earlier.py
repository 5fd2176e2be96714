"""Earlier studies beside the draft: their images where they are known, and what was marked on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.drafts.judgement import comparing
from hosr.intake.images.values import size_and_time
from hosr.intake.record.writer import hip_json
from hosr.language.numbers import dicom_day, millimetres, size
from hosr.lifecycle.prior_files import read_earlier
from hosr.lifecycle.priors import find_unfit
from hosr.lifecycle.succession import SUCCESSOR
from hosr.manifest import MANIFEST
from hosr.narrative.signatures import tell_notice
from hosr.narrative.words import EXAMINATIONS

if TYPE_CHECKING:
    from hosr.desk.imagery import Images, Opened
    from hosr.findings import Hip
    from hosr.intake.images import SourceImages
    from hosr.language import Language
    from hosr.lifecycle.priors import EarlierReport
    from hosr.pipeline import Outcome
    from hosr.report import Report

Json = dict[str, Any]


class Earlier:
    """The earlier reports that drafts are compared with, read anew where one of their files changed."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], _Read] = {}

    def compare(self, priors: tuple[str, ...]) -> Callable[[Outcome], Outcome]:
        """What sets a report against those at these places, as `hosr.drafts.judgement.comparing`."""
        return self._find(priors).compare

    def find_fitting(
        self, priors: tuple[str, ...], source: SourceImages
    ) -> tuple[EarlierReport, ...]:
        """Those that can be read, and are surely of the patient of these images and of an earlier study."""
        uids = {image.sop_instance_uid for image in source.images}
        return tuple(
            each
            for each in self._find(priors).reports
            if not any(find_unfit(source.patient, source.study, uids, each))
        )

    def _find(self, priors: tuple[str, ...]) -> _Read:
        stamps = tuple(_stamp(Path(each) / name) for each in priors for name in _TOLD_BY)
        known = self._kept.get(priors)
        if known is None or known.stamps != stamps:
            reports, _, _ = read_earlier([Path(each) for each in priors])
            known = _Read(stamps=stamps, compare=comparing(priors), reports=reports)
            self._kept[priors] = known
            if len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    stamps: tuple[tuple[int, int], ...]
    compare: Callable[[Outcome], Outcome]
    reports: tuple[EarlierReport, ...]


# What of a report changes when it is made anew, or another one takes its place: its own file, or these.
_TOLD_BY = ("", MANIFEST, SUCCESSOR)
_MOST_KEPT = 256


def _stamp(path: Path) -> tuple[int, int]:
    try:
        return size_and_time(path.stat())
    except OSError:
        return 0, 0


def describe_earlier(
    earlier: Sequence[tuple[EarlierReport, Opened | None]], images: Images, language: Language
) -> list[Json]:
    """Each earlier report with its images and marks, the newest first."""
    found = [
        {
            "title": _title(each, language),
            "study_date": each.report.subject.study.date,
            "status": tell_notice(each.report, language),
            "images": [] if opened is None else images.describe(opened),
            "hips": [marked_hip(graded.hip, language) for graded in each.report.hips],
        }
        for each, opened in earlier
    ]
    return sorted(found, key=lambda prior: str(prior["study_date"]), reverse=True)


def compared_json(report: Report) -> dict[str, Json | None]:
    """The document that each hip is compared with, and when that was signed; None for none."""
    found: dict[str, Json | None] = {}
    for graded in report.hips:
        prior = report.prior_of(graded.hip.side)
        found[graded.hip.side.value] = (
            None
            if prior is None
            else {
                "document": prior.report.documents[0].sop_instance_uid,
                "signed_at": prior.report.signature.signed_at.isoformat(),
            }
        )
    return found


def _title(earlier: EarlierReport, language: Language) -> str:
    report = earlier.report
    day = dicom_day(report.subject.study.date, language)
    return f"{language.say(EXAMINATIONS[report.view])}, {day}"


def marked_hip(hip: Hip, language: Language) -> Json:
    """What was marked of a hip, as in a record; and what was measured, by where it stands there."""
    record = hip_json(hip)
    return {
        "side": hip.side.value,
        "marked": {key: record[key] for key in _MARKED if key in record},
        "texts": dict(_measured(hip, language)),
    }


# What of a hip of a record lies on its images.
_MARKED = ("side", "gap", "gap_lateral", "islands", "calibration")


def _measured(hip: Hip, language: Language) -> Iterator[tuple[str, str]]:
    lengths = [("gap", hip.gap), ("gap_lateral", hip.gap_lateral)]
    lengths += [(f"islands.{index}", each.length) for index, each in enumerate(hip.islands or ())]
    for path, length in lengths:
        if length is not None and length.mm is not None:
            yield path, millimetres(length.mm, language)
    if hip.calibration is not None:
        yield "calibration", size(hip.calibration.true_mm, language)
