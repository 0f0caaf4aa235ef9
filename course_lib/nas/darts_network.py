"""The networks of the DARTS space, at the size of cluttered digits: stand-alone and supergraph.

Skeleton: stem (3x3 convolution, BN), a normal cell, a reduction cell of stride 2, a normal cell,
global average pooling, linear classifier. (The paper stacks 8 or 20 cells: Liu et al. 2019,
sec. 3.1.)

A cell reads the outputs of the two cells before it, each first brought to the cell's channels and
size. Node j is the sum of its edges; the cell's output is all nodes, concatenated.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.nas.cell_network import ConvBN, Pool, check_even
from course_lib.nas.darts_operations import FactorizedReduction, learnt_part
from course_lib.nas.operations import MixedOp, Once, Operation, edge_output, identity

Edge = tuple[int, int]
"""(from, to): 0 and 1 are the cell's inputs, 2, 3, ... its nodes."""

Edges = Mapping[Edge, Sequence[str]]
"""Which operations each edge holds."""

Combine = Callable[[int, list[Operation], Tensor, int], Tensor]
"""(edge, its operations, what it reads, stride) -> what it adds to its node."""


def _fitted(inputs: int, channels: int, *, halve: bool) -> nn.Module:
    layer = FactorizedReduction(inputs, channels) if halve else ConvBN(inputs, channels, 1)
    return nn.Sequential(nn.ReLU(), layer)


class DartsCell(nn.Module):
    """Two maps -> (n, nodes * channels, *size).

    inputs: channels of the two maps. halve: whether the first is twice as large as the second.
    size: of the output, half of the second map in a reduction cell.
    layers: per edge, in the order of `edges`, its operations with weights by name.
    """

    def __init__(
        self,
        edges: Edges,
        inputs: tuple[int, int],
        channels: int,
        size: tuple[int, int],
        *,
        halve: bool = False,
        reduction: bool = False,
    ) -> None:
        super().__init__()
        self.edges = {edge: tuple(names) for edge, names in edges.items()}
        self.reduction = reduction
        self.first = _fitted(inputs[0], channels, halve=halve)
        self.second = _fitted(inputs[1], channels, halve=False)
        self.layers = nn.ModuleList()
        for (source, _), names in self.edges.items():
            made = {name: learnt_part(name, channels, self._stride(source)) for name in names}
            self.layers.append(
                nn.ModuleDict({name: layer for name, layer in made.items() if layer is not None})
            )
        self.pool = Pool(channels, size)

    def forward(self, first: Tensor, second: Tensor, combine: Combine) -> Tensor:
        nodes = {0: self.first(first), 1: self.second(second)}
        shared: dict[int, dict[str, Operation]] = {}
        for index, ((source, target), names) in enumerate(self.edges.items()):
            stride = self._stride(source)
            table = shared.setdefault(source, self._shared(stride))
            learnt = {
                name: _after(table["relu"], layer)
                for name, layer in cast(nn.ModuleDict, self.layers[index]).items()
            }
            operations = [(table | learnt)[name] for name in names]
            term = combine(index, operations, nodes[source], stride)
            nodes[target] = nodes[target] + term if target in nodes else term
        return torch.cat([nodes[node] for node in sorted(nodes)[2:]], dim=1)

    def _stride(self, source: int) -> int:
        return 2 if self.reduction and source < 2 else 1

    def _shared(self, stride: int) -> dict[str, Operation]:
        """What all edges that read one node have in common, and compute once."""
        average = partial(F.avg_pool2d, kernel_size=3, stride=2, padding=1, count_include_pad=False)
        return {
            "relu": Once(F.relu),
            "none": lambda x: torch.zeros_like(x[:, :, ::stride, ::stride]),
            "skip_connect": identity,
            "max_pool_3x3": Once(lambda x: F.max_pool2d(x, 3, stride, 1)),
            "avg_pool_3x3": Once(average if stride == 2 else self.pool),
        }


def _after(relu: Operation, layer: nn.Module) -> Operation:
    return lambda x: cast(Tensor, layer(relu(x)))


class DartsSkeleton(nn.Module):
    """Stem, normal cell, reduction cell, normal cell, classifier.

    channels: per node before and after the reduction. image: (channels, height, width), height and
        width even.
    """

    def __init__(
        self,
        normal: Edges,
        reduction: Edges,
        *,
        channels: tuple[int, int] = (8, 16),
        classes: int = 10,
        image: tuple[int, int, int] = (1, 12, 12),
    ) -> None:
        super().__init__()
        colours, height, width = image
        check_even(height, width)
        fine, coarse = channels
        half = height // 2, width // 2
        wide, deep = (
            len({target for _, target in edges}) * count
            for edges, count in ((normal, fine), (reduction, coarse))
        )
        last = len({target for _, target in normal}) * coarse
        self.stem = ConvBN(colours, fine, 3)
        self.fine = DartsCell(normal, (fine, fine), fine, (height, width))
        self.reduction = DartsCell(reduction, (fine, wide), coarse, half, reduction=True)
        self.coarse = DartsCell(normal, (wide, deep), coarse, half, halve=True)
        self.classify = nn.Linear(last, classes)

    def run(self, x: Tensor, normal: Combine, reduction: Combine) -> Tensor:
        stem = self.stem(x)
        fine = self.fine(stem, stem, normal)
        halved = self.reduction(stem, fine, reduction)
        coarse = self.coarse(fine, halved, normal)
        return cast(Tensor, self.classify(coarse.mean((2, 3))))


class DartsNetwork(DartsSkeleton):
    """Images (n, *image) -> class scores (n, classes): each edge holds a single operation."""

    def forward(self, x: Tensor) -> Tensor:
        return self.run(x, _only, _only)


def _only(edge: int, operations: list[Operation], x: Tensor, stride: int) -> Tensor:
    (operation,) = operations
    return operation(x)


class SharedDartsNetwork(DartsSkeleton):
    """The supergraph: (n, *image) and weights (2 * edges, operations) -> (n, classes).

    weights: first the edges of the normal cells, then those of the reduction cell.
    """

    def forward(self, x: Tensor, weights: Tensor, mixed_op: MixedOp) -> Tensor:
        rows = weights.unbind()
        half = len(rows) // 2

        def combine(
            rows: Sequence[Tensor], edge: int, operations: list[Operation], x: Tensor, stride: int
        ) -> Tensor:
            return edge_output(mixed_op, operations, x, rows[edge], stride)

        return self.run(x, partial(combine, rows[:half]), partial(combine, rows[half:]))
