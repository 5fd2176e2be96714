"""The version of hosr, on of which reports say that they were prepared by it."""

__version__ = "0.1.0"
