"""How fast hosr is beside highdicom, dcmqi and the least that is possible: `python tests/bench.py`.

Each of them works in a process of its own, and they take turns in one run; times are CPU time of one
core, a ratio is the median of the ratios of the turns. The study is one of sample_data. "One
measurement report" is the same content for all: from the header that is read to the file that is
closed. highdicom is given the finished content tree and need not grade; dcmqi's writer, which is a
program, gets a group with as many answers.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pydicom

from hosr.folder import write_folder
from hosr.intake.images import read_images
from hosr.intake.record import read_record
from hosr.pipeline import make_report
from hosr.sr import Options, make_measurement
from tests.peers.processes import program

STUDY = Path(__file__).resolve().parents[1] / "sample_data" / "brooker-3"
IMAGE = next((STUDY / "images").glob("*.dcm"))
TURNS = 21
REPORTS = 40  # in a turn, of what takes about a millisecond
FEW = 4  # of what takes much longer
PROCESSES = 7
ROWS = 2000
BATCHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of a table: what was done, how long it took, and what it is compared with."""

    what: str
    value: str
    ratio: str = ""


Work = Callable[[Path], None]


def _bytes() -> bytes:
    """The report that all of them make or write."""
    record = read_record(STUDY / "record.json")
    return make_measurement(make_report(record, read_images([IMAGE])).report, Options()).data


def _write(folder: Path, data: bytes) -> None:
    folder.mkdir()
    with (folder / "measurement.dcm").open("wb") as file:
        file.write(data)


def _keep(folder: Path, data: bytes) -> None:
    """Write as `hosr report` and `hosr batch` do: flushed, whole or not at all, over nothing."""
    write_folder({"measurement.dcm": data}, folder)


def _hosr(put: Callable[[Path, bytes], None]) -> Work:
    """Header, grading, report, file: what `hosr report` and `hosr batch` call."""
    record = read_record(STUDY / "record.json")

    def work(folder: Path) -> None:
        report = make_report(record, read_images([IMAGE])).report
        put(folder, make_measurement(report, Options()).data)

    return work


def _floor(put: Callable[[Path, bytes], None]) -> Work:
    """The least: pydicom reads the header, and the same bytes are written."""
    data = _bytes()

    def work(folder: Path) -> None:
        pydicom.dcmread(IMAGE, stop_before_pixels=True)
        put(folder, data)

    return work


def _highdicom() -> Work:
    """The same tree of highdicom's content items, as its document."""
    import highdicom as hd

    from hosr.sr.highdicom_bridge import content_item
    from hosr.sr.measurement import measurement_tree

    record = read_record(STUDY / "record.json")
    tree = measurement_tree(make_report(record, read_images([IMAGE])).report, Options())

    def work(folder: Path) -> None:
        document = hd.sr.Comprehensive3DSR(
            evidence=[pydicom.dcmread(IMAGE, stop_before_pixels=True)],
            content=content_item(tree),
            series_instance_uid="1.2.3.1",
            series_number=9501,
            sop_instance_uid="1.2.3.1.1",
            instance_number=1,
            manufacturer="hosr",
            is_complete=True,
        )
        folder.mkdir()
        document.save_as(folder / "highdicom.dcm")

    return work


WORKS: dict[str, tuple[Callable[[], Work], int]] = {
    "floor": (lambda: _floor(_write), REPORTS),
    "hosr": (lambda: _hosr(_write), REPORTS),
    "safe floor": (lambda: _floor(_keep), REPORTS),
    "safe hosr": (lambda: _hosr(_keep), REPORTS),
    "highdicom": (_highdicom, FEW),
}


def serve(name: str, folder: Path) -> None:
    """Do a turn for each line that comes, and say how many ms of CPU a report took."""
    make, count = WORKS[name]
    work = make()
    own = folder / name
    own.mkdir()
    for number in range(count):
        work(own / f"first{number}")
    gc.collect()
    gc.freeze()
    for turn, _ in enumerate(sys.stdin):
        folders = [own / f"{turn}-{number}" for number in range(count)]
        start = time.process_time()
        for each in folders:
            work(each)
        print((time.process_time() - start) * 1000 / count, flush=True)


