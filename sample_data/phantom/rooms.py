"""The X-ray rooms: where tube, patient and detector stand. The plane of the hips is magnified by 1.19 to 1.21."""

from __future__ import annotations

from .projection import Beam

DX_WIDE = Beam(
    sid_mm=1150.0, sod_mm=970.0, spacing_mm=0.336, columns=1280, rows=1104, centre_z_mm=4.0
)
DX_ROOM_2 = Beam(
    sid_mm=1200.0, sod_mm=1000.0, spacing_mm=0.336, columns=1280, rows=1104, centre_z_mm=4.0
)
CR_PLATE = Beam(
    sid_mm=1150.0, sod_mm=950.0, spacing_mm=0.4, columns=1056, rows=896, centre_z_mm=2.0
)
CR_HIP = Beam(
    sid_mm=1150.0,
    sod_mm=960.0,
    spacing_mm=0.25,
    columns=960,
    rows=1184,
    centre_x_mm=104.0,
    centre_z_mm=-12.0,
)
