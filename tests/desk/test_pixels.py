"""Pictures at the desk: the stored values byte for byte, and the pipeline that they are shown by."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from hosr.desk.displays import describe_display, store
from hosr.desk.imagery import ROOM_BYTES, Images, ordered
from hosr.errors import ImagesRefused
from hosr.intake.images import read_images
from hosr.pixels.display_pipeline import ImageDisplay, LookupTable, Rescale, Window, read_display
from hosr.pixels.frames import Crop, Undrawable, read_frame
from hosr.pixels.rendering import draw, shade
from tests.desk.desks import MODEL, ROSSI, add_draft, path_of, running
from tests.images import dicom_bytes, film, volume, write_slices
from tests.pixels.encodings import film_of, pattern

_SAMPLES = Path(__file__).parents[2] / "sample_data"


def sent(image: Dataset, number: int = 1) -> tuple[NDArray[Any], dict[str, Any]]:
    """The values that the page gets of an image, and how it is to show them."""
    stored = store(read_frame(dicom_bytes(image), number), number)
    kind = "<i2" if stored.display["signed"] else "<u2"
    values = np.frombuffer(stored.data, dtype=kind).reshape(stored.values.shape)
    return values, json.loads(json.dumps(stored.display))


def shown(values: NDArray[Any], told: dict[str, Any]) -> NDArray[Any]:
    """The greys of a page that goes by what it was told, with the window of the image."""
    modality, voi = told["modality"], told["window"]
    display = ImageDisplay(
        photometric_interpretation="MONOCHROME1" if told["inverse"] else "MONOCHROME2",
        modality=None
        if modality is None
        else LookupTable(
            first=modality["first"], bits=modality["bits"], values=tuple(modality["table"])
        )
        if "table" in modality
        else Rescale(slope=modality["slope"], intercept=modality["intercept"], unit="US"),
        voi=LookupTable(
            first=told["voi"]["first"], bits=told["voi"]["bits"], values=tuple(told["voi"]["table"])
        )
        if told["voi"]
        else Window(center=voi["center"], width=voi["width"], function=voi["function"])
        if voi
        else None,
    )
    from hosr.pixels.rendering import Padding

    padding = (
        None
        if told["padding"] is None
        else Padding(lower=told["padding"][0], upper=told["padding"][1])
    )
    return shade(values, display, padding)


def drawn_greys(image: Dataset) -> NDArray[Any]:
    """The greys of the pictures of a report."""
    frame = read_frame(dicom_bytes(image), 1)
    rows, columns = frame.samples.shape[:2]
    whole = Crop(left=0, top=0, width=columns, height=rows)
    return draw(frame, read_display(frame.data_set, 1), whole)


def table(first: int, values: list[int], bits: int = 16) -> Dataset:
    """An item of a Modality or VOI LUT."""
    item = Dataset()
    item.LUTDescriptor = [len(values), first, bits]
    item.LUTData = np.array(values, dtype="<u2").tobytes()
    item.ModalityLUTType = "US"
    return item


class TestValues:
    """What is stored is what is sent."""

    def test_the_bytes_are_those_that_were_decoded(self) -> None:
        """Twelve bits, row by row, little endian."""
        pixels = pattern()
        values, told = sent(film_of(pixels))
        assert (values == pixels).all()
        assert (told["signed"], told["bits"], told["low"], told["high"]) == (False, 12, 0, 4095)

    def test_values_below_zero_stay_so(self) -> None:
        """Of a CT that stores Hounsfield units."""
        pixels = pattern().astype(np.int16) - 1000
        image = film_of(pixels.view(np.uint16), bits=16, PixelRepresentation=1)
        values, told = sent(image)
        assert (values == pixels).all()
        assert (told["signed"], told["low"], told["high"]) == (True, -32768, 32767)

    @pytest.mark.parametrize("study", ["brooker-1", "ct", "mr-early"])
    def test_a_frame_over_the_wire_is_that_of_the_file(self, tmp_path: Path, study: str) -> None:
        """From the socket of the desk, of each kind of sample."""
        place = _SAMPLES / study
        draft = add_draft(tmp_path, place / "record.json", place / "images")
        with running(tmp_path, ROSSI) as desk:
            page = desk.enter()
            told = page.get(f"/drafts/{draft.draft_id}/images")["images"]
            image = told[len(told) // 2]
            answer = page.ask("GET", f"/drafts/{draft.draft_id}/pixels/{image['uid']}/1")
        source = read_images(place / "images")
        frame = read_frame(source.read_file(image["uid"]), 1)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.body == frame.samples.astype("<i2").tobytes()

    @pytest.mark.parametrize(
        ("study", "leads"),
        [("brooker-1", ["L", "F"]), ("ct", ["L", "P"]), ("mr-early", ["L", "P"])],
    )
    def test_the_page_is_told_where_rows_and_columns_lead(
        self, tmp_path: Path, study: str, leads: list[str]
    ) -> None:
        """Radiographs say it in letters, slices by their directions: right and left are on the page."""
        place = _SAMPLES / study
        draft = add_draft(tmp_path, place / "record.json", place / "images")
        with running(tmp_path, ROSSI) as desk:
            told = desk.enter().get(f"/drafts/{draft.draft_id}/images")["images"]
        assert [image["orientation"] for image in told] == [leads] * len(told)

    def test_a_frame_of_a_volume_is_sent_by_itself(self, tmp_path: Path) -> None:
        """Of many frames the one that is asked for."""
        pixels = (np.arange(3 * 80 * 120) % 4096).astype("<u2").reshape(3, 80, 120)
        source = tmp_path / "volume.dcm"
        source.write_bytes(dicom_bytes(volume(3, PixelData=pixels.tobytes())))
        frame = read_frame(source.read_bytes(), 2)
        assert store(frame, 2).data == pixels[1].tobytes()

    def test_more_bits_than_sixteen_keep_their_greys(self) -> None:
        """Values of 32 bits come in 65,536 steps, with a rescale that takes the steps back."""
        pixels = (pattern().astype(np.uint32) + 7) * 1_000_003
        image = film_of(pattern(), bits=16)
        image.BitsAllocated, image.BitsStored, image.HighBit = 32, 32, 31
        image.PixelData = pixels.astype("<u4").tobytes()
        values, told = sent(image)
        back = values * told["modality"]["slope"] + told["modality"]["intercept"]
        step = told["modality"]["slope"]
        assert np.abs(back - pixels).max() <= step / 2 + 1e-6

    def test_colours_come_as_their_greys(self) -> None:
        """A capture in colour is shown by its luminance."""
        image = film(
            "OT", SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0
        )
        image.BitsAllocated, image.BitsStored, image.HighBit = 8, 8, 7
        image.PixelData = bytes([200, 100, 50]) * (image.Rows * image.Columns)
        values, told = sent(image)
        assert set(values.ravel()) == {round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)}
        assert told["window"] == {"center": 127.5, "width": 255.0, "function": "LINEAR_EXACT"}


class TestPipeline:
    """What is told of an image gives the greys of the pictures of its report."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"WindowCenter": "2000", "WindowWidth": "3000"},
            {"WindowCenter": "2000", "WindowWidth": "3000", "PhotometricInterpretation": "MONOCHROME1"},
            {"WindowCenter": "1000", "WindowWidth": "800", "VOILUTFunction": "SIGMOID"},
            {"WindowCenter": "1000", "WindowWidth": "800", "VOILUTFunction": "LINEAR_EXACT",
             "RescaleSlope": "2", "RescaleIntercept": "-100"},
            {"VOILUTSequence": [table(100, list(range(4000)), 12)]},
            {"VOILUTSequence": [table(0, [0, 65535] * 2048)], "PresentationLUTShape": "INVERSE"},
            {"ModalityLUTSequence": [table(0, list(range(4096, 0, -1)))],
             "WindowCenter": "2000", "WindowWidth": "4000"},
            {"WindowCenter": "2000", "WindowWidth": "3000", "PixelPaddingValue": 0,
             "PixelPaddingRangeLimit": 300},
        ],
        ids=["window", "monochrome1", "sigmoid", "rescale", "voi-lut", "inverse-lut", "modality-lut",
             "padding"],
    )  # fmt: skip
    def test_greys_are_those_of_the_report(self, changes: dict[str, Any]) -> None:
        """By each part of the pipeline; equal, so within one grey level."""
        image = film_of(pattern(), **changes)
        values, told = sent(image)
        assert (shown(values, told) == drawn_greys(image)).all()

    def test_without_a_window_the_page_finds_one(self) -> None:
        """What a header does not say is left open."""
        _, told = sent(film_of(pattern()))
        assert (told["window"], told["voi"], told["modality"]) == (None, None, None)

    def test_a_shutter_is_told(self) -> None:
        """Its shapes and places, which the page covers."""
        image = film_of(
            pattern(),
            ShutterShape="CIRCULAR",
            CenterOfCircularShutter=[24, 32],
            RadiusOfCircularShutter="20",
        )
        _, told = sent(image)
        assert told["shutter"] == {
            "shapes": ["CIRCULAR"],
            "parts": {"CenterOfCircularShutter": [24, 32], "RadiusOfCircularShutter": [20]},
            "grey": 0,
        }

    def test_a_header_in_pieces_is_shown_all_the_same(self) -> None:
        """What pydicom cannot make anything of is taken as absent."""
        told = describe_display(Dataset(), 1)
        assert (told["window"], told["bits"]) == (
            {"center": 127.5, "width": 255.0, "function": "LINEAR_EXACT"},
            8,
        )


