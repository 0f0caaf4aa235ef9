"""NAS-Bench-201's cell with every operation on every edge: the supergraph of `CellSpace`."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.nas.canonical import EDGES
from course_lib.nas.cell_network import ConvBN, Reduction, check_even
from course_lib.nas.operations import CELL_OPERATIONS, MixedOp, Operation, Zero, edge_output


class SharedCell(nn.Module):
    """One cell, (n, channels, *size) -> the same; node j = sum over i < j of edge (i, j) of node i.

    edges: per edge, in the order of `EDGES`, one module per operation.
    """

    def __init__(self, operations: Sequence[str], channels: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.edges = nn.ModuleList(
            nn.ModuleList(CELL_OPERATIONS[name](channels, size) for name in operations)
            for _ in EDGES
        )
        self.zero = Zero()

    def forward(
        self, x: Tensor, weights: Tensor, mixed_op: MixedOp, alive: Sequence[bool]
    ) -> Tensor:
        nodes = [x]
        rows = weights.unbind()
        for target in (1, 2, 3):
            terms = [
                edge_output(mixed_op, self._operations(edge, alive[source]), nodes[source], row)
                for edge, ((source, end), row) in enumerate(zip(EDGES, rows, strict=True))
                if end == target
            ]
            nodes.append(sum(terms[1:], terms[0]))
        return nodes[-1]

    def _operations(self, edge: int, reads_something: bool) -> list[Operation]:
        """A convolution that reads an identically zero node adds nothing, not even its shift."""
        operations = list(cast(nn.ModuleList, self.edges[edge]))
        if reads_something:
            return cast(list[Operation], operations)
        return [self.zero if _has_weights(one) else one for one in operations]


def _has_weights(module: nn.Module) -> bool:
    return next(module.parameters(), None) is not None


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
