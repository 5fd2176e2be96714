"""Tests of hosr.dicom."""
