"""Earlier reports that drafts are compared with, and earlier studies as the page is told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.desk.sentences import tell_not_shown, tell_uncompared, tell_unreported
from hosr.drafts.judgement import comparing
from hosr.intake.images.values import size_and_time
from hosr.intake.record.writer import hip_json
from hosr.language.numbers import dicom_day, millimetres, plain, size
from hosr.lifecycle.prior_files import read_earlier
from hosr.lifecycle.priors import find_unfit
from hosr.lifecycle.succession import SUCCESSOR
from hosr.manifest import MANIFEST
from hosr.narrative.signatures import tell_notice
from hosr.narrative.words import EXAMINATIONS

if TYPE_CHECKING:
    from hosr.desk.earlier_studies import Shown
    from hosr.desk.imagery import Images
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


def describe_earlier(shown: Sequence[Shown], images: Images, language: Language) -> list[Json]:
    """Each earlier study with its images and what its reports marked, in the order given."""
    return [
        {
            "title": _title(each, language),
            "study_date": each.study_date,
            "words": list(_words(each, language)),
            "images": [] if each.opened is None else images.describe(each.opened),
            "hips": [
                marked_hip(graded.hip, language)
                for earlier in each.reports
                for graded in earlier.report.hips
            ],
        }
        for each in shown
    ]


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


def _title(shown: Shown, language: Language) -> str:
    """When what was examined; of images without a report by what their headers say."""
    day = dicom_day(shown.study_date, language) if shown.study_date else ""
    if shown.reports:
        what = [language.say(EXAMINATIONS[shown.reports[0].report.view])]
    elif shown.opened is not None:
        source = shown.opened.source
        modalities = sorted({image.reference.modality for image in source.images})
        what = [" ".join(modalities), plain(source.study.description)]
    else:
        what = []
    return ", ".join(filter(None, (day, *what)))


def _words(shown: Shown, language: Language) -> Iterator[str]:
    """Who signed its reports, or that none is known; and why it is not shown."""
    yield from dict.fromkeys(tell_notice(each.report, language) for each in shown.reports)
    if not shown.is_compared:
        yield tell_uncompared(language)
    if shown.opened is None:
        yield tell_not_shown(shown.faults, language, is_reported=bool(shown.reports))
    elif not shown.reports:
        yield tell_unreported(language)


def marked_hip(hip: Hip, language: Language) -> Json:
    """What was marked of a hip, as in a record; and what was measured, by where it stands there."""
    record = hip_json(hip)
    return {
        "side": hip.side.value,
        "marked": {key: record[key] for key in _MARKED if key in record},
        "texts": dict(_measured(hip, language)),
    }


# What of a hip of a record lies on its images.
_MARKED = ("side", "image", "frame", "gap", "gap_lateral", "islands", "calibration")


def _measured(hip: Hip, language: Language) -> Iterator[tuple[str, str]]:
    lengths = [("gap", hip.gap), ("gap_lateral", hip.gap_lateral)]
    lengths += [(f"islands.{index}", each.length) for index, each in enumerate(hip.islands or ())]
    for path, length in lengths:
        if length is not None and length.mm is not None:
            yield path, millimetres(length.mm, language)
    if hip.calibration is not None:
        yield "calibration", size(hip.calibration.true_mm, language)
