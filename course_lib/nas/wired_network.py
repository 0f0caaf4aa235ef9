"""A randomly wired network, and how wide it must be to cost what another network costs.

Skeleton: that of `CellNetwork`, the same wiring at two resolutions in place of the cell. (Xie et
al. 2019, table 1, wire three or four stages of 32 nodes each, for images of 224 x 224.)
"""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, cast

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course_lib.core.rng import module_rng
from course_lib.nas.cell_network import ConvBN, Reduction, check_even
from course_lib.nas.darts_operations import Separable
from course_lib.nas.random_wiring import INPUT, predecessors

if TYPE_CHECKING:
    import networkx as nx

_WIDEST = 64


class WiredNode(nn.Module):
    """Maps (batch, channels, *size), one per input -> one such map.

    out = BN(separable(ReLU(sum_i sigmoid(w_i) x_i))), w learnt, at first 0.

    A single input is taken as it is: BN would undo its weight. Source: Xie et al. 2019, sec. 3.2.
    """

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(inputs)) if inputs > 1 else None
        self.layer = Separable(channels, 1)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        if self.weights is None:
            (total,) = inputs
        else:
            shares = self.weights.sigmoid().unbind()
            total = shares[0] * inputs[0]
            for share, x in zip(shares[1:], inputs[1:], strict=True):
                total = total + share * x
        return cast(Tensor, self.layer(F.relu(total)))


class WiredStage(nn.Module):
    """(batch, channels, *size) -> the same: nodes in their order, then the mean of the last ones.

    inputs: what each node and the output reads, as `predecessors` says it.
    """

    def __init__(self, inputs: Sequence[Sequence[int]], channels: int) -> None:
        super().__init__()
        self.inputs = [list(own) for own in inputs]
        self.nodes = nn.ModuleList(WiredNode(len(own), channels) for own in inputs[:-1])

    def forward(self, x: Tensor) -> Tensor:
        values = {INPUT: x}
        for place, (node, own) in enumerate(zip(self.nodes, self.inputs, strict=False)):
            values[place] = node([values[source] for source in own])
        first, *others = (values[source] for source in self.inputs[-1])
        return sum(others, start=first) / len(self.inputs[-1])


class RandomlyWired(nn.Module):
    """Images (batch, *image) -> class scores (batch, classes); one wiring at two resolutions.

    graph: undirected, on the nodes 0, ..., n - 1. channels: of the first and of the second stage.
    image: (channels, height, width), height and width even. rng: draws the weights.
    """

    def __init__(
        self,
        graph: "nx.Graph",
        rng: Generator,
        *,
        channels: tuple[int, int] = (8, 16),
        classes: int = 10,
        image: tuple[int, int, int] = (1, 12, 12),
    ) -> None:
        super().__init__()
        check_even(image[1], image[2])
        fine, coarse = channels
        inputs = predecessors(graph)
        with module_rng(rng):
            self.stem = ConvBN(image[0], fine, 3)
            self.fine = WiredStage(inputs, fine)
            self.reduction = Reduction(fine, coarse)
            self.coarse = WiredStage(inputs, coarse)
            self.norm = nn.BatchNorm2d(coarse)
            self.classify = nn.Linear(coarse, classes)
        self.to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(
            x.contiguous(memory_format=torch.channels_last)
        )  # depthwise at twice the pace
        x = self.coarse(self.reduction(self.fine(x)))
        return cast(Tensor, self.classify(F.relu(self.norm(x)).mean((2, 3))))


class Size(NamedTuple):
    """What a network costs; flops: for one image, a multiplication and an addition counting two."""

    parameters: int
    flops: int

    def apart(self, other: "Size") -> float:
        """The larger of the relative differences of parameters and of flops."""
        pairs = zip(self, other, strict=True)
        return max(abs(own / wanted - 1) for own, wanted in pairs)


def wired_size(
    graph: "nx.Graph",
    channels: tuple[int, int],
    *,
    classes: int = 10,
    image: tuple[int, int, int] = (1, 12, 12),
) -> Size:
    """The size of `RandomlyWired(graph, ...)`, without building it.

    A stage of n nodes with c channels has n (c^2 + 11 c) weights, one more for each input of a node
    that has several, and takes 2 n (c^2 + 9 c) operations per pixel.
    """
    inputs = predecessors(graph)[:-1]
    return _size(
        len(inputs), sum(len(own) for own in inputs if len(own) > 1), channels, classes, image
    )


def _size(
    nodes: int,
    shares: int,
    channels: tuple[int, int],
    classes: int,
    image: tuple[int, int, int],
) -> Size:
    (colours, height, width), (fine, coarse) = image, channels
    stem, head = 9 * colours * fine, classes * coarse
    halving = 9 * fine * coarse + 9 * coarse**2 + fine * coarse
    norms = 2 * fine + 4 * coarse + 2 * coarse
    stages = [nodes * (count**2 + 9 * count) for count in channels]
    stage_norms = 2 * nodes * (fine + coarse)
    parameters = stem + halving + norms + sum(stages) + stage_norms + 2 * shares + head + classes
    quarter = height * width // 4
    flops = 2 * (4 * quarter * (stem + stages[0]) + quarter * (halving + stages[1]) + head)
    return Size(parameters, flops)


def matched_channels(
    graph: "nx.Graph",
    size: Size,
    *,
    within: float = 0.05,
    classes: int = 10,
    image: tuple[int, int, int] = (1, 12, 12),
) -> tuple[int, int]:
    """The channels with which the wired network comes nearest to `size`.

    argmin over pairs of the larger relative difference of the two, parameters and flops. Two whole
    numbers cannot meet both exactly: 3 % are usual at the size of the table's cells.
    ValueError where nothing is nearer than `within`.
    """
    inputs = predecessors(graph)[:-1]
    shares = sum(len(own) for own in inputs if len(own) > 1)

    def apart(channels: tuple[int, int]) -> float:
        return _size(len(inputs), shares, channels, classes, image).apart(size)

    widths = range(1, _WIDEST + 1)
    best = min(product(widths, widths), key=apart)
    if apart(best) > within:
        raise ValueError(
            f"no wired network of {len(inputs)} nodes is within {within:.0%} of {size}: the "
            f"nearest is {apart(best):.0%} away, with {best} channels. Take another number of nodes"
        )
    return best