class TestDamagedPixels:
    """What is not whole is not shown."""

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"PixelData": bytes(100)}, "the pixel data of the image are incomplete"),
            ({"PixelData": b""}, "the image has no pixel data"),
            ({"BitsAllocated": 12}, "the pixel data of the image cannot be decoded"),
        ],
    )
    def test_damaged_pixels_are_told(self, changes: dict[str, Any], reason: str) -> None:
        """With the reason that pictures of a report have."""
        with pytest.raises(Undrawable, match=reason):
            sent(film(**changes))

    def test_the_page_is_told_why_there_is_no_picture(self, tmp_path: Path) -> None:
        """The form and the grade are there all the same."""
        place = tmp_path / "films"
        place.mkdir()
        (place / "film.dcm").write_bytes(dicom_bytes(film(PixelData=bytes(100))))
        draft = add_draft(tmp_path / "drafts", _record(), place)
        with running(tmp_path / "drafts", ROSSI) as desk:
            page = desk.enter()
            view = page.open(draft.draft_id)
            image = page.get(f"{path_of(view)}/images")["images"][0]
            answer = page.ask("GET", f"{path_of(view)}/pixels/{image['uid']}/1")
        assert answer.status == 409
        assert answer.json["faults"][0]["problem"] == "the pixel data of the image are incomplete"
        assert view["report"]["hips"][0]["scales"][0]["grade"] is not None


