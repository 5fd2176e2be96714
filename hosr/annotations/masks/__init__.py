"""Masks with roles to the findings of each hip: what touches what, how far apart, and how surely.

    masks -> lattice, sides -> scene -> solids (at a level) -> joint, pieces, bridges, distances -> FoundHip -> Hip

hips         the order of the work, from masks with roles to what is found of each hip
found        what goes in, beside what the images say, and what comes out, as plain values
alignment    masks of the same voxels by one order of axes
lattice      the one grid of all masks, and the way to millimetres
sides        of which hip a mask is, where its label does not say
scene        the labels of one hip in a box around its new bone, and which cells each fills
surfaces     where surfaces run between cells, and between which points lengths are measured
joint        the joint, which is left out
pieces       the pieces of new bone, and what each is attached to
bridges      how wide a piece is that reaches from bone to bone
distances    the lines between opposing surfaces
readings     all of that at one level, and what other levels of probabilities leave open
evidence     a hip before it is concluded, and how surely its surfaces are known
gaps, islands, conclusions    what follows, and what stays open
notes        what is told beside the findings
outlines     the outlines of what fills pixels; key_slice: of the found surfaces, where they are best seen
conversion   the findings as a hip of the record
limits       every number, with its reason

What is found (conventions of the project, after Brooker 1973 and Della Valle 2002 as in `hosr.scales`):

    new bone that touches    in a volume                       on a film
    pelvis or femur          a spur of it                      a spur of it; mostly projected onto it: open
    both, outside the joint  bridging, confirmed               bridging, apparent
    the same, under 3 cells  contact; III or IV                contact; III or IV
    neither                  an island                         an island
    fewer than 9 cells       an island or a spur: open         the same, and where they meet over less than 2 mm
    neither outside, one     a spur whose root lies in the     open, for pelvis and femur overlap there
    within the joint         joint
    by its maker's label     that, whatever it touches; contradictions are told

    the gap                  the shortest free line of pelvic spur - femoral spur, pelvic spur - femur, femoral
                             spur - pelvis, with both ends outside the joint; without a joint there is none in a
                             volume, and on a film only that between two spurs
    the joint                the sphere fitted to the socket (on a film to the head or cup), and 4 mm around it
    present                  a piece of at least 20 mm3, on a film 4 mm2
    indeterminate            only smaller ones, only within the joint, or only below the level of 0.5
    absent                   no new bone, where a label of all of it was searched for (an empty mask), in a joint
                             whose pelvis and femur are labelled
    not stated               bones without a label of new bone; an empty label without both bones
    refused                  two structures of the same cells, of which only one can be right

An empty mask says that its source declares a class and found nothing of it: an empty segment, a row of a table
of labels, a channel. A class that a label map merely does not hold is no empty mask, for many programs leave
out what they did not find, and a wrong number in labels.toml looks the same: readers give none for it.

How surely (measured on shapes of known size, which the tests keep; 95 % half-widths):

    a distance               sqrt((0.7 h)^2 + (2.6 s)^2) between masks, 0.25 h between probabilities
                             that fall slowly enough to place them (else they are as masks); h the cell
                             along the line, and a third of the longest edge at the least; s the standard deviation
                             of the model's boundaries (0.5 mm where nothing states it); more where the levels of 0.3
                             and 0.7 differ by more
    an island                the same, h as far as a cell reaches along it; needles are shorter by more
    voxels over 1.5 mm       told; over 3 mm no gap is measured

Surfaces are not smoothed: that takes 0.3 mm off every tip. Volume is told and not graded. scipy is in the
extra `masks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hosr.annotations.masks.conversion import as_hip
from hosr.annotations.masks.found import (
    Distance,
    FoundHip,
    FoundIsland,
    MaskSetting,
    RoledMask,
)
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.annotations.account import Account

__all__ = [
    "Distance",
    "FoundHip",
    "FoundIsland",
    "MaskSetting",
    "RoledMask",
    "as_hip",
    "find_hips",
]


def find_hips(
    masks: Sequence[RoledMask], setting: MaskSetting, account: Account
) -> tuple[FoundHip, ...]:
    """What the masks show of each hip, the right one first; nothing of a hip that nothing is said of.

    Parameters
    ----------
    masks
        On one grid: that of a volume, or of one film. An area of any other role is left out and told.
    setting
        What images and the model's maker say beside them.
    account
        Is told what was found, what could not be used and why, and what was assumed. Faults, which make a
        true record impossible, are kept in it: several grids, values that are no probabilities, a side that
        nothing tells, pieces or volumes that no segmentation of a hip has. The hips are then of no use.

    Raises
    ------
    UsageError
        Where scipy is not installed.
    """
    try:
        import scipy.ndimage  # noqa: F401 (whether it is there)
    except ImportError:
        problem = "what masks show is found with scipy, which is not installed"
        raise UsageError(Fault("hosr import", problem, "install hosr[masks]")) from None
    from hosr.annotations.masks.hips import find_hips as find

    return find(masks, setting, account)
