"""The space of DARTS: a normal and a reduction cell, each node fed by two edges.

Source: Liu et al. 2019, "DARTS", sec. 2.1 and 3.1.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import torch
from torch import Generator, Tensor

from course_lib.core import Arch, Space, make_rng, module_rng
from course_lib.nas.darts_network import DartsNetwork, Edge, SharedDartsNetwork
from course_lib.nas.words import unknown_word

OPERATIONS = (
    "none",
    "skip_connect",
    "max_pool_3x3",
    "avg_pool_3x3",
    "sep_conv_3x3",
    "dil_conv_3x3",
)
"""Zero; identity; pooling; ReLU and separable convolution, twice; the same once, dilated by 2."""

CELLS = ("normal", "reduction")

Node = tuple[tuple[int, str], tuple[int, str]]
"""The two incoming edges of a node: (what it reads, operation), what it reads increasing."""

Genotype = Mapping[str, Sequence[Node]]
"""Per cell of `CELLS`, its nodes 2, 3, ..."""


class DartsSpace(Space):
    """Two cells of `nodes` nodes; every node reads two of the cell's inputs and earlier nodes.

    The inputs of a cell are 0 and 1, its nodes 2, 3, ... The decisions are, for each node of the
    normal and then of the reduction cell: which pair it reads, the operation of the first edge, the
    operation of the second. "none" serves only the supergraph: no architecture chooses it.
    """

    def __init__(self, nodes: int = 3, operations: Sequence[str] = OPERATIONS) -> None:
        self.nodes = nodes
        self.operations = tuple(operations)
        if nodes < 1:
            raise ValueError(f"nodes must be at least 1, got {nodes}")
        for name in self.operations:
            if name not in OPERATIONS:
                raise ValueError(unknown_word(name, OPERATIONS))
        if len(set(self.operations)) != len(self.operations):
            raise ValueError(f"every operation may be given once, got {list(self.operations)}")
        self.choosable = tuple(name for name in self.operations if name != "none")
        if not self.choosable:
            raise ValueError(f"expected an operation besides none, got {list(self.operations)}")
        self.cell_edges: tuple[Edge, ...] = tuple(
            (source, target) for target in range(2, nodes + 2) for source in range(target)
        )
        count = len(self.choosable)
        per_cell = [c for node in range(nodes) for c in (len(self._pairs(node)), count, count)]
        super().__init__(2 * per_cell)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DartsSpace) and (self.nodes, self.operations) == (
            other.nodes,
            other.operations,
        )

    def __hash__(self) -> int:
        return hash((self.nodes, self.operations))

    def __repr__(self) -> str:
        return f"DartsSpace({self.nodes}, {self.operations!r})"

    @staticmethod
    def _pairs(node: int) -> list[Edge]:
        return list(combinations(range(node + 2), 2))

    @property
    def edges(self) -> int:
        """Rows of alpha: `cell_edges` of the normal cell, then those of the reduction cell."""
        return 2 * len(self.cell_edges)

    def genotype(self, arch: Arch) -> Genotype:
        """Per cell and node, the two edges that it reads and their operations."""
        decisions = iter(self.validate(arch))
        return {cell: [self._node(node, decisions) for node in range(self.nodes)] for cell in CELLS}

    def _node(self, node: int, decisions: Iterator[int]) -> Node:
        one, other = self._pairs(node)[next(decisions)]
        return (one, self.choosable[next(decisions)]), (other, self.choosable[next(decisions)])

    def encode(self, genotype: Genotype) -> Arch:
        """The architecture of a genotype; `encode(genotype(arch)) == arch`.

        ValueError says which node is wrong and why.
        """
        decisions: list[int] = []
        for cell in CELLS:
            if len(genotype[cell]) != self.nodes:
                raise ValueError(
                    f"{cell} cell: expected {self.nodes} nodes, got {len(genotype[cell])}"
                )
            for node, edges in enumerate(genotype[cell]):
                decisions += self._encode_node(f"{cell} cell, node {node + 2}", node, edges)
        return tuple(decisions)

    def _encode_node(self, where: str, node: int, edges: Node) -> list[int]:
        pair = tuple(source for source, _ in edges)
        if pair not in self._pairs(node):
            raise ValueError(
                f"{where} reads {', '.join(map(str, pair))}, expected two different ones of "
                f"0 to {node + 1}, the smaller first"
            )
        for _, name in edges:
            if name not in self.choosable:
                raise ValueError(f"{where}: {unknown_word(name, self.choosable)}")
        names = [self.choosable.index(name) for _, name in edges]
        return [self._pairs(node).index(pair), *names]

    def describe(self, arch: Arch) -> str:
        """One line, "normal: 2 = sep_conv_3x3(0) + skip_connect(1); 3 = ... | reduction: ..."."""
        return " | ".join(
            f"{cell}: "
            + "; ".join(
                f"{number} = " + " + ".join(f"{name}({source})" for source, name in node)
                for number, node in enumerate(nodes, start=2)
            )
            for cell, nodes in self.genotype(arch).items()
        )

    def parse(self, text: str) -> Arch:
        """The architecture of a line as `describe` writes it; ValueError says what is wrong."""
        genotype = {}
        cells = text.split("|")
        if len(cells) != len(CELLS):
            raise ValueError(f'expected "normal: ... | reduction: ...", got {text!r}')
        for cell, part in zip(CELLS, cells, strict=True):
            name, colon, nodes = part.strip().partition(":")
            if name != cell or not colon:
                raise ValueError(f'expected "{cell}: 2 = ...", got {part.strip()!r}')
            genotype[cell] = [
                _parse_node(cell, number, node)
                for number, node in enumerate(nodes.split(";"), start=2)
            ]
        return self.encode(genotype)

    def one_hot(self, arch: Arch) -> Tensor:
        """The architecture as weights of a supernet: (edges, operations).

        A single 1 in the row of a chosen edge, at its operation; the other edges are "none" (all
        zeros in a space without "none").
        """
        weights = torch.zeros(self.edges, len(self.operations))
        if "none" in self.operations:
            weights[:, self.operations.index("none")] = 1
        for cell, nodes in enumerate(self.genotype(arch).values()):
            for target, node in enumerate(nodes, start=2):
                for source, name in node:
                    row = cell * len(self.cell_edges) + self.cell_edges.index((source, target))
                    weights[row] = 0
                    weights[row, self.operations.index(name)] = 1
        return weights

    def build(
        self,
        arch: Arch,
        *,
        rng: Generator | None = None,
        channels: tuple[int, int] = (8, 16),
        classes: int = 10,
        image: tuple[int, int, int] = (1, 12, 12),
    ) -> DartsNetwork:
        """The network of `arch` alone: images (n, *image) to logits (n, classes).

        rng: draws the weights; None stands for `make_rng(0)`.
        """
        normal, reduction = (
            {
                (source, target): (name,)
                for target, node in enumerate(nodes, start=2)
                for source, name in node
            }
            for nodes in self.genotype(arch).values()
        )
        with module_rng(make_rng(0) if rng is None else rng):
            return DartsNetwork(
                normal, reduction, channels=channels, classes=classes, image=image
            ).to(memory_format=torch.channels_last)

    def shared_network(
        self, *, channels: tuple[int, int], classes: int, image: tuple[int, int, int]
    ) -> SharedDartsNetwork:
        """The body of a `Supernet`: every operation on every edge."""
        edges = dict.fromkeys(self.cell_edges, self.operations)
        return SharedDartsNetwork(edges, edges, channels=channels, classes=classes, image=image)


def _parse_node(cell: str, number: int, text: str) -> Node:
    """ "2 = sep_conv_3x3(0) + skip_connect(1)" as node 2."""
    match = re.fullmatch(rf"\s*{number} = (\w+)\((\d+)\) \+ (\w+)\((\d+)\)\s*", text)
    if not match:
        raise ValueError(
            f'{cell} cell: expected "{number} = operation(input) + operation(input)", got '
            f"{text.strip()!r}"
        )
    first, one, second, other = match.groups()
    return (int(one), first), (int(other), second)
