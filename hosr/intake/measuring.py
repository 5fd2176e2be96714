"""Every marked line of a hip measured on its image."""

from __future__ import annotations

from dataclasses import replace

from hosr.errors import Fault, ImagesRefused, RecordRefused
from hosr.findings import Calibration, Hip, Island, Length, Observer, Plane
from hosr.intake.images import SourceImages
from hosr.intake.marks import Placed
from hosr.measure.distance import measure
from hosr.measure.reading import reading_error_mm


def measure_hip(
    hip: Hip, source: SourceImages, observer: Observer, path: str, placed: Placed
) -> Hip:
    """The hip with millimetres wherever points were marked; what cannot be is added to `placed`."""
    bench = _Bench(source, hip.calibration, observer, placed)
    islands = hip.islands
    return replace(
        hip,
        gap=bench.measure(hip.gap, f"{path}.gap"),
        gap_lateral=bench.measure(hip.gap_lateral, f"{path}.gap_lateral"),
        islands=None
        if islands is None
        else tuple(
            Island(
                length=bench.measure(island.length, f"{path}.islands[{number}].length"),
                region=island.region,
            )
            for number, island in enumerate(islands)
        ),
    )


class _Bench:
    """One hip's images and calibration, on which its lines are measured."""

    def __init__(
        self,
        source: SourceImages,
        calibration: Calibration | None,
        observer: Observer,
        placed: Placed,
    ) -> None:
        self._source = source
        self._calibration = calibration
        self._reading_error_mm = reading_error_mm(observer)
        self._placed = placed

    def measure(self, length: Length | None, path: str) -> Length | None:
        """The length with its millimetres; as it is where none was marked."""
        if length is None or length.line is None:
            return length
        try:
            measured = self._measured(length, path)
        except ImagesRefused as error:
            self._placed.image_faults.extend(error.faults)
            return length
        except RecordRefused as error:
            self._placed.record_faults.extend(error.faults)
            return length
        return self._reconciled(length, measured, path)

    def _measured(self, length: Length, path: str) -> Length:
        line = length.line
        if line is None:
            return length
        start = self._source.find(line.place.sop_instance_uid)
        end = None if line.end_place is None else self._source.find(line.end_place.sop_instance_uid)
        if start is None:
            return length
        measured = measure(
            line,
            start.geometry,
            None if end is None else end.geometry,
            self._calibration,
            path,
            reading_error_mm=self._reading_error_mm,
        )
        if measured.mm is None and line.spans_images:
            problem = "the slices do not say where they lie, so nothing is measured across them"
            self._placed.record_faults.append(Fault(path, problem, "mark both points on one image"))
        return measured

    def _reconciled(self, given: Length, measured: Length, path: str) -> Length:
        """What the source said of the length, where the header leaves it open."""
        if given.plane not in (Plane.UNKNOWN, measured.plane) and measured.mm is not None:
            if measured.plane is not Plane.UNKNOWN:
                problem = (
                    f"the plane is given as {given.plane}, "
                    f"but the image header says {measured.plane}"
                )
                self._placed.record_faults.append(
                    Fault(f"{path}.plane", problem, "leave the plane out")
                )
            measured = replace(measured, plane=given.plane)
        if given.uncertainty_mm is not None and measured.mm is not None:
            measured = replace(measured, uncertainty_mm=given.uncertainty_mm)
        return replace(measured, gap_class=given.gap_class)
