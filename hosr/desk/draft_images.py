"""The images that a page shows: of a draft, as they were when it was begun, and of its earlier studies."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosr.desk.earlier import Earlier
from hosr.desk.imagery import Images, Opened
from hosr.drafts import Drafts
from hosr.drafts.imagery import find_changed_images
from hosr.errors import HosrError, ImagesRefused
from hosr.intake.images import SourceImage
from hosr.intake.images.values import StoredFile
from hosr.lifecycle.prior_images import are_images_of
from hosr.lifecycle.priors import EarlierReport


@dataclass(slots=True, kw_only=True)
class DraftImages:
    """The images of the drafts of a folder, and what was reported of the same patients before."""

    drafts: Drafts
    images: Images
    earlier: Earlier = field(default_factory=Earlier)

    def open(self, draft_id: str) -> Opened:
        """The images of a draft. Raises `ImagesRefused` where they are not what they were."""
        draft = self.drafts.get(draft_id)
        faults = find_changed_images(self.drafts.image_files(draft_id))
        if faults:
            self.images.forget(draft)
            raise ImagesRefused(faults)
        return self.images.open(draft)

    def find_shown(self, draft_id: str, uid: str) -> Opened:
        """The images among which one is that the page shows: of the draft, or of an earlier study."""
        try:
            opened = self.images.open(self.drafts.get(draft_id))
        except ImagesRefused:
            opened = self.open(draft_id)  # says which were there
        image = opened.source.find(uid)
        if image is not None:
            self._require_unchanged(draft_id, image)
            return opened
        others = (other for _, other in self.find_earlier(draft_id) if other is not None)
        return next((other for other in others if other.source.find(uid) is not None), opened)

    def find_earlier(self, draft_id: str) -> tuple[tuple[EarlierReport, Opened | None], ...]:
        """The earlier reports that are surely of the patient of a draft, and their images where known.

        Those that it is not compared with are not shown either: an ID may be that of several persons.
        """
        draft = self.drafts.get(draft_id)
        source = self.images.open(draft).source
        fitting = self.earlier.find_fitting(draft.priors, source)
        return tuple((earlier, self._images_of(earlier)) for earlier in fitting)

    def _images_of(self, earlier: EarlierReport) -> Opened | None:
        """The images of an earlier report, where a draft with them is here and they are as they were."""
        uid = earlier.report.subject.study.study_instance_uid
        for listed in self.drafts.of_study(uid):
            try:
                opened = self.open(listed.draft_id)
            except HosrError:
                continue
            if are_images_of(earlier.report, opened.source):
                return opened
        return None

    def _require_unchanged(self, draft_id: str, image: SourceImage) -> None:
        """That the file of one image is what it was; of all others no look is needed each time."""
        path = image.file.path if isinstance(image.file, StoredFile) else None
        every = self.drafts.image_files(draft_id)
        faults = find_changed_images([file for file in every if file.path == path] or every)
        if faults:
            raise ImagesRefused(faults)
