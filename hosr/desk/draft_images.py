"""The images that a page shows: of a draft, as they were when it was begun, and of its earlier studies."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosr.desk.earlier import Earlier
from hosr.desk.earlier_studies import Shown, Sought, open_sought, seek
from hosr.desk.imagery import Images, Opened
from hosr.drafts import Draft, Drafts
from hosr.drafts.imagery import find_changed_images
from hosr.errors import ImagesRefused
from hosr.image_index.seen import FILE_NAME, SeenImages
from hosr.intake.images import SourceImage, SourceImages
from hosr.intake.images.values import StoredFile

_MOST_SHOWN = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierStudies:
    """Where earlier studies of a draft may lie: what is read of them, and nothing of the store."""

    draft: Draft
    source: SourceImages
    sought: tuple[Sought, ...]
    images: Images

    def open(self) -> tuple[Shown, ...]:
        """Those that are shown, the newest first."""
        charsets = self.draft.assume_charset, self.draft.override_charset
        return open_sought(self.sought, self.source, self.images, charsets)


@dataclass(slots=True, kw_only=True)
class DraftImages:
    """The images of the drafts of a folder, and what was reported of the same patients before."""

    drafts: Drafts
    images: Images
    earlier: Earlier = field(default_factory=Earlier)
    _seen: SeenImages | None = None
    _shown: dict[str, tuple[Opened, ...]] = field(default_factory=dict)

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
        others = self._shown.get(draft_id) or self._open_earlier(draft_id)
        return next((other for other in others if other.source.find(uid) is not None), opened)

    def seek_earlier(self, draft_id: str) -> EarlierStudies:
        """The earlier studies of the patient of a draft, to be opened in any thread.

        Reports that it is not compared with are not shown either: an ID may be that of several persons.
        """
        draft = self.drafts.get(draft_id)
        source = self.images.open(draft).source
        fitting = self.earlier.find_fitting(draft.priors, source)
        sought = seek(draft, fitting, self.drafts, self._seen_images())
        return EarlierStudies(draft=draft, source=source, sought=sought, images=self.images)

    def note_shown(self, draft_id: str, shown: tuple[Shown, ...]) -> tuple[Opened, ...]:
        """Keep which images the page of a draft may ask for beside its own."""
        opened = tuple(each.opened for each in shown if each.opened is not None)
        self._shown[draft_id] = opened
        if len(self._shown) > _MOST_SHOWN:
            del self._shown[next(iter(self._shown))]
        return opened

    def close(self) -> None:
        """Let go of what was seen by the watch."""
        if self._seen is not None:
            self._seen.close()

    def _open_earlier(self, draft_id: str) -> tuple[Opened, ...]:
        return self.note_shown(draft_id, self.seek_earlier(draft_id).open())

    def _seen_images(self) -> SeenImages | None:
        """What the watch has seen; None as long as it has seen nothing."""
        if self._seen is None and (self.drafts.folder / FILE_NAME).exists():
            self._seen = SeenImages(self.drafts.folder)
        return self._seen

    def _require_unchanged(self, draft_id: str, image: SourceImage) -> None:
        """That the file of one image is what it was; of all others no look is needed each time."""
        path = image.file.path if isinstance(image.file, StoredFile) else None
        every = self.drafts.image_files(draft_id)
        faults = find_changed_images([file for file in every if file.path == path] or every)
        if faults:
            raise ImagesRefused(faults)
