"""How fast hosr is beside highdicom, dcmqi and the least that is possible: `python tests/bench.py`.

All figures of a table are of one run, taken in turns, as CPU time of one core; a ratio is the
median of the ratios of the turns. The study is one of sample_data. "Same content" is the
measurement report of a study, from the header that is read to the file that is closed; highdicom is
given the finished content tree and need not grade.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import highdicom as hd
import pydicom

from hosr.intake.images import read_images
from hosr.intake.record import Record, read_record
from hosr.pipeline import make_report
from hosr.sr import Options, make_measurement
from hosr.sr.items import Item
from hosr.sr.tree import measurement_tree
from tests.peers.processes import program
from tests.sr.content_items import write_item

STUDY = ROOT / "sample_data" / "brooker-3"
TURNS = 15
REPORTS = 40  # in a turn, of what takes about a millisecond
FEW = 4  # of what takes much longer
PROCESSES = 5
ROWS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of a table: what was done, how long it took, and what it is compared with."""

    what: str
    ms: float
    ratio: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A study and what is made of it."""

    image: Path
    record: Record
    folder: Path

    def by_hosr(self, number: int) -> None:
        """Header, grading, report, file: what `hosr report` and `hosr batch` call."""
        images = read_images([self.image])
        report = make_report(self.record, images).report
        _write(self.folder / f"hosr{number}.dcm", make_measurement(report, Options()).data)

    def floor(self, number: int, data: bytes) -> None:
        """The least: pydicom reads the header, and the same bytes are written."""
        pydicom.dcmread(self.image, stop_before_pixels=True)
        _write(self.folder / f"floor{number}.dcm", data)

    def by_highdicom(self, number: int, tree: Item) -> None:
        """The same tree of highdicom's content items, as its document."""
        header = pydicom.dcmread(self.image, stop_before_pixels=True)
        document = hd.sr.Comprehensive3DSR(
            evidence=[header],
            content=write_item(tree),
            series_instance_uid="1.2.3.1",
            series_number=9501,
            sop_instance_uid=f"1.2.3.1.{number + 1}",
            instance_number=1,
            manufacturer="hosr",
            is_complete=True,
        )
        document.save_as(self.folder / f"highdicom{number}.dcm")


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)


def _cpu_ms(work: Callable[[int], None], count: int) -> float:
    """CPU time of one piece of work, of `count` in a row."""
    start = time.process_time()
    for number in range(count):
        work(number)
    return (time.process_time() - start) * 1000 / count


