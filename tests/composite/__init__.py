"""What all DICOM objects of hosr have in common."""
