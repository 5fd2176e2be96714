"""Whose images they are: strict where a report would be false, exact in every character."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_charset_files
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from hosr.errors import Fault, ImagesRefused, UsageError
from hosr.intake.images import Note, read_images
from hosr.study import Patient
from hosr.vocabulary.terms import Side, View
from tests.intake.dicom_files import DELETE, ct, encoded, item, radiograph, respelt, twice, write

REMEDY = "give the images of one patient and one study"


def faults_of(*paths: Path, **options: Any) -> list[str]:
    """The faults of images that are refused, one line each."""
    with pytest.raises(ImagesRefused, match=r".") as refusal:
        read_images(paths, **options)
    return list(map(str, refusal.value.faults))


def two(tmp_path: Path, **changes: Any) -> tuple[Path, Path]:
    """Two images of one study, but for the changes to the second."""
    return (
        write(tmp_path / "a.dcm", ct(1)),
        write(tmp_path / "b.dcm", ct(2, **changes)),
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"PatientID": "P-4712"}, "Patient ID"),
        ({"PatientID": ""}, "Patient ID"),
        ({"IssuerOfPatientID": "CLINIC"}, "Issuer of Patient ID"),
    ],
)
def test_another_patient_or_study(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    """Images of two patients or studies are refused, without telling of whom."""
    expected = Fault("b.dcm", f"{words} is not that of a.dcm", REMEDY)
    assert faults_of(*two(tmp_path, **changes)) == [str(expected)]


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ({"PatientName": "MÜLLER^ÄNNE^^"}, []),
        ({"PatientName": "Müller, Anne"}, ["Patient's Name differs between the images; that of the graded one is used"]),
        ({"PatientName": "Schmidt^Änne"}, ["Patient's Name differs between the images; that of the graded one is used"]),
        ({"PatientSex": "O"}, ["Patient's Sex differs between the images; that of the graded one is used"]),
        ({"StudyTime": "1016"}, ["Study Time is not that of the first image, which is used"]),
        ({"IssuerOfPatientID": DELETE}, []),
    ],
)  # fmt: skip
def test_differences_that_are_tolerated(
    tmp_path: Path, changes: dict[str, Any], notes: list[str]
) -> None:
    """A name that is written otherwise is the same name; another is noted, the first is used."""
    source = read_images(two(tmp_path, **changes))
    assert source.patient == read_images([tmp_path / "a.dcm"]).patient
    assert source.study == read_images([tmp_path / "a.dcm"]).study
    assert source.notes == tuple(Note(path="b.dcm", problem=note) for note in notes)


OTHER_NAME = (
    "Patient's Name is not that of a.dcm, and neither Patient ID nor birth date shows that they are one "
    "person"
)


@pytest.mark.parametrize(
    ("both", "changes", "words"),
    [
        ({}, {"PatientBirthDate": "19600102"}, ["Patient's Birth Date is not that of a.dcm"]),
        ({}, {"PatientSex": "M"}, ["Patient's Sex is not that of a.dcm"]),
        (
            {"PatientID": ""},
            {"PatientName": "Doe^Jane", "PatientBirthDate": "19600102", "PatientSex": "M"},
            [
                "Patient's Birth Date is not that of a.dcm",
                OTHER_NAME,
                "Patient's Sex is not that of a.dcm",
            ],
        ),
        ({"PatientID": "", "PatientBirthDate": ""}, {"PatientName": "Doe^Jane"}, [OTHER_NAME]),
        (
            {"PatientID": "ANONYMOUS"},
            {"PatientName": "Doe^A", "PatientBirthDate": ""},
            [OTHER_NAME],
        ),
    ],
)
def test_another_person_under_the_same_id(
    tmp_path: Path, both: dict[str, Any], changes: dict[str, Any], words: list[str]
) -> None:
    """Another birth date or sex is another person; another name too, where nothing holds the two together."""
    paths = (
        write(tmp_path / "a.dcm", ct(1, **both)),
        write(tmp_path / "b.dcm", ct(2, **both | changes)),
        write(tmp_path / "c.dcm", ct(3, **both)),
    )
    assert faults_of(*paths) == [str(Fault("b.dcm", each, REMEDY)) for each in words]


def test_each_image_says_whose_it_is(tmp_path: Path) -> None:
    """Of two names that one ID holds together each stays with its image."""
    source = read_images(two(tmp_path, PatientName="Schmidt^Änne"))
    names = [image.patient.name for image in source.images if image.patient is not None]
    assert names == ["Müller^Änne", "Schmidt^Änne"]


def test_missing_in_the_first(tmp_path: Path) -> None:
    """What one image leaves out another may say."""
    paths = (
        write(tmp_path / "a.dcm", ct(1, IssuerOfPatientID=DELETE, PatientSex="")),
        write(tmp_path / "b.dcm", ct(2)),
    )
    patient = read_images(paths).patient
    assert (patient.issuer, patient.sex) == ("HOSPITAL", "F")


def test_two_orders(tmp_path: Path) -> None:
    """A study that answers two orders is tied to neither."""
    source = read_images(two(tmp_path, AccessionNumber="B-18"))
    assert source.study.accession_number == ""
    problem = "Accession Number differs between the images; it is left out"
    assert source.notes == (Note(path="b.dcm", problem=problem),)


ONCE = "an element occurs once in a data set (PS3.5 section 7.1): correct the file at its source"


@pytest.mark.parametrize(
    ("keyword", "vr", "value", "words"),
    [
        ("PatientID", b"LO", b"P-4712", "Patient ID"),
        ("PatientName", b"PN", b"Doe^Jane", "Patient's Name"),
        ("PatientBirthDate", b"DA", b"19600102", "Patient's Birth Date"),
        ("PatientSex", b"CS", b"M", "Patient's Sex"),
        ("StudyInstanceUID", b"UI", b"1.2.3", "Study Instance UID"),
        ("SeriesInstanceUID", b"UI", b"1.2.3", "Series Instance UID"),
        ("SOPInstanceUID", b"UI", b"1.2.3", "SOP Instance UID"),
        ("ImageLaterality", b"CS", b"L", "Image Laterality"),
        ("AccessionNumber", b"SH", b"B-18", "Accession Number"),
        ("ViewPosition", b"CS", b"LL", "View Position"),
        ("PatientID", b"LO", b"", "Patient ID"),
    ],
)
def test_an_element_that_stands_twice(
    tmp_path: Path, keyword: str, vr: bytes, value: bytes, words: str
) -> None:
    """Readers take the first or the last of two values, so the file says two things; it is refused."""
    content = encoded(radiograph(ImageLaterality="R", PatientID="P-4711"))
    path = tmp_path / "a.dcm"
    path.write_bytes(twice(content, keyword, vr, value))
    assert faults_of(path) == [f"a.dcm: {words} stands twice, with different values; {ONCE}"]


def test_an_element_that_stands_twice_and_says_the_same(tmp_path: Path) -> None:
    """Whoever reads it reads the same."""
    path = tmp_path / "a.dcm"
    path.write_bytes(twice(encoded(radiograph()), "PatientID", b"LO", b"P-4711  "))
    assert read_images([path]).notes == ()
    path.write_bytes(twice(encoded(radiograph()), "StudyDescription", b"LO", b"Other"))
    source = read_images([path])
    assert source.study.description == ""
    problem = "Study Description stands twice, with different values; it is left out"
    assert source.notes == (Note(path="a.dcm", problem=problem),)


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("StudyInstanceUID", "Study Instance UID"),
        ("SeriesInstanceUID", "Series Instance UID"),
        ("SOPInstanceUID", "SOP Instance UID"),
    ],
)
@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("", "missing"),
        ("abc", "not valid"),
        ("1.2.3 4", "not valid"),
        ("1.02.3 4", "not valid"),
        ("1.2/../../etc/passwd", "not valid"),
        ("1." + "2" * 63, "not valid"),
    ],
)
def test_uids(tmp_path: Path, keyword: str, words: str, value: str, state: str) -> None:
    """An image without a valid UID of its own, its series and its study is refused."""
    content = encoded(radiograph(**{keyword: "1.2.826.77"}))
    path = tmp_path / "a.dcm"
    path.write_bytes(respelt(content, b"UI", b"1.2.826.77", value.encode()))
    assert faults_of(path) == [f"a.dcm: {words} is {state}; give the image as the archive holds it"]


def test_no_sop_class(tmp_path: Path) -> None:
    """An object that does not say what it is cannot be taken for an image."""
    path = tmp_path / "a.dcm"
    content = encoded(radiograph())
    path.write_bytes(content.replace(b"\x08\x00\x16\x00UI", b"\x08\x00\x17\x00UI"))
    assert faults_of(path) == [
        "a.dcm: SOP Class UID is missing or not valid; give the image as the archive holds it"
    ]


@pytest.mark.parametrize(
    ("keyword", "value", "problem"),
    [
        ("PatientID", "P\n1", "Patient ID holds control characters"),
        ("PatientID", "P\x001", "Patient ID holds control characters"),
        ("PatientName", "Doe^\x07Jane", "Patient's Name holds control characters"),
        ("PatientName", "A=B=C=D", "Patient's Name has more than three component groups"),
        ("PatientName", "A^B^C^D^E^F", "Patient's Name has more than five components"),
        ("PatientID", ["P1", "P2"], "Patient ID holds a backslash, so more than one value"),
        ("AccessionNumber", ["1", "2"], "Accession Number holds a backslash, so more than one value"),
    ],
)  # fmt: skip
def test_unsafe_identity(tmp_path: Path, keyword: str, value: str, problem: str) -> None:
    """An identity that no report can carry as it is is refused, without quoting it."""
    path = write(tmp_path / "a.dcm", radiograph(**{keyword: value}))
    assert faults_of(path) == [f"a.dcm: {problem}; correct the file"]


NAMED = [Path(name) for name in sorted(map(str, get_charset_files())) if name.endswith(".dcm")]


@pytest.mark.parametrize("path", NAMED, ids=lambda path: path.stem)
def test_character_sets(path: Path) -> None:
    """Every character set keeps every letter of a name, in all its component groups."""
    expected = dcmread(path, force=True).get("PatientName")
    if expected is None:
        assert faults_of(path)[0].startswith(f"{path.name}: SOP Class UID is missing")
    else:
        assert read_images([path]).patient.name == str(expected)


def raw_name(name: bytes, charset: str) -> bytes:
    """A file whose Patient's Name is these bytes in this character set."""
    content = encoded(
        radiograph(PatientName="?", ReferringPhysicianName="Weiss", StudyDescription="")
    )
    content = respelt(content, b"PN", b"?", name)
    return respelt(content, b"CS", b"ISO_IR 100", charset.encode())


