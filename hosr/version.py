"""The version of hosr, which every report says that it was prepared by."""

__version__ = "0.1.0"
