"""The key images of earlier reports, out of images of then: what pages show beside those of the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from hosr.errors import Fault, HosrError, ImagesRefused
from hosr.intake.images import NamedStudies, SourceImages, read_images
from hosr.lifecycle.priors import EarlierReport, find_other_patient, find_other_time
from hosr.persons import find_other_ids, find_strangers
from hosr.pipeline import EarlierImage, Outcome
from hosr.report import Report
from hosr.study import Patient

_GIVE = "give the images of the study of the earlier report, or leave --prior-images out"


def show_earlier(
    outcome: Outcome, earlier: Sequence[EarlierReport], paths: Sequence[Path]
) -> Outcome:
    """The outcome with the key image of then of each hip that is compared with one of these reports.

    `paths` hold the images of then, of one study or of several; no other image of them is shown. Raises
    `ImagesRefused` with all faults: where they lack a key image, or are of another patient.
    """
    if not paths:
        return outcome
    shown: list[EarlierImage] = []
    faults: dict[Fault, None] = {}
    for report in _compared(outcome.report, earlier):
        try:
            shown.append(_find(report, outcome.report.subject.patient, paths))
        except HosrError as error:
            faults |= dict.fromkeys(error.faults)
    if not shown and not faults:
        faults[Fault("--prior-images", "is of no use: no hip is compared", _GIVE)] = None
    if faults:
        raise ImagesRefused(faults)
    return replace(outcome, earlier_images=tuple(shown))


def _compared(report: Report, earlier: Sequence[EarlierReport]) -> Iterator[Report]:
    """The earlier report of each hip that is compared, with that hip alone."""
    known = {each.uid: each.report for each in earlier}
    for lookback in report.lookbacks:
        if lookback.compared is None:
            continue
        uid = lookback.compared.report.documents[0].sop_instance_uid
        if uid not in known:
            problem = (
                f"{uid}, which the {lookback.side.value} hip is compared with, is not among them"
            )
            raise ImagesRefused(Fault("--prior", problem, "give that report too"))
        then = known[uid]
        hips = tuple(graded for graded in then.hips if graded.hip.side is lookback.side)
        yield replace(then, hips=hips, lookbacks=())


def _find(report: Report, patient: Patient, paths: Sequence[Path]) -> EarlierImage:
    study, (graded,) = report.subject.study.study_instance_uid, report.hips
    if graded.hip.place is None:
        raise ValueError("a hip in a report has a key image")
    source = read_images(paths, named=NamedStudies(study_instance_uids=frozenset({study})))
    uid = graded.hip.place.sop_instance_uid
    if source.study.study_instance_uid != study or source.find(uid) is None:
        problem = (
            f"have no image {uid}, which is the key image of the {graded.hip.side.value} hip then"
        )
        raise ImagesRefused(Fault("--prior-images", problem, _GIVE))
    # An archive gives them the ID that they are filed under now, where it was merged since.
    if _is_other(source.patient, report.subject.patient) and _is_other(source.patient, patient):
        problem = "are not of the patient of the earlier report, by what their headers say"
        raise ImagesRefused(Fault("--prior-images", problem, _GIVE))
    return EarlierImage(report=report, open_image=source.open_file)


def are_images_of(report: Report, source: SourceImages) -> bool:
    """Whether images are those of a report: all that it speaks of are there, and its patient is theirs."""
    images = (image.instance.sop_instance_uid for image in report.subject.images)
    is_whole = all(source.find(uid) is not None for uid in images)
    return is_whole and not _is_other(source.patient, report.subject.patient)


def are_earlier_images(now: SourceImages, then: SourceImages) -> bool:
    """Whether images are surely of the same patient, and of an earlier study: as a report has to be."""
    today, before = (
        (each.study, {image.sop_instance_uid for image in each.images}) for each in (now, then)
    )
    is_other = any(find_other_patient(now.patient, then.patient, ""))
    return not is_other and not any(find_other_time(today, before, ""))


def _is_other(one: Patient, other: Patient) -> bool:
    return any(find_other_ids(one, other)) or any(find_strangers((one, other)))
