"""Few-shot learners that compare: prototypes in a learnt space, and the nearest neighbour."""

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.core.meta_train import Parameters
from course_lib.meta.conv_network import ConvPredict
from course_lib.meta.evaluate import Context, Solve, inductive


def class_means(features: Tensor, labels: Tensor, ways: int) -> Tensor:
    """c_k = the mean of the features of class k: (n, d), (n,) -> (ways, d)."""
    members = F.one_hot(labels, ways).to(features.dtype)
    return members.T @ features / members.sum(0)[:, None]


def squared_distances(x: Tensor, centres: Tensor) -> Tensor:
    """|x_i - c_k|^2: (n, d), (ways, d) -> (n, ways)."""
    return x.square().sum(1, keepdim=True) - 2 * x @ centres.T + centres.square().sum(1)


def prototypes(features: ConvPredict, *, ways: int = 5, context: Context = inductive) -> Solve:
    """p(y = k | x) is proportional to exp(-|f(x) - c_k|^2), c_k the mean of f over class k.

    Nothing is adapted: theta is the same for all tasks, and its head is not used.
    Source: Snell et al. 2017.
    """

    def solve(
        theta: Parameters, support_x: Tensor, support_y: Tensor, query_x: Tensor, /
    ) -> Tensor:
        centres = class_means(features(theta, support_x), support_y, ways)
        found = features(theta, query_x, context(support_x, query_x))
        return -squared_distances(found, centres)

    return solve


def nearest_neighbour(ways: int = 5) -> Solve:
    """The class of the support image whose pixels are nearest: the closer, the higher the score."""

    def solve(
        theta: Parameters, support_x: Tensor, support_y: Tensor, query_x: Tensor, /
    ) -> Tensor:
        far = squared_distances(query_x.flatten(1), support_x.flatten(1))
        own = F.one_hot(support_y, ways).bool()
        return -torch.where(own, far[:, :, None], torch.inf).amin(1)

    return solve
