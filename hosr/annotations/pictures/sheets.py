"""Which image a picture shows, and where its points lie on that image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from hosr.annotations.sources import PixelGrid
from hosr.findings import Place, to_graphic_precision
from hosr.phrases import several

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.pictures.settings import Pictures
    from hosr.findings import Point
    from hosr.intake.images import SourceImage

# How many files of the images are named where none of them fits.
_MOST_NAMED = 5

# Rounding and half pixels move a point that is meant for the edge of an image no farther out.
_BEYOND_EDGE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A picture laid on its image: columns before rows; `scale` is image pixels to one of its own."""

    place: Place
    columns: int
    rows: int
    size: tuple[int, int] | None
    scale: tuple[float, float] = (1.0, 1.0)
    offset: tuple[float, float] = (0.0, 0.0)

    @property
    def grid(self) -> PixelGrid:
        """The pixels of the image."""
        return PixelGrid(shape=(self.rows, self.columns), place=self.place)

    @property
    def is_image(self) -> bool:
        """Whether a pixel of the picture is one of the image."""
        return self.scale == (1.0, 1.0) and self.offset == (0.0, 0.0)

    def point(self, column: float, row: float) -> Point:
        """A point of the picture on the image; one that rounding put off its edge is on the edge."""
        x = (column - self.offset[0]) * self.scale[0]
        y = (row - self.offset[1]) * self.scale[1]
        return _inward(x, self.columns), _inward(y, self.rows)

    def share(self, across: float, down: float) -> Point:
        """A point that is given as parts of the picture's width and height."""
        columns, rows = self.size or (self.columns, self.rows)
        return self.point(across * columns, down * rows)


def find_sheet(
    context: Context, place: str, names: Sequence[str], size: tuple[int, int] | None
) -> Sheet | None:
    """The picture of these names, and of this size if it says it, on its image; None with a fault.

    A name is that of a file, with or without folders and suffix, or a SOP Instance UID.
    """
    image = find_image(context, place, names)
    return None if image is None else lay_on(image, context, place, size)


def find_image(context: Context, place: str, names: Sequence[str]) -> SourceImage | None:
    """The image that a picture shows: the one of its name, or the only one; None with a fault."""
    account = context.account
    if context.images is None:
        remedy = f"give the image that it was drawn on with {account.options.images}"
        account.blame(place, "is drawn on a picture, whose image is not given", remedy)
        return None
    images = context.images.images
    named = named_images(images, names)
    if len(named) == 1 or (not named and len(images) == 1):
        image = (named or images)[0]
        if not named:
            account.assume(place, f"shows the only image given, {name_of_image(image)}")
        return image if _is_single(image, place, context) else None
    blame_image(context, place, names, "several" if named else "none")
    return None


def blame_image(context: Context, place: str, names: Sequence[str], many: str) -> None:
    """Say that what has these names fits none, or several, of the images given."""
    images = () if context.images is None else context.images.images
    shown = " or ".join(name for name in names if name) or "it"
    files = several(map(name_of_image, images), ",", _MOST_NAMED)
    problem = f"fits {many} of the images given: {files}"
    remedy = f"give its image alone, or name {shown} like its file or by its SOP Instance UID"
    context.account.blame(place, problem, remedy)


def named_images(images: Iterable[SourceImage], names: Sequence[str]) -> list[SourceImage]:
    """The images that one of these names is of."""
    keys = {key for name in names for key in _keys(name)}
    return [image for image in images if keys & _keys_of(image)]


def lay_on(
    image: SourceImage, context: Context, place: str, size: tuple[int, int] | None
) -> Sheet | None:
    """A picture on its image, by the size of both and what labels.toml says; None with a fault."""
    said = context.labels.pictures
    columns, rows = image.reference.columns, image.reference.rows
    where = Place(sop_instance_uid=image.sop_instance_uid)
    if size is not None and said.size not in (None, size):
        shown = " x ".join(map(str, said.size or ()))
        problem = f"is a picture of {size[0]} x {size[1]} pixels, and [pictures] says {shown}"
        context.account.blame(place, problem, "correct size in labels.toml")
        return None
    size = size or said.size
    if not said.is_given and size in (None, (columns, rows)):
        return Sheet(place=where, columns=columns, rows=rows, size=size)
    if said.resized is None:
        _blame_size(context, place, size, (columns, rows))
        return None
    return _resized(said, where, size, (columns, rows), (context, place))


def _resized(
    said: Pictures,
    where: Place,
    size: tuple[int, int] | None,
    of_image: tuple[int, int],
    told: tuple[Context, str],
) -> Sheet | None:
    context, place = told
    resized = said.resized or of_image
    if size is not None and any(
        start < 0 or start + length > most
        for start, length, most in zip(said.offset, resized, size, strict=True)
    ):
        problem = (
            f"is a picture of {size[0]} x {size[1]} pixels, which the image of [pictures] passes"
        )
        context.account.blame(place, problem, "correct resized and offset in labels.toml")
        return None
    scale = of_image[0] / resized[0], of_image[1] / resized[1]
    words = (
        f"an image pixel is {1 / scale[0]:.4g} x {1 / scale[1]:.4g} of the picture's, by [pictures]"
    )
    context.account.assume(place, words)
    return Sheet(
        place=where, columns=of_image[0], rows=of_image[1], size=size,
        scale=scale, offset=said.offset,
    )  # fmt: skip


def _blame_size(
    context: Context, place: str, size: tuple[int, int] | None, of_image: tuple[int, int]
) -> None:
    columns, rows = of_image
    if size is None:
        problem = "does not say how large its picture is"
    else:
        problem = f"is a picture of {size[0]} x {size[1]} pixels, its image has {columns} x {rows}"
        if size == (rows, columns):
            problem += ": columns and rows look exchanged"
    remedy = (
        "say in [pictures] of labels.toml how it was made of the image: size, resized and offset"
    )
    context.account.blame(place, problem, remedy)


def _is_single(image: SourceImage, place: str, context: Context) -> bool:
    if image.reference.frames == 1:
        return True
    problem = f"shows one frame of {name_of_image(image)}, which has {image.reference.frames}"
    context.account.blame(place, problem, "no picture says which frame; give single-frame images")
    return False


def name_of_image(image: SourceImage) -> str:
    """That of its file, else its SOP Instance UID."""
    return image.sop_instance_uid if image.file is None else image.file.label


def _keys_of(image: SourceImage) -> set[str]:
    return {image.sop_instance_uid, *(_keys(image.file.label) if image.file is not None else ())}


def _keys(name: str) -> set[str]:
    """A file's name with its suffixes taken off one by one; no more than a UID has dots."""
    plain = PurePath(name.replace("\\", "/")).name
    return {plain.casefold(), PurePath(plain).stem.casefold()} - {""}


def _inward(value: float, most: int) -> float:
    """The value, held to the image where it is hardly beyond its edge."""
    held = min(max(value, 0.0), float(most))
    return to_graphic_precision(held if abs(held - value) <= _BEYOND_EDGE else value)
