"""Labels of voxels: DICOM Segmentation, NIfTI, and the arrays of nnU-Net, read into masks.

segmentation            a DICOM SEG file -> Source
    segments            its header: segments, who made it and when, and on which images
    highdicom_geometry  the grid of its frames by highdicom; the one room here that imports it
    segment_frames      its frames, and their grid where highdicom has none
    stacks              planes in any order -> one regular grid, or why they are none
nifti                   a NIfTI file -> Source
    nifti_header        its header, before anything is inflated
    label_names         names of its labels: in its extension, or in a file beside it
arrays                  NPZ of nnU-Net, with the NIfTI file beside it -> Source
boxes                   what a label fills, gathered slab by slab and cut to its box
agreement               masks against the images that they were drawn on
    image_stacks        the slices of a CT as a volume that is asked at points

Only labels with a role are gathered. The others are listed, with masks that hold no cell: of 117 classes
of a model six are of a hip. A volume is never held whole where its file can be read in slabs.
"""
