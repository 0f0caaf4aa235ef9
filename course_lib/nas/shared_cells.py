"""NAS-Bench-201's cell with every operation on every edge: the supergraph of `CellSpace`."""

from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.nas.canonical import EDGES, KERNELS
from course_lib.nas.cell_network import ConvBN, Pool, Reduction, check_even, side_by_side
from course_lib.nas.known_path import KnownPath, known_path
from course_lib.nas.operations import MixedOp, Once, Operation, edge_output, identity
from course_lib.nas.operations import mixed_op as computes_all
from course_lib.nas.operations import sampled_op as computes_one

READERS = [[edge for edge, (source, _) in enumerate(EDGES) if source == node] for node in range(4)]
"""Per node, the edges that read it."""


class SharedCell(nn.Module):
    """One cell, (n, channels, *size) -> the same; node j = sum over i < j of edge (i, j) of node i.

    edges: per edge, in the order of `EDGES`, its convolutions by name. Under `mixed_op`, which asks
        for all operations, those of one kernel that read one node run as one convolution.
    """

    def __init__(self, operations: Sequence[str], channels: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.operations = tuple(operations)
        self.kernels = [name for name in operations if name in KERNELS]
        self.edges = nn.ModuleList(
            nn.ModuleDict(
                {name: ConvBN(channels, channels, KERNELS[name]) for name in self.kernels}
            )
            for _ in EDGES
        )
        self.pool = Pool(channels, size)

    def forward(
        self, x: Tensor, weights: Tensor, mixed_op: MixedOp, alive: Sequence[bool]
    ) -> Tensor:
        fused = mixed_op is computes_all
        names = self.operations
        if fused:
            names = tuple(name for name in names if name != "none") or names
            kept = torch.tensor(
                [self.operations.index(name) for name in names], device=weights.device
            )
            weights = weights.index_select(1, kept)
        nodes = [x]
        tables = [self._tables(0, names, alive[0], fused)]
        rows = weights.unbind()
        for target in (1, 2, 3):
            terms = [
                edge_output(mixed_op, tables[source](edge), nodes[source], rows[edge])
                for edge, (source, end) in enumerate(EDGES)
                if end == target
            ]
            nodes.append(sum(terms[1:], terms[0]))
            tables.append(self._tables(target, names, alive[target], fused))
        return nodes[-1]

    def along(self, x: Tensor, path: KnownPath) -> Tensor:
        """What `forward` computes under `sampled_op`, which takes one operation per edge.

        Convolutions of one kernel that read one node run side by side.
        """
        relu, nodes = Once(F.relu), {0: x}
        for source, name, edges in path.steps:
            read = nodes[source]
            terms: Sequence[Tensor]
            if name in self.kernels:
                layers = self._layers(edges, name)
                joint = len(layers) > 1
                terms = side_by_side(layers, relu(read)) if joint else [layers[0](relu(read))]
            else:
                terms = [read if name == "skip_connect" else self.pool(read)] * len(edges)
            for edge, term in zip(edges, terms, strict=True):
                target = EDGES[edge][1]
                weighed = term if path.weights is None else path.weights[edge] * term
                nodes[target] = nodes[target] + weighed if target in nodes else weighed
        return nodes[3] if 3 in nodes else torch.zeros_like(x)

    def _tables(
        self, node: int, names: Sequence[str], alive: bool, fused: bool
    ) -> Callable[[int], list[Operation]]:
        """For one node, from an edge that reads it to its operations, which share ReLU and pool.

        fused: whether all operations will be asked for. Then those convolutions of the node's edges
        that have one kernel run side by side when the first is asked for.
        Whatever reads a dead (identically zero) node adds nothing, not even a convolution's shift.
        """
        relu, pool = Once(F.relu), Once(self.pool)
        readers = READERS[node]
        joint = {
            name: Once(self._joint(readers, name, relu))
            for name in self.kernels
            if fused and len(readers) > 1
        }

        def conv(name: str, edge: int) -> Operation:
            if name in joint:
                return lambda x: joint[name](x)[readers.index(edge)]
            (layer,) = self._layers([edge], name)
            return lambda x: layer(relu(x))

        def operations(edge: int) -> list[Operation]:
            table: dict[str, Operation] = dict.fromkeys(self.operations, torch.zeros_like)
            if alive:
                table |= {name: conv(name, edge) for name in self.kernels}
                table["avg_pool_3x3"] = pool
            table["skip_connect"] = identity
            return [table[name] for name in names]

        return operations

    def _joint(
        self, readers: Sequence[int], name: str, relu: Operation
    ) -> Callable[[Tensor], tuple[Tensor, ...]]:
        return lambda x: side_by_side(self._layers(readers, name), relu(x))

    def _layers(self, edges: Sequence[int], name: str) -> list[ConvBN]:
        return [cast(ConvBN, cast(nn.ModuleDict, self.edges[edge])[name]) for edge in edges]


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
        if mixed_op is computes_one:
            path = known_path(weights, self.operations)
            x = self.fine.along(self.stem(x), path)
            x = self.coarse.along(self.reduction(x), path)
        else:
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
