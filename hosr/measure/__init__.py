"""Points and pixels to millimetres: which plane, by which calibration, how surely."""
