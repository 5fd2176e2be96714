"""Where the package's own data files lie: in an installed wheel, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

__all__ = ["template_dir"]


def template_dir() -> Path:
    """The folder of the shipped Jinja templates."""
    packaged = Path(__file__).resolve().parent / "templates"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[1] / "templates"
