"""The numbers that the finding turns on, each with its reason.

Those marked "tried" were measured on shapes of known size, which the tests keep.
"""

from __future__ import annotations

# Bone of the socket lies so near to the head, through cartilage or liner and a cup's wall; bone that is
# farther away is not of the joint.
JOINT_SPACE_MM = 8.0
# The joint is left out this far beyond the fitted sphere: 3 to 5 mm gave the true gap in native hips
# and beside bone that was drawn into the joint space (tried).
ZONE_MARGIN_MM = 4.0
# A fitted socket that is off by more is no sphere; and hips of people are not smaller or larger.
MOST_RESIDUAL_MM = 2.0
JOINT_RADII_MM = (12.0, 45.0)
LEAST_JOINT_POINTS = 50
# On a film of a native hip the head is fitted, and the joint space and the margin are added to it.
FILM_ZONE_MARGIN_MM = 8.0

# Smaller pieces are noise of a segmentation: a cube of 2.7 mm, a disc of 2.3 mm across. Where the
# size of a pixel is not known, nine of them.
SPECK_MM3 = 20.0
SPECK_MM2 = 4.0
SPECK_PIXELS = 9
# More pieces than this, as many islands as a record holds, or more bone than two litres at one hip, are no segmentation of it.
MOST_PIECES = 100
MOST_VOLUME_MM3 = 2e6

# A piece that touches a bone in fewer cells, a patch of 3 by 3, may lie beside it: so few touch by
# rounding (tried).
SURE_CONTACT_CELLS = 9
# On a film the same, as a width; and a piece that is mostly projected onto a bone may lie before it.
SURE_CONTACT_FILM_MM = 2.0
MOST_OVERLAP = 0.5
# Surfaces this near to one another are often drawn as one (tried): a touch is no less than that.
TOUCH_CELLS = 1.5
# A bridge of fewer cells across may be two surfaces that touch.
SURE_BRIDGE_CELLS = 3.0

# Bone is cut out this far around the ossification: farther away no gap turns the grade, and the
# joint and both bones lie within it.
CROP_MM = 45.0
# Bone that is farther away does not tell whose side a piece is.
NEAREST_BONE_MM = 60.0

# Of voxels with a longer edge no gap is measured; of those beyond the second it is flagged (tried).
MOST_VOXEL_MM = 3.0
WIDE_VOXEL_MM = 1.5
# Edges of slice positions are written with few digits.
VOXEL_TOLERANCE_MM = 0.01
GRID_TOLERANCE_MM = 0.05

# Where nobody states how surely a model draws boundaries (its standard deviation in mm): published
# hip models have a mean surface distance of 0.26 (PMC9790725) to 1.34 mm
# (doi 10.1186/s13018-022-02932-w).
BOUNDARY_SD_MM = 0.5
# Half-widths of 95 % of a distance between two surfaces, in cells and in standard deviations of the
# boundary (tried): surfaces of masks lie within 0.7 of a cell, those of probabilities within 0.25.
MASK_CELLS = 0.7
# A tip that lies between two slices is cut beside its end: so much of the longest edge counts as a cell,
# whichever way the line runs.
LONGEST_EDGE_SHARE = 1 / 3
PROBABILITY_CELLS = 0.25
BOUNDARY_SDS = 2.6

# Where the boundary of probabilities is taken, and where it could as well be.
LEVEL = 0.5
OTHER_LEVELS = (0.3, 0.7)

# A line between two surfaces that runs through bone for no more than this many cells grazes it.
GRAZE_CELLS = 1.0
# A line whose both ends lie nearer than this to those of one that runs through bone is not tried, and
# after so many two surfaces are said to have bone between them.
SAME_PLACE_MM = 1.5
MOST_TRIES = 100
# Then lines between this many points of each are tried, whichever way they run.
POINTS_TRIED = 80
