"""How long a report takes: `python tests/bench_report.py`, on a machine that does nothing else.

Every figure is of whole processes, from the command line to the closed files, on a radiograph of
2,000 x 2,000 pixels of 12 bits, compressed without loss (JPEG-LS).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image
from pydicom.uid import JPEGLSLossless

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data" / "bilateral"
SIZE = 2000
RUNS = 5
CASES = {
    "measurement": ["--make", "measurement"],
    "measurement, narrative, text": ["--make", "measurement,narrative,text"],
    "everything": [],
    "everything, in German": ["--language", "de"],
}


def enlarge(folder: Path) -> tuple[Path, Path]:
    """The sample with two hips at 2,000 x 2,000 pixels, and its record with points to match."""
    (path,) = (SAMPLE / "images").iterdir()
    image = pydicom.dcmread(path)
    factors = SIZE / image.Columns, SIZE / image.Rows
    pixels = Image.fromarray(image.pixel_array.astype("int32"), mode="I").resize((SIZE, SIZE))
    image.Rows = image.Columns = SIZE
    image.PixelData = np.asarray(pixels).clip(0, 4095).astype("<u2").tobytes()
    image.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    spacing = image.ImagerPixelSpacing
    image.ImagerPixelSpacing = [
        f"{float(mm) / factor:.6f}" for mm, factor in zip(spacing, factors[::-1], strict=True)
    ]
    image.compress(JPEGLSLossless, generate_instance_uid=False)
    film = folder / "film.dcm"
    image.save_as(film)
    record = folder / "record.json"
    record.write_text(
        json.dumps(_scaled(json.loads((SAMPLE / "record.json").read_text()), factors))
    )
    return record, film


def _scaled(value: object, factors: tuple[float, float]) -> object:
    if isinstance(value, dict):
        return {
            key: [[x * factors[0], y * factors[1]] for x, y in item]
            if key in ("points", "polygon")
            else _scaled(item, factors)
            for key, item in value.items()
        }
    return [_scaled(item, factors) for item in value] if isinstance(value, list) else value


def main() -> None:
    """Print the least, the middle and the most seconds of each case."""
    hosr = Path(sys.executable).with_name("hosr")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record, film = enlarge(folder)
        for case, options in CASES.items():
            seconds = []
            for run in range(RUNS):
                out = folder / f"{case} {run}"
                command: list[str | Path] = [
                    hosr,
                    "report",
                    record,
                    "--images",
                    film,
                    "--out",
                    out,
                    *options,
                ]
                begun = time.perf_counter()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                seconds.append(time.perf_counter() - begun)
            figures = min(seconds), statistics.median(seconds), max(seconds)
            print(f"{case:32}", *(f"{figure:6.2f} s" for figure in figures))


if __name__ == "__main__":
    main()
