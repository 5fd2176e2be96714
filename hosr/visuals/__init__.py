"""What a report shows: the key image of each hip with what was marked on it, and DICOM objects of it.

    marks                everything that was marked, and the pictures it is drawn on
    key_images           the picture of each hip: its part of a frame, its directions, a centimetre
    placement            where words go: beside what they name, over nothing else
    drawing              a picture as the plain data that a template draws
    annotation           shapes and words over an image in a presentation state
    presentation_state   the grading drawn over its images by the viewer
    secondary_capture    the drawn pictures as images
    encapsulated_pdf     the page as a document

Each object is plain values by keyword under the header that all of them share.
"""
