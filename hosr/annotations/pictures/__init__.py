"""What was drawn on a picture, or segmented in one: COCO, YOLO, LabelMe, 3D Slicer, PNG and arrays.

    a file -> its reader -> shapes of a picture -> on the image that it shows -> masks and figures

coco, yolo, labelme, slicer  one reader each: what its numbers mean, and where they count from
label_maps     the reader of PNG and arrays: numbers and probabilities of pixels
settings       `[pictures]` of labels.toml: how a picture was made of its image
sheets         which image a picture shows, and where its points lie there
shapes         areas of structures become masks, all else figures; outlines of spurs where nobody drew the gap
rasterization  an outline as a mask whose half-filled contour is the outline
run_lengths    masks of COCO
png            PNG, decoded in a sandbox

| source     | counts from           | to the image (column, row), 0,0 the corner of its first pixel          |
|------------|-----------------------|-------------------------------------------------------------------------|
| label map  | pixel c: its centre c | c + 0.5                                                                 |
| COCO       | box, polygon: corner  | as it is; key points are pixels, + 0.5; run lengths down the columns    |
| YOLO       | corner, parts of 1    | times width and height                                                  |
| LabelMe    | corner                | as it is; a mask's box holds both its corner pixels                     |
| 3D Slicer  | the patient           | LPS in mm, from RAS by two signs                                        |

A picture has the size of its image, or labels.toml says how it was made of it.
"""
