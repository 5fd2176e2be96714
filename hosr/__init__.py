"""Gradings of heterotopic ossification of the hip as DICOM Structured Reports and narrative text."""

__version__ = "0.1.0"
