"""From what others drew, segmented or scored to a grading record: nothing guessed, everything told.

    files -> formats -> one reader each -> Source -> roles -> findings of each hip -> Record

    formats     which kind a file is, by its content, and who reads it; or why hosr does not
    sources     what a source holds, label by label: masks, figures; and where it lies
    stated_status  what a source says of its own state, and what follows
    volumes     readers of voxels: DICOM Segmentation, NIfTI, arrays; held against their images
    pictures    readers of what was drawn on pictures: COCO, YOLO, LabelMe, 3D Slicer, PNG, arrays
    viewers     readers of what was drawn in viewers, the words of labels, reports of hosr redrawn
    scores      readers of what models score
    labels      labels.toml: what labels stand for; presets of models that many use, roles
    slices      the slices of the images, and points of the patient seen from them
    masks       what masks show of each hip
    film_agreement  masks against the radiograph that they were drawn on
    figures     what points, lines and outlines say of each hip
    hips        what several sources say of one hip, together
    authorship  who drew it, when, and of which study
    context     what every reader is given
    json_files  JSON of other makers; sidecars: files that stand beside a source, and are read with it
    account     what was read, what could not be used, and what was assumed, each with its place
    records     all of it, to one record

A reader gives a `Source` and tells the account. What makes a true record impossible is a fault, and all
faults are raised together.
"""
