"""Small pictures and supernets, and every one-shot method by name."""

import torch

from course_lib.core import make_rng
from course_lib.datasets import Images
from course_lib.nas.bilevel import exact_second_order, second_order, single_level
from course_lib.nas.cells import CellSpace
from course_lib.nas.one_shot import one_shot_search
from course_lib.nas.relax import (
    binary_paths,
    gumbel_softmax_sample,
    gumbel_straight_through,
    nonzero_op,
    path_dropout,
    sampled_path,
    uniform_one_hot,
)
from course_lib.nas.supernet import Supernet, mixed_op, sampled_op

SPACE = CellSpace()
METHODS = {
    "uniform": (sampled_op, {"relax": uniform_one_hot, "alpha_gradient": None}),
    "path dropout": (nonzero_op, {"relax": path_dropout, "alpha_gradient": None}),
    "DARTS": (mixed_op, {}),
    "DARTS, second order": (mixed_op, {"alpha_gradient": second_order}),
    "DARTS, exact": (mixed_op, {"alpha_gradient": exact_second_order}),
    "SNAS": (mixed_op, {"relax": gumbel_softmax_sample, "alpha_gradient": single_level}),
    "GDAS": (sampled_op, {"relax": gumbel_straight_through, "tau": (10.0, 0.1)}),
    "ProxylessNAS": (nonzero_op, {"relax": sampled_path, "alpha_relax": binary_paths}),
}


def pictures(seed, count=12, size=4):
    """Class 0 is dark on the left, class 1 on the right."""
    y = torch.arange(count) % 2
    x = 0.3 * torch.randn(count, 1, size, size, generator=make_rng(seed))
    x[y == 0, :, :, : size // 2] -= 1
    x[y == 1, :, :, size // 2 :] -= 1
    return Images(x, y)


def small_net(op=mixed_op, space=SPACE):
    return Supernet(
        space, rng=make_rng(0), mixed_op=op, channels=(2, 4), classes=2, image=(1, 4, 4)
    )


def search(method="DARTS", seed=0, net=None, valid_seed=2, **others):
    op, arguments = METHODS[method]
    net = small_net(op) if net is None else net
    settings = {"epochs": 2, "batch": 6, **arguments, **others}
    alpha, log = one_shot_search(net, pictures(1), pictures(valid_seed), make_rng(seed), **settings)
    return net, alpha, log


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)
