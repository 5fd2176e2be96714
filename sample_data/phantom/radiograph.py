"""From attenuation to the picture on the light box: tone, detail, noise, blur, side marker and collimation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .projection import Beam, project
from .scene import Scene, Side, soft_parts
from .solids import Field, f32

COARSE = 4
_LETTERS: dict[str, Sequence[Sequence[tuple[float, float]]]] = {
    "R": (
        ((0, 1), (0, 0), (0.45, 0), (0.6, 0.12), (0.6, 0.38), (0.45, 0.5), (0, 0.5)),
        ((0.3, 0.5), (0.62, 1.0)),
    ),
    "L": (((0, 0), (0, 1), (0.58, 1)),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a radiograph is finished."""

    bits: int = 10
    marker: Side = "right"
    border_mm: float = 7.0
    contrast: float = 1.0
    noise: float = 0.0014
    """Standard deviation of the noise as a share of full scale."""


def radiograph(scene: Scene, beam: Beam, look: Look) -> npt.NDArray[np.uint16]:
    """Return stored values, bone bright."""
    bone = project(scene.bones(), beam)
    metal = project(scene.metal(), beam)
    soft = _soft(scene.seed, beam)
    rng = np.random.default_rng(scene.seed)
    mm = 1 / (beam.spacing_mm / beam.magnification())
    bone = bone * (
        1 + 0.055 * grain(rng, bone.shape, 0.55 * mm) + 0.05 * grain(rng, bone.shape, 1.6 * mm)
    )
    tissue = soft * (1 + 0.006 * grain(rng, bone.shape, 3.0 * mm)) + bone
    flat = tissue - 0.62 * blur(tissue, 24.0 * mm) + 3.4 * (1 - np.exp(-metal / 2.6))
    crisp = flat + 0.35 * (flat - blur(flat, 1.1 * mm))
    share = _tone(blur(crisp, 0.18 * mm), look.contrast)
    share = share + look.noise * grain(rng, share.shape, 0.6)
    share = np.maximum(share, 0.97 * _letter(beam, look.marker))
    share = share * _field(beam, look.border_mm)
    return np.asarray(np.round(np.clip(share, 0, 1) * (2**look.bits - 1)), dtype=np.uint16)


def blur(image: Field, sigma_px: float) -> Field:
    """Gaussian blur with mirrored borders, through the Fourier transform."""
    pad = int(np.ceil(3 * sigma_px)) + 1
    pad = min(pad, *(size - 1 for size in image.shape))
    wide = np.pad(image, pad, mode="reflect")
    spectrum = np.fft.rfft2(wide)
    rows, columns = np.fft.fftfreq(wide.shape[0])[:, None], np.fft.rfftfreq(wide.shape[1])[None, :]
    spectrum *= np.exp(-2 * (np.pi * sigma_px) ** 2 * (rows**2 + columns**2))
    smooth = np.fft.irfft2(spectrum, s=wide.shape)
    return f32(smooth[pad:-pad, pad:-pad])


def _soft(seed: int, beam: Beam) -> Field:
    """Soft tissue changes slowly, so it is projected coarsely and enlarged."""
    wide, high = -(-beam.columns // COARSE), -(-beam.rows // COARSE)
    coarse = replace(beam, spacing_mm=beam.spacing_mm * COARSE, columns=wide, rows=high)
    image = _coarse_soft(seed, coarse)
    rows = (np.arange(beam.rows) + 0.5 - (beam.rows - high * COARSE) / 2) / COARSE - 0.5
    columns = (np.arange(beam.columns) + 0.5 - (beam.columns - wide * COARSE) / 2) / COARSE - 0.5
    return _enlarge(_enlarge(image, rows).T, columns).T


@cache
def _coarse_soft(seed: int, beam: Beam) -> Field:
    return project(soft_parts(seed), beam, step_mm=3.0)


def _enlarge(image: Field, at: npt.NDArray[np.float64]) -> Field:
    at = np.clip(at, 0, image.shape[0] - 1.001)
    low = np.floor(at).astype(np.intp)
    part = (at - low)[:, None]
    return f32(image[low] * (1 - part) + image[low + 1] * part)


def grain(rng: np.random.Generator, shape: tuple[int, ...], sigma_px: float) -> Field:
    """Smooth noise of unit variance."""
    noise = blur(rng.standard_normal(shape, dtype=np.float32), sigma_px)
    return f32(noise / noise.std())


def _tone(flat: Field, contrast: float) -> Field:
    """An S curve, so that air and metal run out smoothly instead of being cut off."""
    return f32(1 / (1 + np.exp(-contrast * 1.15 * (flat - 2.12))))


def _letter(beam: Beam, side: Side) -> Field:
    """A lead letter, 16 mm tall, in the lower corner of its side, as a mask with soft edges."""
    unit = 16.0 / beam.spacing_mm
    left = 0.055 * beam.columns if side == "right" else 0.945 * beam.columns - 0.6 * unit
    row = np.arange(beam.rows, dtype=np.float32)[:, None] + 0.5 - 0.80 * beam.rows
    column = np.arange(beam.columns, dtype=np.float32)[None, :] + 0.5 - left
    nearest = np.full((beam.rows, beam.columns), 1e9, dtype=np.float32)
    for stroke in _LETTERS["R" if side == "right" else "L"]:
        for (ax, ay), (bx, by) in pairwise(stroke):
            ex, ey = (bx - ax) * unit, (by - ay) * unit
            t = np.clip(
                ((column - ax * unit) * ex + (row - ay * unit) * ey) / (ex * ex + ey * ey), 0, 1
            )
            across, down = column - ax * unit - t * ex, row - ay * unit - t * ey
            nearest = np.minimum(nearest, np.hypot(across, down))
    return f32(np.clip(0.5 + (0.075 * unit - nearest) / 1.5, 0, 1))


def _field(beam: Beam, border_mm: float) -> Field:
    """The collimated field: full inside, dark in the border."""
    row = np.arange(beam.rows, dtype=np.float32)[:, None] + 0.5
    column = np.arange(beam.columns, dtype=np.float32)[None, :] + 0.5
    rows, columns = np.minimum(row, beam.rows - row), np.minimum(column, beam.columns - column)
    inside = np.minimum(rows, columns) - border_mm / beam.spacing_mm
    return f32(0.02 + 0.98 * np.clip(0.5 + inside / 3.0, 0, 1))
