"""Where the package's own data files lie: in an installed wheel, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path


def template_dir() -> Path:
    """The folder of the shipped Jinja templates."""
    packaged = Path(__file__).resolve().parent / "templates"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[1] / "templates"


def font_dir() -> Path:
    """The folder of the fonts that pages are set in."""
    return template_dir() / "fonts"


def example_dir() -> Path:
    """The folder of the example reports, one measurement report of each sample study."""
    packaged = Path(__file__).resolve().parent / "examples"
    checkout = Path(__file__).resolve().parents[1] / "sample_data" / "reports"
    return packaged if packaged.is_dir() else checkout


def study_dir() -> Path:
    """The folder of the sample studies, each with its record and its images."""
    packaged = Path(__file__).resolve().parent / "studies"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[1] / "sample_data"
