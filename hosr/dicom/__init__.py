"""DICOM files as files (PS3.10): whether they are whole, and their elements, with limits."""
