"""Lines and words of presentation states: which words label which line, and what cannot be measured."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, GrayscaleSoftcopyPresentationStateStorage

from hosr.annotations.context import Context
from hosr.annotations.viewers.presentation_states import read_state
from tests.annotations.viewers.files import images_of, shown

_IMAGES = images_of("brooker-3")
_UID = _IMAGES.images[0].sop_instance_uid


def _items(*values: dict[str, Any]) -> list[Dataset]:
    found = []
    for value in values:
        item = Dataset()
        for keyword, content in value.items():
            setattr(item, keyword, content)
        found.append(item)
    return found


def _graphic(kind: str, *data: float, units: str = "PIXEL") -> Dataset:
    return _items(
        {
            "GraphicAnnotationUnits": units,
            "GraphicDimensions": 2,
            "NumberOfGraphicPoints": len(data) // 2,
            "GraphicData": list(data),
            "GraphicType": kind,
        }
    )[0]


def _annotation(*graphics: Dataset, words: tuple[str, ...] = (), images: int = 1) -> dict[str, Any]:
    uids = [_UID, "2.25.1"][:images]
    return {
        "ReferencedImageSequence": _items(*({"ReferencedSOPInstanceUID": uid} for uid in uids)),
        "GraphicObjectSequence": list(graphics),
        "TextObjectSequence": _items(*({"UnformattedTextValue": each} for each in words)),
    }


def _state(*annotations: dict[str, Any]) -> bytes:
    (state,) = _items(
        {
            "SOPClassUID": GrayscaleSoftcopyPresentationStateStorage,
            "SOPInstanceUID": "2.25.99",
            "Manufacturer": "Acme",
            "PresentationCreationDate": "20260302",
            "PresentationCreationTime": "101500.5",
            "StudyInstanceUID": _IMAGES.study.study_instance_uid,
            "GraphicAnnotationSequence": _items(*annotations),
        }
    )
    state.file_meta = FileMetaDataset()
    state.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    state.file_meta.MediaStorageSOPClassUID = state.SOPClassUID
    state.file_meta.MediaStorageSOPInstanceUID = state.SOPInstanceUID
    stream = io.BytesIO()
    state.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _read(*annotations: dict[str, Any]) -> tuple[list[str], list[str]]:
    context = Context(images=_IMAGES)
    source = read_state(_state(*annotations), "gsps.dcm", context)
    told = [f"{each.place}: {each.words}" for each in context.account.refused]
    return [shown(figure) for figure in source.figures], told


def test_a_state_was_made_when_it_says() -> None:
    """By the date of its own, without an offset from UTC."""
    source = read_state(_state(), "gsps.dcm", Context(images=_IMAGES))
    assert source.made_at == dt.datetime(2026, 3, 2, 10, 15)


_LINE = _graphic("POLYLINE", 152.5, 389, 141, 404)
_OTHER = _graphic("POLYLINE", 10, 10, 20, 20)


def test_a_word_labels_the_line_of_its_own_item() -> None:
    """One line and one word in an item belong together; a closed line is an outline."""
    outline = _graphic("POLYLINE", 1, 1, 9, 1, 9, 9, 1, 1)
    found, told = _read(
        _annotation(_LINE, words=("Right HO gap",)),
        _annotation(outline, words=("Left island",)),
        _annotation(_graphic("POINT", 5, 6)),
    )
    assert found == [
        'annotation 1 "Right HO gap" line 152.5,389 141,404',
        'annotation 2 "Left island" polygon 1,1 9,1 9,9',
        "annotation 3 a figure without a label point 5,6",
    ]
    assert told == []


def test_of_several_lines_and_words_nobody_says_which_belong_together() -> None:
    """Where a word stands says nothing: it may have been moved."""
    found, told = _read(
        _annotation(_LINE, _OTHER, words=("Right HO gap",)),
        _annotation(_LINE, words=("Right HO gap", "6.2 mm")),
        _annotation(words=("Right HO gap",)),
    )
    assert [each.partition("line")[0] for each in found] == [
        "annotation 1 a figure without a label ",
        "annotation 1 a figure without a label ",
        "annotation 2 a figure without a label ",
    ]
    assert told == ["gsps.dcm, annotation 3: is words without a figure"]


def test_what_cannot_be_measured_is_told() -> None:
    """Parts of the display are no pixels; a circle outlines nothing; two images are not one."""
    found, told = _read(
        _annotation(_graphic("POLYLINE", 0.1, 0.2, 0.3, 0.4, units="DISPLAY"), words=("R gap",)),
        _annotation(_graphic("CIRCLE", 10, 10, 20, 10), words=("left island",)),
        _annotation(_LINE, words=("Right HO gap",), images=2),
        _annotation(_graphic("POLYLINE", 1, 2, 3), words=("Right HO gap",)),
    )
    assert found == []
    assert told == [
        "gsps.dcm, annotation 1: is drawn in parts of the display, not in pixels: it cannot be measured",
        'gsps.dcm, annotation 2: "left island" (CIRCLE) is neither a length nor an outline',
        "gsps.dcm, annotation 3: is shown on 2 images, and says not on which it was drawn",
        'gsps.dcm, annotation 4: "Right HO gap" (POLYLINE) is neither a length nor an outline',
    ]
