"""The circumstances of a grading that bear on its flags and contradictions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hosr.findings import Context, Observer
from hosr.vocabulary.terms import VIEW_MODALITIES, ImagingModality, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Who graded, on what view, in what context, and when the images were made."""

    observer: Observer
    view: View
    context: Context = Context()  # noqa: RUF009 (frozen)
    study_date: dt.date | None = None

    @property
    def modality(self) -> ImagingModality:
        """Radiograph, CT or MR."""
        return VIEW_MODALITIES[self.view]

    @property
    def days_since_event(self) -> int | None:
        """Days from the index event to the study, where both dates are known."""
        event = self.context.index_event
        if event is None or event.date is None or self.study_date is None:
            return None
        return (self.study_date - event.date).days
