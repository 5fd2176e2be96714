"""From what others drew, segmented or scored to a grading record: nothing guessed, everything told.

files -> formats -> one reader each -> Source -> roles (labels) -> findings of each hip -> Record

sources     what a source holds, label by label: masks, figures; and where it lies
roles       what a label stands for: a bone, an island, a gap
presets     the labels of models that many use, with their roles
pictures    readers of what was drawn on pictures: COCO, YOLO, LabelMe, 3D Slicer, PNG, arrays
figures     what points, lines and outlines say of each hip
account     what was read, what could not be used, and what was assumed, each with its place
"""