def _record() -> dict[str, Any]:
    from tests.command import marked

    return {**marked(gap={"mm": 8.0}), "observer": MODEL}


class TestImages:
    """Which images there are, in which order, and what a pixel measures."""

    def test_slices_stand_by_where_they_lie(self, tmp_path: Path) -> None:
        """Whatever their files are called and their numbers say."""
        write_slices(tmp_path, 5)
        source = read_images(tmp_path)
        heights = [image.geometry.frames[0].position_mm[2] for image in ordered(source)]
        assert heights == sorted(heights)

    def test_a_missing_spacing_is_told(self, tmp_path: Path) -> None:
        """Points on such a film give no millimetres, and the page says so."""
        from tests.images import DELETE, write_film

        write_film(tmp_path / "films" / "film.dcm", ImagerPixelSpacing=DELETE)
        draft = add_draft(tmp_path / "drafts", _record(), tmp_path / "films")
        with running(tmp_path / "drafts", ROSSI) as desk:
            (image,) = desk.enter().get(f"/drafts/{draft.draft_id}/images")["images"]
        assert image["spacing"] == {
            "mm_per_pixel": None,
            "plane": "unknown",
            "basis": "UNCALIBRATED",
        }

    def test_an_earlier_study_stands_beside_it(self, tmp_path: Path) -> None:
        """Its images where the folder has a draft of them, and what was marked there."""
        first, second = (_SAMPLES / f"follow-up-{number}" for number in (1, 2))
        before = add_draft(tmp_path, first / "record.json", first / "images")
        with running(tmp_path, ROSSI) as desk:
            page = desk.enter()
            assert page.sign(page.open(before.draft_id)).status == 200
        signed = tmp_path / "reports" / before.draft_id / "1"
        now = add_draft(tmp_path, second / "record.json", second / "images", priors=(str(signed),))
        with running(tmp_path, ROSSI) as desk:
            page = desk.enter()
            view = page.open(now.draft_id)
            (prior,) = page.get(f"{path_of(view)}/priors")["priors"]
            uid = prior["images"][0]["uid"]
            answer = page.ask("GET", f"{path_of(view)}/pixels/{uid}/1")
            assert page.sign(view).status == 200
        record = json.loads((first / "record.json").read_text())
        (then,) = prior["hips"]
        (island,), (own,) = then["marked"]["islands"], record["hips"][0]["islands"]
        assert island["length"]["points"] == own["length"]["points"]
        assert island["region"] == own["region"]
        assert list(then["texts"]) == ["islands.0", "calibration"]
        assert len(answer.body) == 2 * prior["images"][0]["rows"] * prior["images"][0]["columns"]
        assert "Signed by Maria Rossi" in prior["words"][0]
        told = next(s for s in view["report"]["sections"] if s["key"] == "comparison")
        assert "Not compared" not in told["paragraphs"][0]


