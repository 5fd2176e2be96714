"""The headers of the graded images: tolerant of what is missing, strict about whose they are.

    sources, media     paths, folders, ZIP files and DICOMDIR -> files
    reader             files -> SourceImages
    header, charset    one header: its elements, and its texts by its character set
    elements           which objects are images, and which elements matter
    image, aspect      what one image is: pixels in mm; side and view
    field_size         spacings that no image of a hip has, such as those in centimetres
    others             what lies beside them and is no image, and the command that reads it
    identity           whose images they are: one patient, one study
    studies            the one that is meant of several studies
    values             SourceImages and their files, whose bytes are read again later; the ledger
                       of what was tolerated or refused

Pixels are never read. Every deficiency that was tolerated is a note of the result, in words that
hold no patient data; everything else is a fault of ImagesRefused.
"""

from hosr.intake.images.reader import ImageSource, read_images
from hosr.intake.images.studies import NamedStudies
from hosr.intake.images.values import Note, SourceImage, SourceImages

__all__ = ["ImageSource", "NamedStudies", "Note", "SourceImage", "SourceImages", "read_images"]