@pytest.mark.parametrize(
    ("name", "charset", "expected"),
    [
        (b"Doe^Jane ", "ISO_IR 6", "Doe^Jane"),
        (b" Doe^Jane^^Dr.", "", " Doe^Jane^^Dr."),
        (b"Doe^Jane==", "", "Doe^Jane"),
        (b"=\xe5", "ISO_IR 100", "=å"),
        # The second byte of this character is that of "=", which ends nothing here.
        (b"Haru=\x1b$B=U\x1b(B", r"\ISO 2022 IR 87", "Haru=春"),
        ("O\u2019Hara^Zoë".encode(), "ISO_IR 192", "O\u2019Hara^Zoë"),
        ("Ben\u200fzvi".encode(), "ISO_IR 192", "Ben\u200fzvi"),
        (b"M\xfcller", "ISO-IR 100", "Müller"),
    ],
)
def test_names(tmp_path: Path, name: bytes, charset: str, expected: str) -> None:
    """A name keeps all but its padding and its empty last groups."""
    path = tmp_path / "a.dcm"
    path.write_bytes(raw_name(name, charset))
    assert read_images([path]).patient.name == expected


UNDECLARED = (
    "a.dcm: Patient's Name has characters outside of ASCII, and the file declares no character "
    "set for them; name it with --assume-charset, such as ISO_IR 100"
)
CONTRADICTED = (
    "a.dcm: Patient's Name has characters outside of the declared Specific Character Set; "
    "its character set may be another than the declared one; name it with --override-charset"
)


