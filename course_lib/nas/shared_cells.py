"""NAS-Bench-201's cell with every operation on every edge: the supergraph of `CellSpace`."""

from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.nas.canonical import EDGES, KERNELS
from course_lib.nas.cell_network import ConvBN, Pool, Reduction, check_even
from course_lib.nas.operations import MixedOp, Once, Operation, edge_output, identity


class SharedCell(nn.Module):
    """One cell, (n, channels, *size) -> the same; node j = sum over i < j of edge (i, j) of node i.

    edges: per edge, in the order of `EDGES`, its convolutions by name.
    """

    def __init__(self, operations: Sequence[str], channels: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.operations = tuple(operations)
        self.edges = nn.ModuleList(
            nn.ModuleDict(
                {
                    name: ConvBN(channels, channels, KERNELS[name])
                    for name in operations
                    if name in KERNELS
                }
            )
            for _ in EDGES
        )
        self.pool = Pool(channels, size)

    def forward(
        self, x: Tensor, weights: Tensor, mixed_op: MixedOp, alive: Sequence[bool]
    ) -> Tensor:
        nodes = [x]
        tables = [self._tables(alive[0])]
        rows = weights.unbind()
        for target in (1, 2, 3):
            terms = [
                edge_output(mixed_op, tables[source](edge), nodes[source], rows[edge])
                for edge, (source, end) in enumerate(EDGES)
                if end == target
            ]
            nodes.append(sum(terms[1:], terms[0]))
            tables.append(self._tables(alive[target]))
        return nodes[-1]

    def _tables(self, alive: bool) -> Callable[[int], list[Operation]]:
        """For one node, from an edge that reads it to its operations, which share ReLU and pool.

        A convolution that reads a dead (identically zero) node adds nothing, not even its shift.
        """
        relu, pool = Once(F.relu), Once(self.pool)

        def conv(layer: nn.Module) -> Operation:
            return (lambda x: layer(relu(x))) if alive else torch.zeros_like

        def operations(edge: int) -> list[Operation]:
            layers = cast(nn.ModuleDict, self.edges[edge])
            table: dict[str, Operation] = {
                "none": torch.zeros_like,
                "skip_connect": identity,
                "avg_pool_3x3": pool,
                **{name: conv(layer) for name, layer in layers.items()},
            }
            return [table[name] for name in self.operations]

        return operations


class SharedCellNetwork(nn.Module):
    """Images (n, *image) -> class scores (n, classes): the skeleton of `CellNetwork`, shared cells.

    weights: (6, operations); both cells have weights of their own and are mixed alike.
    """

    def __init__(
        self,
        operations: Sequence[str],
        *,
        channels: tuple[int, int],
        classes: int,
        image: tuple[int, int, int],
    ) -> None:
        super().__init__()
        colours, height, width = image
        check_even(height, width)
        fine, coarse = channels
        self.operations = tuple(operations)
        self.stem = ConvBN(colours, fine, 3)
        self.fine = SharedCell(operations, fine, (height, width))
        self.reduction = Reduction(fine, coarse)
        self.coarse = SharedCell(operations, coarse, (height // 2, width // 2))
        self.norm = nn.BatchNorm2d(coarse)
        self.classify = nn.Linear(coarse, classes)

    def forward(self, x: Tensor, weights: Tensor, mixed_op: MixedOp) -> Tensor:
        alive = self._alive(weights)
        x = self.fine(self.stem(x), weights, mixed_op, alive)
        x = self.coarse(self.reduction(x), weights, mixed_op, alive)
        return cast(Tensor, self.classify(F.relu(self.norm(x)).mean((2, 3))))

    def _alive(self, weights: Tensor) -> list[bool]:
        """Per node, whether anything but "none" can reach it from the input."""
        carries = [
            any(w for w, name in zip(row, self.operations, strict=True) if name != "none")
            for row in weights.tolist()
        ]
        alive = [True, False, False, False]
        for (source, target), carried in zip(EDGES, carries, strict=True):
            alive[target] |= alive[source] and carried
        return alive