def _child_cpu_ms(command: Sequence[object]) -> float:
    """CPU time of a whole process, which must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def _against(mine: Sequence[float], others: Sequence[float]) -> float:
    return statistics.median(other / own for own, other in zip(mine, others, strict=True))


def compare_same_content(folder: Path) -> list[Figure]:
    """One report, by each of those that make it."""
    image = next((STUDY / "images").glob("*.dcm"))
    case = Case(image, read_record(STUDY / "record.json"), folder)
    report = make_report(case.record, read_images([image])).report
    data = make_measurement(report, Options()).data
    tree = measurement_tree(report, Options())
    writer = _tid1500writer(folder, image)
    works: dict[str, tuple[Callable[[int], None], int]] = {
        "hosr": (case.by_hosr, REPORTS),
        "floor": (lambda number: case.floor(number, data), REPORTS),
        "highdicom": (lambda number: case.by_highdicom(number, tree), FEW),
    }
    for work, _ in works.values():
        _cpu_ms(work, FEW)
    turns: dict[str, list[float]] = {name: [] for name in (*works, "dcmqi")}
    for _ in range(TURNS):
        for name, (work, count) in works.items():
            turns[name].append(_cpu_ms(work, count))
        turns["dcmqi"].append(_child_cpu_ms(writer))
    own = turns["hosr"]
    words = {
        "floor": "the floor: the header read by pydicom, the same bytes written",
        "highdicom": "highdicom, given the finished content",
        "dcmqi": "dcmqi's tid1500writer, a process for each report",
    }
    return [
        Figure(what="hosr: header read, graded, encoded, file closed", ms=statistics.median(own)),
        *(
            Figure(
                what=words[name],
                ms=statistics.median(turns[name]),
                ratio=f"{_against(own, turns[name]):.2f}",
            )
            for name in words
        ),
    ]


def _tid1500writer(folder: Path, image: Path) -> list[object]:
    """The command that makes a report of one group with as many answers and the same number."""
    header = pydicom.dcmread(image, stop_before_pixels=True)
    context = folder / "context"
    context.mkdir()
    header.save_as(context / "image.dcm")
    code = {"CodeValue": "121206", "CodingSchemeDesignator": "DCM", "CodeMeaning": "Distance"}
    site = {"CodeValue": "24136001", "CodingSchemeDesignator": "SCT", "CodeMeaning": "Hip joint"}
    unit = {"CodeValue": "mm", "CodingSchemeDesignator": "UCUM", "CodeMeaning": "millimeter"}
    answers = [
        {
            "conceptCode": {
                **site,
                "CodeValue": f"HO-{number}",
                "CodingSchemeDesignator": "99HOSR",
            },
            "conceptValue": site,
        }
        for number in range(20)
    ]
    meta = {
        "SeriesDescription": "HO data",
        "SeriesNumber": "9501",
        "InstanceNumber": "1",
        "compositeContext": ["image.dcm"],
        "imageLibrary": ["image.dcm"],
        "observerContext": {"ObserverType": "PERSON", "PersonObserverName": "Sample^Reader"},
        "VerificationFlag": "UNVERIFIED",
        "CompletionFlag": "COMPLETE",
        "activitySession": "1",
        "timePoint": "1",
        "Measurements": [
            {
                "TrackingIdentifier": "Right hip: Brooker III",
                "ReferencedSegment": 1,
                "SourceSeriesForImageSegmentation": str(header.SeriesInstanceUID),
                "segmentationSOPInstanceUID": "1.2.3.9",
                "Finding": site,
                "FindingSite": site,
                "measurementItems": [{"value": "6.2", "quantity": code, "units": unit}],
                "qualitativeEvaluations": answers,
            }
        ],
    }
    described = folder / "meta.json"
    described.write_text(json.dumps(meta))
    return [
        program("tid1500writer", "PyPI package dcmqi"),
        "--inputMetadata",
        described,
        "--inputImageLibraryDirectory",
        context,
        "--inputCompositeContextDirectory",
        context,
        "--outputDICOM",
        folder / "dcmqi.dcm",
    ]


def compare_one_command(folder: Path) -> list[Figure]:
    """`hosr report` for one study beside the mere import of highdicom."""
    given = ["hosr", "report", STUDY / "record.json", "--images", STUDY / "images"]
    imports, reports = [], []
    for number in range(PROCESSES):
        imports.append(_child_cpu_ms([sys.executable, "-c", "import highdicom"]))
        out = folder / f"report{number}"
        reports.append(_child_cpu_ms([*given, "--make", "measurement", "--out", out]))
    return [
        Figure(what='`python -c "import highdicom"`', ms=statistics.median(imports)),
        Figure(
            what="`hosr report RECORD --images ... --make measurement`",
            ms=statistics.median(reports),
            ratio=f"{_against(imports, reports):.2f}",
        ),
    ]


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a table."""
    print(f"\n{title}")
    for figure in figures:
        print(f"  {figure.ms:9.2f} ms  {figure.ratio:>7}  {figure.what}")


def main() -> None:
    """Run all comparisons, and print them."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        show("One measurement report, CPU time; times hosr", compare_same_content(folder))
        show("One command, CPU time; times the import", compare_one_command(folder))


if __name__ == "__main__":
    main()