@pytest.mark.parametrize(
    ("name", "charset", "fault"),
    [
        (b"M\xfcller", "", UNDECLARED),
        (b"M\xfcller", "ISO_IR 6", UNDECLARED),
        (b"M\xfcller", "ISO_IR 999", UNDECLARED),
        (b"M\xfcller", "ISO_IR 192", CONTRADICTED),
        (b"M\xfcller", r"\ISO 2022 IR 87", CONTRADICTED),
    ],
)
def test_unreadable_names(tmp_path: Path, name: bytes, charset: str, fault: str) -> None:
    """A name is read for certain or not at all."""
    path = tmp_path / "a.dcm"
    path.write_bytes(raw_name(name, charset))
    assert faults_of(path) == [fault]


@pytest.mark.parametrize(
    ("charset", "assumed", "expected"),
    [
        ("", "ISO_IR 100", "Müller"),
        ("ISO_IR 999", "ISO_IR 100", "Müller"),
        ("", "ISO_IR 144", "Mќller"),
        ("ISO_IR 101", "ISO_IR 144", "Müller"),
    ],
)
def test_assumed_character_set(tmp_path: Path, charset: str, assumed: str, expected: str) -> None:
    """A user may name the character set of files that declare none, and of no others."""
    path = tmp_path / "a.dcm"
    path.write_bytes(raw_name(b"M\xfcller", charset))
    assert read_images([path], assume_charset=assumed).patient.name == expected


