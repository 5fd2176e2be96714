"""Which earlier report each hip is compared with, of those that were read; the facts of it are kept.

| Of the reports given                         | What becomes of it                                      |
| -------------------------------------------- | ------------------------------------------------------- |
| the newest signed one of a hip               | is compared with                                        |
| an older one                                 | is left, and noted                                      |
| a newer one that nobody signed               | is named, not compared with                             |
| a version with a successor among them        | is left: the successor stands for it                    |
| a version with a successor that is not there | is refused                                              |
| two versions in the place of one             | are named; the hip is compared with none                |
| one of the other hip alone                   | is named where there is no other                        |
| of another patient, or not surely of this    | is refused, with what differs; a name proves nothing    |
| of the same study, or of a later one         | is refused                                              |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from hosr.comparison import flag_comparisons
from hosr.errors import DocumentRefused, Fault, UsageError
from hosr.findings import Length
from hosr.intake.images import Note
from hosr.persons import find_other_ids, find_strangers
from hosr.priors import Lookback, PassedOver, Passing, PriorHip, PriorReport
from hosr.report import GradedHip, Report
from hosr.study import Instance, Patient, SourceStudy, is_no_id, read_date
from hosr.vocabulary.terms import Side

_TRAITS = {
    "patient_id": "patient ID",
    "issuer": "issuer of the patient ID",
    "birth_date": "date of birth",
    "sex": "sex",
    "name": "name",
}
_OF_PATIENT = "give reports of the same patient; for an ID that was merged, --merged-id OLD=NEW"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierReport:
    """A measurement report that was read, with its documents, the measurement report first.

    `place` says where it came from; `tracking_uids` are those of its hips. `replaced` says what took its
    place, as far as is known where it lies: it is refused then. One that is not `is_named`, but was
    found by a look-up, is left out where it is of another patient, study or time, and not refused.
    """

    place: str
    report: Report
    documents: tuple[Instance, ...]
    tracking_uids: tuple[tuple[Side, str], ...]
    replaced: Fault | None = None
    is_named: bool = True

    @property
    def uid(self) -> str:
        """The SOP Instance UID of the measurement report."""
        return self.documents[0].sop_instance_uid

    @property
    def moment(self) -> tuple[str, str, str]:
        """When it stands in time: by its study, then by when it was signed or graded."""
        study, signing = self.report.subject.study, self.report.signing
        made = self.report.graded_at if signing is None else signing.signatures[-1].signed_at
        return study.date, study.time, f"{made.timestamp():020.6f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedID:
    """A patient ID that another one took the place of, as a person says; of one issuer where it is named."""

    old: str = field(repr=False)
    new: str = field(repr=False)
    issuer: str = field(default="", repr=False)

    def joins(self, then: Patient, now: Patient) -> bool:
        """Whether it says that the two IDs are of one patient."""
        is_issued = self.issuer in ("", then.issuer)
        return is_issued and (then.patient_id, now.patient_id) == (self.old, self.new)


def parse_merged(text: str) -> MergedID:
    """A merged ID as it is written, OLD=NEW or OLD^^^ISSUER=NEW. Raises `UsageError` where it is none."""
    old, _, new = text.partition("=")
    old, _, issuer = old.partition("^^^")
    if is_no_id(old) or is_no_id(new) or "=" in new:
        problem = "is no pair of patient IDs"
        raise UsageError(Fault("--merged-id", problem, "write OLD=NEW, or OLD^^^ISSUER=NEW"))
    return MergedID(old=old.strip(), new=new.strip(), issuer=issuer.strip())


def look_back(
    report: Report, earlier: Sequence[EarlierReport], merged: Sequence[MergedID] = ()
) -> tuple[Report, tuple[Note, ...]]:
    """The report with what earlier reports say of its hips, and what is noted of those not compared.

    Raises `DocumentRefused` with everything that is wrong with any of them.
    """
    given = tuple({each.uid: each for each in earlier}.values())
    faults = [*_find_unused(report, given, merged)]
    fitting = []
    patient, study = report.subject.patient, report.subject.study
    for each in given:
        found = [*find_unfit(patient, study, _images(report), each, merged)]
        if not found:
            fitting.append(each)
        elif each.is_named:
            faults += found
    if faults:
        raise DocumentRefused(faults)
    if not fitting:
        return report, ()
    newest = _without_replaced(fitting)
    lookbacks = tuple(_look_back(graded.hip.side, newest, report) for graded in report.hips)
    compared = flag_comparisons(replace(report, lookbacks=lookbacks))
    return compared, tuple(_note_left(newest, lookbacks))


def carry_over(before: Report, after: Report) -> Report:
    """The later version of a report, judged anew against the same earlier reports."""
    return flag_comparisons(replace(after, lookbacks=before.lookbacks))


def _find_unused(
    report: Report, given: Sequence[EarlierReport], merged: Sequence[MergedID]
) -> Iterator[Fault]:
    now = report.subject.patient
    for each in merged:
        if each.new != now.patient_id:
            problem = "names a new ID that is not that of the images"
            yield Fault("--merged-id", problem, "write OLD=NEW, the new one as in the images")
        elif not any(each.joins(other.report.subject.patient, now) for other in given):
            problem = "names an old ID that none of the earlier reports is filed under"
            yield Fault("--merged-id", problem, "leave it out, or give the report that it is for")


def find_unfit(
    patient: Patient,
    study: SourceStudy,
    images: Collection[str],
    earlier: EarlierReport,
    merged: Sequence[MergedID] = (),
) -> Iterator[Fault]:
    """Why an earlier report is nothing to compare a study with, of this patient and with these images.

    `images` are SOP Instance UIDs. Nothing comes of one that is surely of the patient, earlier, and
    what holds of its study.
    """
    if earlier.replaced is not None:
        yield earlier.replaced
    then = earlier.report.subject
    yield from find_other_patient(patient, then.patient, earlier.place, merged)
    yield from find_other_time(
        (study, images), (then.study, _images(earlier.report)), earlier.place
    )


def find_other_patient(
    now: Patient, then: Patient, place: str, merged: Sequence[MergedID] = ()
) -> Iterator[Fault]:
    """Why what was made of a patient `then`, which lies at a place, is not surely of the one `now`."""
    if is_no_id(then.patient_id) or is_no_id(now.patient_id):
        whose = "the earlier report" if is_no_id(then.patient_id) else "the images"
        problem = f"cannot be known to be of this patient: {whose} has no patient ID"
        yield Fault(place, problem.replace("images has", "images have"), _OF_PATIENT)
        return
    joined = [each for each in merged if each.joins(then, now)]
    apart: list[str] = [*find_other_ids(then, now)]
    if joined:
        apart = ["issuer"] if "issuer" in apart and not any(each.issuer for each in joined) else []
    apart += [each.trait for each in find_strangers((then, now))]
    if apart:
        differing = _listed([_TRAITS[trait] for trait in apart])
        problem = f"is of another patient: {differing} {'differ' if len(apart) > 1 else 'differs'}"
        yield Fault(place, problem, _OF_PATIENT)
    elif not (then.issuer and now.issuer) and not (then.birth_date and now.birth_date):
        problem = (
            "cannot be known to be of this patient: neither an issuer of the ID nor a date of birth "
            "stands in both"
        )
        yield Fault(place, problem, "an ID alone is that of several hospitals' patients")


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def find_other_time(
    now: tuple[SourceStudy, Collection[str]], then: tuple[SourceStudy, Collection[str]], place: str
) -> Iterator[Fault]:
    """Why a study `then` is not surely earlier than the one `now`; each with its SOP Instance UIDs."""
    (study, images), (before, former) = now, then
    if before.study_instance_uid == study.study_instance_uid:
        remedy = "give reports of earlier studies; what was signed of this one is amended"
        yield Fault(place, "is of the study that is graded", remedy)
        return
    # An image that was filed under another study is evidence of both, which no document can say.
    if not set(former).isdisjoint(images):
        remedy = "give reports of earlier studies, with images of their own"
        yield Fault(place, "rests on an image of the study that is graded", remedy)
    earlier, day = read_date(before.date), read_date(study.date)
    if earlier is None or day is None:
        whose = "the earlier report has" if earlier is None else "the images have"
        problem = f"cannot be known to be earlier: {whose} no study date"
        yield Fault(place, problem, "leave it out")
    elif earlier > day:
        problem = f"is of {earlier}, later than the study ({day})"
        yield Fault(place, problem, "give reports of earlier studies")
    elif earlier == day and not (before.time and study.time and before.time < study.time):
        problem = "is of the same day, and the times of the studies do not say that it is earlier"
        yield Fault(place, problem, "give reports of earlier studies")


def _images(report: Report) -> set[str]:
    return {image.instance.sop_instance_uid for image in report.subject.images}


def _without_replaced(given: Sequence[EarlierReport]) -> list[EarlierReport]:
    """Those that no other one takes the place of, the newest first."""
    replaced = {
        document.sop_instance_uid for each in given for document in each.report.predecessors
    }
    kept = [each for each in given if each.uid not in replaced]
    return sorted(kept, key=lambda each: each.moment, reverse=True)


def _look_back(side: Side, newest: Sequence[EarlierReport], report: Report) -> Lookback:
    of_hip = [each for each in newest if _hip_of(each, side) is not None]
    if not of_hip:
        return Lookback(side=side, passed_over=(_passed(Passing.OTHER_HIP, newest[:1]),))
    versions: dict[str, list[EarlierReport]] = defaultdict(list)
    for each in of_hip:
        versions[_chain(each)].append(each)
    passed: list[PassedOver] = []
    for each in of_hip:
        if each.report.signing is None:
            passed.append(_passed(Passing.DRAFT, [each]))
        elif len(versions[_chain(each)]) > 1:
            passed.append(_passed(Passing.FORK, versions[_chain(each)]))
            break
        else:
            compared = _facts_of(each, side, report.subject.patient)
            return Lookback(side=side, compared=compared, passed_over=tuple(passed))
    return Lookback(side=side, passed_over=tuple(passed))


def _hip_of(earlier: EarlierReport, side: Side) -> GradedHip | None:
    return next((each for each in earlier.report.hips if each.hip.side is side), None)


def _chain(earlier: EarlierReport) -> str:
    """What all versions of one report share; a draft has no other version beside it."""
    signing = earlier.report.signing
    return earlier.uid if signing is None else signing.tracked_as


def _passed(why: Passing, reports: Sequence[EarlierReport]) -> PassedOver:
    study = reports[0].report.subject.study
    return PassedOver(
        why=why,
        study_instance_uid=study.study_instance_uid,
        study_date=study.date,
        documents=tuple(each.documents[0] for each in reports),
    )


def _facts_of(earlier: EarlierReport, side: Side, patient: Patient) -> PriorHip:
    """What stays of an earlier report in the one that is compared with it."""
    report, signing = earlier.report, earlier.report.signing
    graded = _hip_of(earlier, side)
    if graded is None or signing is None:
        raise ValueError("a hip is compared with a signed report of it")
    subject, before, hip = report.subject, report.prior_of(side), graded.hip
    filed = subject.patient.patient_id
    return PriorHip(
        report=PriorReport(
            study_instance_uid=subject.study.study_instance_uid,
            study_date=subject.study.date,
            documents=earlier.documents,
            images=tuple(image.instance for image in subject.images),
            modality=min(image.modality for image in subject.images),
            view=report.view,
            observer=report.observer,
            step=signing.step,
            signature=signing.signature,
            time_point=1 if before is None else before.report.time_point + 1,
            formerly="" if filed == patient.patient_id else filed,
        ),
        grades=tuple((g.scale, g.stated) for g in graded.grades if g.stated and graded.is_told(g)),
        presence=hip.presence,
        bridging=hip.bridging,
        stage=hip.stage,
        gap=_gap_of(graded),
        object_mm=None if hip.calibration is None else hip.calibration.true_mm,
        event=report.context.event_of(side),
        tracking_uid=dict(earlier.tracking_uids)[side],
    )


def _gap_of(graded: GradedHip) -> Length | None:
    """The space without its line; None where nothing is known of it but that."""
    gap = graded.hip.gap
    if gap is None or (gap.mm is None and gap.gap_class is None):
        return None
    return (
        Length(gap_class=gap.gap_class) if gap.mm is None else replace(gap, line=None, segment=None)
    )


def _note_left(newest: Iterable[EarlierReport], lookbacks: Iterable[Lookback]) -> Iterator[Note]:
    """A note on each report that is of no hip of this one, or stands behind a newer one; by its UID."""
    lookbacks = tuple(lookbacks)
    sides = {lookback.side for lookback in lookbacks}
    told = {
        document.sop_instance_uid
        for lookback in lookbacks
        for documents in (
            *(passed.documents for passed in lookback.passed_over),
            () if lookback.compared is None else lookback.compared.report.documents,
        )
        for document in documents
    }
    for each in newest:
        if each.uid not in told and each.is_named:
            is_of_these = any(graded.hip.side in sides for graded in each.report.hips)
            why = "there is a newer one of each hip" if is_of_these else "it is of the other hip"
            problem = f"report {each.uid} is not compared with: {why}"
            yield Note(path="--prior", problem=problem)
