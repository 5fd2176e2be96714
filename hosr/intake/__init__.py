"""The only door in: a grading record and image headers, checked once, with every fault named.

record/    one record: JSON text -> forms -> rules across keys -> Record
tables/    CSV, Parquet and XLSX as rows; rows with a record's own names as records
registry/  rows with a registry's names and language, by its mapping, as records
images/    headers of DICOM files -> one patient, one study, its images
record_selection  which record of a file is about the images given, and which images records are about
matching   a record and its images as a graded study
reported_images   the images of an earlier report as it holds them, where they are not at hand
sides      whether the images show the side that it names
overrides  headers that it says are wrong, and what holds instead
marks      its marks put on their images, and measured there
space      its lines in space, by the slices that they lie on
calibrations  whether its objects of known size calibrate anything, and agree
own_words  what a reader wrote, held against the sides and grades of its report
"""