def _noted(path: Path, **charsets: str) -> tuple[str, list[str]]:
    """The name as it is read, and what is noted of the image."""
    source = read_images([path], **charsets)  # type: ignore[arg-type]
    return source.patient.name, [note.problem for note in source.notes]


DOUBTFUL = (
    "Patient's Name may be in another character set than the declared one; compare it, and name "
    "the right one with --override-charset"
)


@pytest.mark.parametrize(
    ("name", "charset", "is_doubtful"),
    [
        ("Müller^Jörg".encode(), "ISO_IR 100", True),
        ("Эди".encode(), "ISO_IR 144", True),
        ("王^小东".encode("gbk"), "ISO_IR 100", True),
        ("张".encode("gb18030"), "ISO_IR 100", True),
        ("Müller^Änne".encode("latin-1"), "ISO_IR 100", False),
        ("Ö^Ä".encode("latin-1") + b"a", "ISO_IR 100", False),
        ("Иванов^Иван".encode("iso8859_5"), "ISO_IR 144", False),
        ("王^小东".encode(), "ISO_IR 192", False),
        ("王^小东".encode("gbk"), "GB18030", False),
        (b"Muller", "ISO_IR 100", False),
    ],
)
def test_a_character_set_that_is_hardly_the_right_one(
    tmp_path: Path, name: bytes, charset: str, is_doubtful: bool
) -> None:
    """Bytes that can be read by the declared set, and are plainly those of another, are noted."""
    path = tmp_path / "a.dcm"
    path.write_bytes(raw_name(name, charset))
    assert _noted(path)[1] == ([DOUBTFUL] if is_doubtful else [])


