"""What points, lines and outlines that were drawn say of a hip: no more than they show.

| role                       | drawn as                            | says                                    |
|----------------------------|-------------------------------------|-----------------------------------------|
| gap                        | a line                              | the gap, from end to end of the line    |
| gap_start and gap_end      | a point each                        | the same                                |
| calibration                | a line, or the outline of a ball    | an object of known size (`true_mm`)     |
| island                     | a line                              | an island, and its length               |
|                            | an outline                          | where it lies, and its longest diameter |
|                            | a box, a point                      | an island that nobody measured          |
| pelvic_spur, femoral_spur  | anything                            | a spur of that bone                     |
| spur, ossification         | anything                            | bone that nobody assigned               |
| pelvis, femur, implant     | anything                            | nothing by itself                       |

A line and an outline round its middle are one island. A gap on a lateral view, beside one on another,
is the lateral gap. The side is that of the label, else the one hip that the image shows by its
header; the half of an image that a figure lies in may contradict its label, and never decides.
A calibration object without a side serves every hip on its image. A line in the patient is a length in
space, in the frame of reference of the images; an outline there has to lie on one of their slices.

sides        of which hip a figure is
placement    where figures lie, and whether they have the form of their role
lengths      the lengths of the record that figures stand for: gaps, islands, objects of known size
polygons     plain geometry of outlines
hips         the flow: figures to hips
"""

from hosr.annotations.figures.hips import find_hips

__all__ = ["find_hips"]
