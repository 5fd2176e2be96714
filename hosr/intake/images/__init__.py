"""The headers of the graded images: tolerant of what is missing, strict about whose they are.

    sources -> dataset (structure) -> header (charset) -> image, identity -> SourceImages

Pixels are never read. Every deficiency that was tolerated is a note of the result, in words that
hold no patient data; everything else is a fault of ImagesRefused.
"""

from hosr.intake.images.reading import read_images
from hosr.intake.images.values import Note, SourceImage, SourceImages

__all__ = ["Note", "SourceImage", "SourceImages", "read_images"]