def test_what_cannot_be_a_name_may_be_one_in_another_character_set(tmp_path: Path) -> None:
    """It is refused as ever, and the user is told the way out."""
    path = tmp_path / "a.dcm"
    path.write_bytes(raw_name("Müller^Änne".encode(), "ISO_IR 100"))
    (fault,) = faults_of(path)
    assert fault == (
        "a.dcm: Patient's Name holds control characters; its character set may be another than the "
        "declared one; name it with --override-charset"
    )


@pytest.mark.parametrize(
    ("name", "charset", "term", "expected"),
    [
        ("王^小东".encode("gbk"), "ISO_IR 100", "GB18030", "王^小东"),
        ("Müller".encode(), "ISO_IR 100", "ISO_IR 192", "Müller"),
        ("Müller".encode("latin-1"), "ISO_IR 192", "ISO_IR 100", "Müller"),
    ],
)
def test_a_wrong_character_set_is_overridden(
    tmp_path: Path, name: bytes, charset: str, term: str, expected: str
) -> None:
    """The user says which is right, and the report says what was overridden."""
    path = tmp_path / "a.dcm"
    path.write_bytes(raw_name(name, charset))
    note = f"Specific Character Set {charset} was overridden"
    assert _noted(path, override_charset=term) == (expected, [note])


def test_an_assumption_without_effect_says_so(tmp_path: Path) -> None:
    """Who names a set for files that declare another one is told which option takes it."""
    path = tmp_path / "a.dcm"
    path.write_bytes(raw_name(b"M\xfcller", "ISO_IR 101"))
    assert _noted(path, assume_charset="ISO_IR 144")[1] == [
        "declares a Specific Character Set, so none is assumed; --override-charset takes another one"
    ]
    assert _noted(path, assume_charset="ISO_IR 101")[1] == []


def test_chinese_by_escape_sequences(tmp_path: Path) -> None:
    """The example of PS3.5 section K.3."""
    path = tmp_path / "a.dcm"
    name = b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab="
    path.write_bytes(raw_name(name, "\\ISO 2022 IR 58"))
    assert _noted(path) == ("Zhang^XiaoDong=张^小东", [])


@pytest.mark.parametrize("name", ["latin-1", "", "ISO_IR 999", "ISO_IR 100\\x"])
def test_assumed_character_set_that_is_none(tmp_path: Path, name: str) -> None:
    """Only the standard's character sets may be assumed."""
    with pytest.raises(UsageError, match="--assume-charset: this is not a character set of DICOM"):
        read_images([tmp_path], assume_charset=name)


def test_patient_with_everything(tmp_path: Path) -> None:
    """The padding of an identifier does not count, wherever it stands."""
    path = write(tmp_path / "a.dcm", radiograph(PatientID="  P-4711  "))
    assert read_images([path]).patient == Patient(
        name="Müller^Änne", patient_id="P-4711", issuer="HOSPITAL", birth_date="19500102", sex="F"
    )


def region(code: str, *modifiers: str) -> list[Any]:
    """An anatomic region with modifiers."""
    items = [item(CodeValue=m, CodingSchemeDesignator="SCT", CodeMeaning="Side") for m in modifiers]
    coded = item(CodeValue=code, CodingSchemeDesignator="SCT", CodeMeaning="Region")
    coded.AnatomicRegionModifierSequence = items
    return [coded]


def frames(*letters: str) -> list[Any]:
    """Functional groups, one a frame, each with its laterality."""
    return [item(FrameAnatomySequence=[item(FrameLaterality=letter)]) for letter in letters]


