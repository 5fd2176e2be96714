"""The sample studies, reported by the real command line, and what their SRs say."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydicom import Dataset, dcmread

from hosr import cli
from tests.peers.processes import CHECKOUT

SAMPLE_DATA = CHECKOUT / "sample_data"
SAMPLES = (
    "bilateral",
    "brooker-0",
    "brooker-1",
    "brooker-2",
    "brooker-3",
    "brooker-4",
    "ct",
    "follow-up-1",
    "follow-up-2",
    "mr-early",
    "poor-headers",
)

GROUP, REGION = "125007", "111030"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One measurement group of an SR, as anybody can read it from the file."""

    tracking: str
    comment: str
    finding: str
    sites: tuple[str, ...]
    image: str
    points: tuple[tuple[float, float], ...]
    numbers: tuple[tuple[str, float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A sample study and the files that hosr made for it."""

    name: str
    images: tuple[Path, ...]
    out: Path

    @property
    def measurement(self) -> Path:
        """The measurement SR."""
        return self.out / "measurement.dcm"

    @property
    def narrative(self) -> Path:
        """The narrative SR."""
        return self.out / "narrative.dcm"

    @property
    def documents(self) -> tuple[Path, Path]:
        """Both structured reports."""
        return self.measurement, self.narrative

    @property
    def groups(self) -> list[Group]:
        """The measurement groups, in the order of the file."""
        return [_group(item) for item in _items(dcmread(self.measurement)) if _code(item) == GROUP]


def report(name: str, out: Path, *options: str) -> Reported:
    """Report a sample as a user would."""
    folder = SAMPLE_DATA / name
    record, images = folder / "record.json", folder / "images"
    code = cli.main(["report", str(record), "--images", str(images), "--out", str(out), *options])
    if code:
        raise RuntimeError(f"hosr report left with {code} for {name}")
    files = tuple(sorted(path for path in images.rglob("*") if path.is_file()))
    return Reported(name=name, images=files, out=out)


def report_compared(folder: Path, *options: str) -> Reported:
    """The follow-up compared with the study before it, which was signed; both spaces in millimetres."""
    for name, gap_mm in (("follow-up-1", 11.4), ("follow-up-2", 8.2)):
        record = json.loads((SAMPLE_DATA / name / "record.json").read_text(encoding="utf-8"))
        said = {"gap": {"mm": gap_mm, "plane": "patient"}, "grades": {}}
        spurs = {"pelvis": True, "femur": True}
        record["hips"][0] = {**record["hips"][0], **said, "spurs": spurs}
        (folder / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    signed = ("--as", "Rossi^Maria", "--organization", "Lab", "--at", "2025-01-16T11:00:00+01:00")
    then = ("--prior-images", str(SAMPLE_DATA / "follow-up-1" / "images"))
    commands = (
        _asked(folder, "follow-up-1", "draft", "--make", "measurement"),
        ["sign", str(folder / "draft"), *signed, "--out", str(folder / "earlier")],
        _asked(
            folder, "follow-up-2", "report", "--prior", str(folder / "earlier"), *then, *options
        ),
    )
    for command in commands:
        if code := cli.main(command):
            raise RuntimeError(f"hosr {command[0]} left with {code}")
    return Reported(name="follow-up-2", images=(), out=folder / "report")


def _asked(folder: Path, name: str, out: str, *options: str) -> list[str]:
    images = ("--images", str(SAMPLE_DATA / name / "images"))
    return ["report", str(folder / f"{name}.json"), *images, "--out", str(folder / out), *options]


def texts(path: Path) -> list[str]:
    """Every piece of running text of an SR."""
    return [str(item.TextValue) for item in _items(dcmread(path)) if item.ValueType == "TEXT"]


def _items(item: Dataset) -> list[Dataset]:
    """All content items below this one, from the top."""
    children = list(item.get("ContentSequence", []))
    return [each for child in children for each in (child, *_items(child))]


def _group(group: Dataset) -> Group:
    """What a measurement group holds; its own region is a child of it."""
    items = list(group.ContentSequence)
    region = next(item for item in items if _code(item) == REGION)
    data = [float(value) for value in region.GraphicData]
    said = {_code(item): str(item.TextValue) for item in items if item.ValueType == "TEXT"}
    return Group(
        tracking=said["112039"],
        comment=said.get("121106", ""),
        finding=next(iter(_answers(items, "121071"))),
        sites=_answers(items, "363698007"),
        image=str(region.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID),
        points=tuple(zip(data[::2], data[1::2], strict=True)),
        numbers=tuple(_number(item) for item in items if item.ValueType == "NUM"),
    )


def _answers(items: list[Dataset], code: str) -> tuple[str, ...]:
    """The meanings that are given for one concept."""
    return tuple(
        str(item.ConceptCodeSequence[0].CodeMeaning) for item in items if _code(item) == code
    )


def _number(item: Dataset) -> tuple[str, float, str]:
    """A measurement's meaning, value and unit."""
    measured = item.MeasuredValueSequence[0]
    unit = measured.MeasurementUnitsCodeSequence[0]
    meaning = str(item.ConceptNameCodeSequence[0].CodeMeaning)
    return meaning, float(measured.NumericValue), str(unit.CodeValue)


def _code(item: Dataset) -> str:
    """The code of what the item is about."""
    name = item.get("ConceptNameCodeSequence") or [Dataset()]
    return str(name[0].get("CodeValue", ""))
