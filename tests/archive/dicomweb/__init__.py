"""Tests of archives that are reached over DICOMweb."""