@pytest.mark.parametrize(
    ("changes", "side"),
    [
        ({"ImageLaterality": "R"}, Side.RIGHT),
        ({"ImageLaterality": "l"}, Side.LEFT),
        ({"ImageLaterality": "LEFT"}, Side.LEFT),
        ({"ImageLaterality": "Left"}, Side.LEFT),
        ({"ImageLaterality": "RIGHT HIP"}, Side.RIGHT),
        ({"ImageLaterality": "rechts"}, Side.RIGHT),
        ({"ImageLaterality": "LEFT RIGHT"}, None),
        ({"ImageLaterality": "BILATERAL"}, None),
        ({"ImageLaterality": "B"}, None),
        ({"ImageLaterality": "U"}, None),
        ({"ImageLaterality": ""}, None),
        ({"ImageLaterality": DELETE, "Laterality": "L"}, Side.LEFT),
        ({"ImageLaterality": "B", "Laterality": "L"}, Side.LEFT),
        ({"AnatomicRegionSequence": region("24136001", "24028007")}, Side.RIGHT),
        ({"AnatomicRegionSequence": region("24136001", "24028007", "7771000")}, None),
        ({"PerFrameFunctionalGroupsSequence": frames("R", "R")}, Side.RIGHT),
        ({"PerFrameFunctionalGroupsSequence": frames("R", "L")}, None),
    ],
)
def test_side(tmp_path: Path, changes: dict[str, Any], side: Side | None) -> None:
    """An image has a side where its header names exactly one."""
    (image,) = read_images([write(tmp_path / "a.dcm", radiograph(**changes))]).images
    assert image.header_side == side


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("HIP LT", Side.LEFT),
        ("R HIP", Side.RIGHT),
        ("Hüfte li.", Side.LEFT),
        ("Hip AP right", Side.RIGHT),
        ("HIPS L+R HIP", None),
        ("PELVIS AND LEFT HIP", None),
        ("L SPINE", None),
        ("LEFT LATERAL DECUBITUS", None),
        ("AP", None),
    ],
)
def test_described_side(tmp_path: Path, text: str, side: Side | None) -> None:
    """A description names a side where it plainly names one and no other."""
    path = write(tmp_path / "a.dcm", radiograph(SeriesDescription=text, StudyDescription="Ray"))
    (image,) = read_images([path]).images
    expected = None if side is None else (side, "Series Description")
    assert image.described_side == expected


@pytest.mark.parametrize(
    ("changes", "described"),
    [
        ({"BodyPartExamined": "HIP"}, (Side.LEFT, "Study Description")),
        # The device writes it on every film, whatever was ordered.
        ({"BodyPartExamined": "PELVIS"}, (Side.LEFT, "Study Description")),
        ({"BodyPartExamined": "RIGHT HIP"}, (Side.RIGHT, "Body Part Examined")),
        ({"AnatomicRegionSequence": "Right hip region"}, (Side.RIGHT, "Anatomic Region")),
        ({"AnatomicRegionSequence": "Hip joint"}, (Side.LEFT, "Study Description")),
        ({"SeriesDescription": "Pelvis AP"}, None),
    ],
)
def test_what_is_said_of_the_series_goes_before_the_order(
    tmp_path: Path, changes: dict[str, str], described: tuple[Side, str] | None
) -> None:
    """A part or region that names no one side leaves it to the study's description."""
    coded = {
        keyword: [item(CodeValue="1", CodingSchemeDesignator="SCT", CodeMeaning=words)]
        if keyword.endswith("Sequence")
        else words
        for keyword, words in changes.items()
    }
    plain = {"SeriesDescription": "", "StudyDescription": "XR HIP LEFT 2V", **coded}
    (image,) = read_images([write(tmp_path / "a.dcm", radiograph(**plain))]).images
    assert image.described_side == described