@contextmanager
def _server(name: str, folder: Path) -> Iterator[Callable[[], float]]:
    """Another process that takes turns."""
    command = [sys.executable, __file__, name, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        sender, receiver = process.stdin, process.stdout

        def turn() -> float:
            print("turn", file=sender, flush=True)
            return float(receiver.readline())

        yield turn
        sender.close()


def _child_cpu_ms(command: Sequence[object]) -> float:
    """CPU time of a whole process, which must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def _run(command: Sequence[object]) -> float:
    """How many seconds a command takes that must succeed."""
    start = time.perf_counter()
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return time.perf_counter() - start


def _ratio(values: Sequence[float], to: Sequence[float]) -> str:
    return f"{statistics.median(v / t for v, t in zip(values, to, strict=True)):.2f}"


def compare_one_report(folder: Path) -> list[Figure]:
    """One measurement report, by each of those that make it."""
    writer = _tid1500writer(folder)
    turns: dict[str, list[float]] = {name: [] for name in (*WORKS, "dcmqi")}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(_server(name, folder)) for name in WORKS}
        for _ in range(TURNS):
            for name, turn in servers.items():
                turns[name].append(turn())
            turns["dcmqi"].append(_child_cpu_ms(writer))
    rows = (
        ("hosr", "hosr: header read, checked and graded, report encoded, file closed", "hosr"),
        ("highdicom", "highdicom, given the finished content", "hosr"),
        ("dcmqi", "dcmqi's tid1500writer, a process for each report", "hosr"),
        ("floor", "the floor: pydicom reads the header, the same bytes are written", "hosr"),
        ("safe hosr", "hosr, the file flushed to disk, whole or not at all, over no other", ""),
        ("safe floor", "the floor, its file written in the same way", "safe hosr"),
    )
    return [
        Figure(
            what=what,
            value=f"{statistics.median(turns[name]):.2f} ms",
            ratio=_ratio(turns[name], turns[to]) if to else "1.00",
        )
        for name, what, to in rows
    ]


def _tid1500writer(folder: Path) -> list[object]:
    """The command that makes a report of one group with as many answers and the same number."""
    header = pydicom.dcmread(IMAGE, stop_before_pixels=True)
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
        Figure(
            what='`python -c "import highdicom"`',
            value=f"{statistics.median(imports):.0f} ms",
            ratio="1.00",
        ),
        Figure(
            what="`hosr report` of one study, `--make measurement`",
            value=f"{statistics.median(reports):.0f} ms",
            ratio=_ratio(reports, imports),
        ),
    ]


def compare_jobs(folder: Path) -> list[Figure]:
    """`hosr batch` with one job and with two, measurement and narrative reports."""
    manifest = folder / "manifest.jsonl"
    record = json.loads((STUDY / "record.json").read_text())
    with manifest.open("w") as file:
        for number in range(ROWS):
            record["hips"][0]["comment"] = f"row {number}"
            row = {"id": f"row-{number:05}", "images": str(IMAGE), "record": record}
            print(json.dumps(row), file=file)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(BATCHES):
        for jobs, taken in seconds.items():
            out = folder / f"jobs{jobs}-{turn}"
            taken.append(_run(["hosr", "batch", manifest, "--out", out, "--jobs", jobs]))
    return [
        Figure(
            what=f"`hosr batch` of {ROWS} studies, two reports each, --jobs {jobs}",
            value=f"{ROWS / statistics.median(taken):.0f} /s",
            ratio=_ratio(seconds[1], taken),
        )
        for jobs, taken in seconds.items()
    ]


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a table as Markdown."""
    print(f"\n| {title} | | ratio |\n| --- | ---: | ---: |")
    for figure in figures:
        print(f"| {figure.what} | {figure.value} | {figure.ratio} |")


def main() -> None:
    """Run all comparisons, and print them."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        show("One measurement report, CPU time", compare_one_report(folder))
        show("One command, CPU time", compare_one_command(folder))
        show("Many studies, wall clock", compare_jobs(folder))


if __name__ == "__main__":
    if sys.argv[1:]:
        serve(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
