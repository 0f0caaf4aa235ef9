"""One-shot search: shared weights and architecture logits alpha, trained side by side.

Which method it is, two functions say, and the supernet's `mixed_op`:

method                        relax                    mixed_op    alpha_gradient
uniform paths (Guo 2020)      uniform_one_hot          sampled_op  None
one-shot (Bender 2018)        path_dropout             nonzero_op  None
DARTS (Liu 2019)              softmax_relax            mixed_op    first_order, second_order
SNAS (Xie 2019)               gumbel_softmax_sample    mixed_op    single_level
GDAS (Dong and Yang 2019)     gumbel_straight_through  sampled_op  first_order
ProxylessNAS (Cai 2019)       sampled_path, and        nonzero_op  first_order
                              alpha_relax=binary_paths

Random search with weight sharing (Li and Talwalkar 2019) is the first row and then `random_search`
on `InheritedAccuracy`.
"""

from course_lib.nas.bilevel import (
    AlphaGradient,
    exact_second_order,
    first_order,
    second_order,
    single_level,
)
from course_lib.nas.derive import derive, discretization_gap, entropy
from course_lib.nas.one_shot_loop import OneShotStep, one_shot_search, one_shot_steps
from course_lib.nas.relax import (
    Relax,
    binary_paths,
    gumbel_max_sample,
    gumbel_softmax_sample,
    gumbel_straight_through,
    nonzero_op,
    path_dropout,
    sample_gumbel,
    sampled_path,
    softmax_relax,
    straight_through,
    uniform_one_hot,
)

__all__ = [
    "AlphaGradient",
    "OneShotStep",
    "Relax",
    "binary_paths",
    "derive",
    "discretization_gap",
    "entropy",
    "exact_second_order",
    "first_order",
    "gumbel_max_sample",
    "gumbel_softmax_sample",
    "gumbel_straight_through",
    "nonzero_op",
    "one_shot_search",
    "one_shot_steps",
    "path_dropout",
    "sample_gumbel",
    "sampled_path",
    "second_order",
    "single_level",
    "softmax_relax",
    "straight_through",
    "uniform_one_hot",
]