BOTH = "its laterality attributes name both sides, each as the only one"
FRAMES = "the laterality of the image and of its frames contradict one another"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"ImageLaterality": "R", "Laterality": "L"}, BOTH),
        (
            {"ImageLaterality": "R", "AnatomicRegionSequence": region("24136001", "7771000")},
            BOTH,
        ),
        ({"ImageLaterality": "R", "PerFrameFunctionalGroupsSequence": frames("L")}, FRAMES),
    ],
)
def test_contradicting_sides(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    """An image that contradicts itself on its side is refused: the report could be of the wrong hip."""
    path = write(tmp_path / "a.dcm", radiograph(**changes))
    assert faults_of(path) == [f"a.dcm: {problem}; correct the laterality in the file"]


def coded_view(code: str) -> list[Any]:
    """A View Code Sequence."""
    return [item(CodeValue=code, CodingSchemeDesignator="SCT", CodeMeaning="View")]


@pytest.mark.parametrize(
    ("changes", "view"),
    [
        ({}, View.AP_PELVIS),
        ({"BodyPartExamined": "HIP"}, View.AP_HIP),
        ({"BodyPartExamined": "CHEST"}, None),
        ({"BodyPartExamined": DELETE}, None),
        ({"BodyPartExamined": DELETE, "AnatomicRegionSequence": region("29836001")}, View.AP_HIP),
        ({"AnatomicRegionSequence": region("29836001")}, None),
        ({"ViewPosition": "PA"}, None),
        ({"ViewPosition": "LL"}, View.LATERAL),
        ({"ViewPosition": "RLD"}, None),
        ({"ViewPosition": "LPO"}, View.OBLIQUE),
        ({"ViewPosition": "", "ViewCodeSequence": coded_view("399348003")}, View.AP_PELVIS),
        ({"ViewPosition": DELETE, "ViewCodeSequence": coded_view("R-102CD")}, View.LATERAL),
        ({"ViewCodeSequence": coded_view("399067008")}, None),
    ],
)
def test_view(tmp_path: Path, changes: dict[str, Any], view: View | None) -> None:
    """A view is named where View Position, View Code and body part agree on one."""
    (image,) = read_images([write(tmp_path / "a.dcm", radiograph(**changes))]).images
    assert image.header_view == view


def _as_unknown(data: bytes, tag: bytes, items: list[Dataset], *, defined: bool) -> bytes:
    """The file with a sequence written as UN, as who does not know the attribute writes it.

    What is in it is in Implicit VR Little Endian then (PS3.5 section 6.2.2).
    """
    at = data.index(tag + b"SQ\0\0")
    (length,) = struct.unpack_from("<L", data, at + 8)
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, True
    for each in items:
        plain = DicomBytesIO()
        plain.is_little_endian, plain.is_implicit_VR = True, True
        write_dataset(plain, each)
        content = plain.getvalue()
        stream.write(b"\xfe\xff\x00\xe0" + struct.pack("<L", len(content)) + content)
    content = stream.getvalue()
    end = b"" if defined else b"\xfe\xff\xdd\xe0\0\0\0\0"
    told = struct.pack("<L", len(content) if defined else 0xFFFFFFFF)
    return data[:at] + tag + b"UN\0\0" + told + content + end + data[at + 12 + length :]


@pytest.mark.parametrize("written", ["undefined length", "as UN", "as UN, of a defined length"])
def test_a_sequence_may_be_written_in_any_way(tmp_path: Path, written: str) -> None:
    """Of undefined length, or as of an unknown VR: it says what it says (PS3.5 sections 7.5, 6.2.2)."""
    views, requests = coded_view("399348003"), [item(RequestedProcedureID="R1")]
    image = radiograph(
        ViewPosition=DELETE, ViewCodeSequence=views, RequestAttributesSequence=requests
    )
    if written == "undefined length":
        for keyword in ("ViewCodeSequence", "RequestAttributesSequence"):
            image[keyword].is_undefined_length = True
    path = write(tmp_path / "a.dcm", image)
    if written != "undefined length":
        defined = written.endswith("defined length")
        data = _as_unknown(path.read_bytes(), b"\x54\x00\x20\x02", views, defined=defined)
        path.write_bytes(_as_unknown(data, b"\x40\x00\x75\x02", requests, defined=defined))
    source = read_images([path])
    assert source.images[0].header_view is View.AP_PELVIS
    assert (source.study.requested_procedure_id, source.notes) == ("R1", ())
