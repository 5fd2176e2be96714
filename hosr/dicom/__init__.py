"""DICOM files as files (PS3.5 and PS3.10), with limits: nothing here knows what a grading is.

    structure     one walk over foreign bytes: whether a data set is whole and shallow
    elements      a file of others opened with care: the elements that matter, or all of them
    transcoding   a data set in another transfer syntax, byte for byte
    decoders      pydicom without the libraries that decode pixels
    original_attributes  the former values that an archive keeps on record
    writing       plain values by keyword to a file, and whether a text may stand in one

What makes one file unusable is an `UnusableFile`; who reads the file says it with its name.
"""
