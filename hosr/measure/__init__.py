"""Points and pixels to millimetres: which plane, by which calibration, how surely.

spacing     what an image header says of size and place
pixel_size   what a pixel measures by it, and in which plane
length      the distance between two marked points, and what it stands for in the patient
slices      slices of one volume, and how far points of the patient are from each
"""
