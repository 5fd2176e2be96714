"""What several files of one report share, each made when a file first asks for it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.composite import shown_places
from hosr.intake.images import Note
from hosr.language import message

if TYPE_CHECKING:
    from hosr.composite import Encoded
    from hosr.messages import MessageForm
    from hosr.messages.fhir import Told
    from hosr.pipeline import Outcome
    from hosr.report import GradedHip, Report
    from hosr.sr.receivers import Options
    from hosr.templating.sources import Wording
    from hosr.visuals.marks import KeyImage, Missing
    from hosr.visuals.presentation_state import Overlay
    from hosr.vocabulary.terms import Side


_SOME_UNPRINTABLE = message(
    "Characters that the fonts of this document do not have are shown as {mark}."
)

_OF_HERE = "of this machine; another one may make another PDF of this report"


def _picture_name(picture: KeyImage | Missing) -> str:
    return f"key image of the {picture.side.value} hip"


def _problems(picture: KeyImage | Missing) -> tuple[str, ...]:
    """Why there is no picture, or what is odd in how the image wants to be shown."""
    from hosr.visuals.marks import Missing

    if not isinstance(picture, Missing):
        return picture.remarks
    detail = f" ({picture.detail})" if picture.detail else ""
    return (f"there is none: {picture.reason}{detail}",)


class Materials:
    """A report with the choices of how to tell it, and all that is made of it on the way.

    Objects refer to one another whichever of them are written: their identities follow from the
    report, so that one made later is the one referred to.
    """

    def __init__(
        self,
        outcome: Outcome,
        options: Options,
        wording: Wording,
        message_form: MessageForm | None = None,
    ) -> None:
        self.outcome = outcome
        self.options = options
        self.wording = wording
        self._message_form = message_form
        self._notes: dict[Note, None] = {}

    @property
    def report(self) -> Report:
        """What all files tell."""
        return self.outcome.report

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was tolerated in making what has been made so far."""
        return tuple(self._notes)

    def _note(self, path: str, problem: str) -> None:
        self._notes[Note(path=path, problem=problem)] = None

    # Structured reports

    @cached_property
    def measurement(self) -> Encoded:
        """The measurement report."""
        from hosr.sr import make_measurement

        return make_measurement(self.report, self.options)

    @cached_property
    def narrative(self) -> Encoded:
        """The narrative report, in the language of the words."""
        from hosr.sr import make_narrative

        return make_narrative(self.report, self.sections, self.options, self.wording.language)

    @cached_property
    def sections(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The sections of the narrative report."""
        from hosr.narrative import document_sections

        return document_sections(self.report, self.wording)

    @cached_property
    def text(self) -> str:
        """The report as text."""
        from hosr.narrative import render_text

        return render_text(self.report, self.wording)

    # Messages

    def bundle(self, release: str) -> bytes:
        """The transaction of a FHIR server, with text and page in it, of a release such as "r4"."""
        from hosr.messages import MessageForm
        from hosr.messages.fhir import Release, make_bundle

        form, document = self._message_form or MessageForm(), self.measurement.instance
        if not self.outcome.has_images:
            self._note(f"fhir.{release}.json", "the page is left out: it shows images")
        return make_bundle(self.report, self.options, document, self._told, Release(release), form)

    @cached_property
    def _told(self) -> Told:
        from hosr.messages.fhir import Told
        from hosr.narrative import compose_sections
        from hosr.narrative.signatures import tell_history, tell_notice

        language = self.wording.language
        sections = {each.key: each for each in compose_sections(self.report, self.wording)}
        return Told(
            language=language.tag,
            notice=tell_notice(self.report, language),
            history=tuple(tell_history(self.report, language)),
            impression=sections["impression"].paragraphs,
            text=self.text,
            page=self.html if self.outcome.has_images else "",
        )

    # Pictures

    @cached_property
    def pictures(self) -> tuple[KeyImage | Missing, ...]:
        """The key image of each hip, or why there is none."""
        from hosr.visuals.marks import Missing

        for picture in self._key_images:
            if isinstance(picture, Missing):
                for problem in _problems(picture):
                    self._note(_picture_name(picture), problem)
        return self._key_images

    @cached_property
    def _key_images(self) -> tuple[KeyImage | Missing, ...]:
        """The same for what is not shown itself, but shows the images alike."""
        from hosr.visuals.key_images import make_key_images
        from hosr.visuals.marks import KeyImage

        pictures = make_key_images(self.report, self.outcome.open_image)
        for picture in pictures:
            if isinstance(picture, KeyImage):
                for remark in picture.remarks:
                    self._note(_picture_name(picture), remark)
        return pictures

    @cached_property
    def drawings(self) -> tuple[dict[str, Any], ...]:
        """Each picture as a template draws it, with the whole drawing as SVG."""
        from hosr.templating.rendering import render
        from hosr.visuals.drawing import describe_picture

        drawings = []
        for picture in self.pictures:
            data: dict[str, Any] = describe_picture(
                picture, self.report.status, self.wording.language
            )
            if not data["missing"]:
                data["drawing"] = render("key_image.svg", {"picture": data}, self.wording)
            drawings.append(data)
        return tuple(drawings)

    @cached_property
    def earlier_drawings(self) -> dict[Side, dict[str, Any]]:
        """The pictures of earlier reports in the same form, by the hip that each is of."""
        from hosr.templating.rendering import render
        from hosr.visuals.drawing import describe_earlier
        from hosr.visuals.key_images import make_key_images

        drawings = {}
        for earlier in self.outcome.earlier_images:
            then = earlier.report
            (picture,) = make_key_images(then, earlier.open_image)
            for problem in _problems(picture):
                self._note(f"{_picture_name(picture)} in the earlier report", problem)
            date = then.subject.study.date
            data: dict[str, Any] = describe_earlier(
                picture, then.status, date, self.wording.language
            )
            if not data["missing"]:
                data["drawing"] = render("key_image.svg", {"picture": data}, self.wording)
            drawings[picture.side] = {"shown": True, **data}
        return drawings

    @cached_property
    def picture_files(self) -> tuple[tuple[Side, bytes], ...]:
        """Each key image with what was marked on it, as PNG."""
        from hosr.templating.typesetting import draw_png, draw_site_png

        draw = draw_png if self.wording.site is None else draw_site_png
        return tuple(
            (graded.hip.side, draw(data["drawing"], data["width"], data["height"]))
            for graded, data in zip(self.report.hips, self.drawings, strict=True)
            if not data["missing"]
        )

    @cached_property
    def captures(self) -> tuple[tuple[Side, Encoded], ...]:
        """The picture files as Secondary Capture."""
        from hosr.visuals.secondary_capture import secondary_captures

        files = dict(self.picture_files)
        return secondary_captures(self.report, self.pictures, files)

    # Pages

    @cached_property
    def page(self) -> dict[str, Any]:
        """What a page is given: the report in words as plain data, with its pictures."""
        from hosr.narrative.content import describe

        words: dict[str, Any] = describe(self.report, self.wording.language)
        hips = [
            {
                **told,
                "picture": drawing,
                "earlier": self.earlier_drawings.get(graded.hip.side, {"shown": False}),
                "gap_scale": self._gap_scale(graded),
            }
            for told, drawing, graded in zip(
                words["hips"], self.drawings, self.report.hips, strict=True
            )
        ]
        return {**words, "hips": hips}

    def _gap_scale(self, graded: GradedHip) -> dict[str, Any]:
        from hosr.narrative.gap_scale import describe_gap_scale
        from hosr.templating.rendering import render

        language = self.wording.language
        scale = describe_gap_scale(self.report, graded, language)
        if scale["shown"]:
            scale["drawing"] = render("gap_scale.svg", {"scale": scale}, self.wording)
        return scale

    @cached_property
    def html(self) -> str:
        """The page for a browser."""
        from hosr.templating.rendering import render

        return render("report.html", self.page, self.wording)

    @cached_property
    def pdf(self) -> bytes:
        """The pages on paper."""
        from hosr.templating.rendering import render
        from hosr.templating.spare_fonts import find_spare_fonts
        from hosr.templating.typesetting import UNPRINTABLE, font_families, fonts_of, with_printable

        fonts = fonts_of(self.wording.site)
        spare = find_spare_fonts(self.page, fonts)
        data, lacking = with_printable(self.page, fonts, spare.characters)
        notice = ""
        if lacking:
            notice = self.wording.language.say(_SOME_UNPRINTABLE, mark=UNPRINTABLE)
            self._note(
                "report.pdf", f"its fonts lack some characters, which stand as {UNPRINTABLE}"
            )
        for told in spare.told:
            self._note("report.pdf", f"letters that hosr's fonts lack are set in {told} {_OF_HERE}")
        families = [*(font_families(fonts) if fonts else ()), *spare.families]
        given = {**data, "unprintable": notice, "site_fonts": families}
        source = render("report.typ", given, self.wording)
        with spare.folder() as spare_fonts:
            return self._set_pages(source, given, (fonts, spare_fonts))

    def _set_pages(
        self, source: str, given: dict[str, Any], fonts: tuple[Path | None, Path | None]
    ) -> bytes:
        """The pages of the shipped template here, those of a site's in a process of their own.

        Where a site has a word or a shape of letters in them, they are read again.
        """
        from hosr.templating.pdf_pages import check_pages
        from hosr.templating.rendering import is_own
        from hosr.templating.statements import statements_of
        from hosr.templating.typesetting import set_pages, set_site_pages

        if self.wording.site is None:
            return set_pages(source, self.report.graded_at, *fonts)
        pages = set_site_pages(source, self.report.graded_at, *fonts)
        if any(fonts) or is_own("report.typ", self.wording):
            check_pages(pages, statements_of(given))
        return pages

    @cached_property
    def encapsulated(self) -> Encoded:
        """The pages as a DICOM object, which names the structured reports of the same content."""
        from hosr.visuals.encapsulated_pdf import encapsulated_pdf

        reports = (self.measurement.instance, self.narrative.instance)
        return encapsulated_pdf(self.report, self.pdf, reports)

    @cached_property
    def hl7(self) -> bytes:
        """The message for a RIS or an EHR, which names the measurement report."""
        from hosr.messages import MessageForm, make_oru
        from hosr.sr.measurement import content_key, measurement_instance

        form = self._message_form or MessageForm()
        key = content_key(self.report, self.options)
        uid = measurement_instance(key, self.options).sop_instance_uid
        pdf = self.pdf if form.with_pdf else None
        message = make_oru(self.report, self.wording, form, sr_uid=uid, pdf=pdf)
        for note in message.notes:
            self._note("report.hl7", note)
        return message.data

    # Marks over the images themselves

    @cached_property
    def overlays(self) -> tuple[Overlay, ...]:
        """The presentation states: one, unless the images differ in how they are displayed."""
        from hosr.pixels.display_pipeline import read_displays
        from hosr.visuals.key_images import fitted_displays
        from hosr.visuals.marks import marks_of
        from hosr.visuals.presentation_state import presentation_states

        displays = fitted_displays(
            read_displays(shown_places(self.report), self.outcome.open_image), self._key_images
        )
        overlays = presentation_states(self.report, marks_of(self.report), displays)
        if not overlays:
            self._note("overlay.dcm", "was not made: no image of the report is in greys")
        return overlays

    @cached_property
    def key_objects(self) -> Encoded:
        """The key object selection, which names the presentation state of each image."""
        from hosr.sr.key_objects import key_objects

        states = {
            place: overlay.encoded.instance for overlay in self.overlays for place in overlay.places
        }
        return key_objects(self.report, states)