class TestMemory:
    """A study of any size takes the memory of what is looked at."""

    def test_frames_are_kept_while_there_is_room(self, tmp_path: Path) -> None:
        """The oldest go; a frame that is asked for again is the same."""
        write_slices(tmp_path / "ct", 6, PixelData=np.arange(80 * 120, dtype="<u2").tobytes())
        draft = add_draft(tmp_path / "drafts", _record(), tmp_path / "ct")
        images = Images(room_bytes=3 * 2 * 80 * 120)
        opened = images.open(draft)
        uids = [image.sop_instance_uid for image in ordered(opened.source)]
        first = images.read(opened, uids[0], 1)
        for number in uids[1:]:
            images.read(opened, number, 1)
        assert images.held_bytes == 3 * 2 * 80 * 120
        again = images.read(opened, uids[0], 1)
        assert again is not first
        assert again.data == first.data

    def test_there_is_an_end_to_the_room(self) -> None:
        """A quarter of a gigabyte, however large the study."""
        assert ROOM_BYTES == 256 << 20

    def test_images_of_another_draft_are_never_mixed_up(self, tmp_path: Path) -> None:
        """Two studies whose images have the same UIDs are told apart by where they lie."""
        drafts = []
        for number, value in enumerate((1, 2)):
            place = tmp_path / str(number)
            place.mkdir()
            pixels = np.full((80, 120), value, dtype="<u2")
            (place / "film.dcm").write_bytes(dicom_bytes(film(PixelData=pixels.tobytes())))
            drafts.append(add_draft(tmp_path / "drafts", _record(), place))
        images = Images()
        values = [
            images.read(opened := images.open(draft), opened.source.images[0].sop_instance_uid, 1)
            for draft in drafts
        ]
        assert [int(stored.values[0, 0]) for stored in values] == [1, 2]

    def test_one_file_read_by_two_character_sets_is_two(self, tmp_path: Path) -> None:
        """Two drafts may read the names of the same images in different ways."""
        (tmp_path / "film.dcm").write_bytes(dicom_bytes(film()))
        plain = add_draft(tmp_path / "drafts", _record(), tmp_path / "film.dcm")
        other = replace(plain, override_charset="ISO_IR 144")
        images = Images()
        names = {images.open(each).source.patient.name for each in (plain, other)}
        assert len(names) == 2

    def test_a_frame_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        """Whoever asks for it by number."""
        (tmp_path / "film.dcm").write_bytes(dicom_bytes(film()))
        draft = add_draft(tmp_path / "drafts", _record(), tmp_path / "film.dcm")
        images = Images()
        opened = images.open(draft)
        with pytest.raises(ImagesRefused, match="no such image or frame"):
            images.read(opened, opened.source.images[0].sop_instance_uid, 2)
