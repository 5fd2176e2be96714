"""What became of a hip since an earlier report: the judgement, by tabled rules from the facts of both.

    values      a comparison: grades, space and events, then and now
    spaces      when two spaces are set against one another, and when their difference counts
    hips        the comparison of a hip, and the flags that it raises
    plain       all of it as plain values, for programs

Facts of an earlier report stand in the report (`hosr.priors`); nothing here is stored. A difference of one
class between two readers is what readers of one film differ by (Della Valle et al., J Arthroplasty
2002;17:870-5: kappa 0.43 for Brooker, 0.59 for their own; Vasileiadis et al. 2017: 0.40 to 0.60).
"""

from hosr.comparison.hips import COMPARISON_FLAGS, compare_hip, compare_hips, flag_comparisons
from hosr.comparison.plain import comparisons_json
from hosr.comparison.spaces import OBSTACLES, grade_space_then
from hosr.comparison.values import Comparison, GradePair, Obstacle, SpaceChange, Verdict

__all__ = [
    "COMPARISON_FLAGS",
    "OBSTACLES",
    "Comparison",
    "GradePair",
    "Obstacle",
    "SpaceChange",
    "Verdict",
    "compare_hip",
    "compare_hips",
    "comparisons_json",
    "flag_comparisons",
    "grade_space_then",
]
