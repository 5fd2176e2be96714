"""Reports in few words, for pictures of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hosr.findings import Context, Hip, Person, Place
from hosr.report import GradedHip, Report, Subject
from hosr.scales.scale import Setting
from hosr.study import ImageReference, Instance, Patient, SourceStudy
from hosr.vocabulary.terms import Side, View

__all__ = ["image_of", "report_of"]


def image_of(uid: str = "1.2.3", **given: Any) -> ImageReference:
    """An AP pelvis of 400 columns by 300 rows, its right half first."""
    plain = {
        "instance": Instance(
            series_instance_uid="1.2",
            sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1",
            sop_instance_uid=uid,
        ),
        "modality": "DX",
        "rows": 300,
        "columns": 400,
        "patient_orientation": ("L", "F"),
    }
    return ImageReference(**{**plain, **given})


def report_of(
    *hips: dict[str, Any], image: ImageReference | None = None, view: View = View.AP_PELVIS
) -> Report:
    """A report of these hips as they are, right hip first, whether or not a reader would say so."""
    image = image or image_of()
    place = Place(sop_instance_uid=image.instance.sop_instance_uid)
    observer = Person(name="Rossi^Maria")
    setting = Setting(observer=observer, view=view)
    graded = [
        GradedHip(hip=Hip(**{"place": place, **given}), grades=(), setting=setting)
        for given in hips
    ]
    return Report(
        subject=Subject(
            patient=Patient(), study=SourceStudy(study_instance_uid="1.2.9"), images=(image,)
        ),
        observer=observer,
        graded_at=dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC),
        view=view,
        context=Context(),
        hips=tuple(sorted(graded, key=lambda item: item.hip.side is not Side.RIGHT)),
    )
