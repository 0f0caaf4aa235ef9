"""The cell space of NAS-Bench-201: four nodes, six edges, one operation on each edge.

Source: Dong and Yang 2020, "NAS-Bench-201", section 2.1.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches

import torch
from torch import Generator, Tensor

from course_lib.core import Arch, Space, make_rng, module_rng
from course_lib.nas.canonical import EDGES, Form, canonical_form
from course_lib.nas.cell_network import CellNetwork
from course_lib.nas.shared_cells import SharedCellNetwork

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
"""Zero; identity; ReLU - convolution - BN of two sizes; average pooling with stride 1."""

_SHAPE = "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|"


class CellSpace(Space):
    """All cells whose six edges carry one of `operations` each.

    The decisions are the edges (0->1), (0->2), (1->2), (0->3), (1->3), (2->3), in the order of the
    benchmark's strings; a choice is an index into `operations` (at least one of `OPERATIONS`).
    """

    def __init__(self, operations: Sequence[str] = OPERATIONS) -> None:
        self.operations = tuple(operations)
        for operation in self.operations:
            if operation not in OPERATIONS:
                raise ValueError(_unknown(operation, OPERATIONS))
        if len(set(self.operations)) != len(self.operations):
            raise ValueError(f"every operation may be given once, got {list(self.operations)}")
        super().__init__([len(self.operations)] * len(EDGES))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CellSpace) and self.operations == other.operations

    def __hash__(self) -> int:
        return hash(self.operations)

    def __repr__(self) -> str:
        return f"CellSpace({self.operations!r})"

    @property
    def edges(self) -> int:
        """Rows of alpha: six, in the order of the decisions."""
        return len(EDGES)

    def one_hot(self, arch: Arch) -> Tensor:
        """The architecture as weights of a supernet: (edges, operations), a single 1 per row."""
        choices = torch.tensor(self.validate(arch))
        return torch.eye(len(self.operations))[choices]

    def names(self, arch: Arch) -> tuple[str, ...]:
        """The operation on each edge."""
        return tuple(self.operations[choice] for choice in self.validate(arch))

    def describe(self, arch: Arch) -> str:
        """The benchmark's string: per node "|operation~source|...", nodes joined by "+"."""
        edges = [f"{name}~{i}" for name, (i, _) in zip(self.names(arch), EDGES, strict=True)]
        nodes = edges[:1], edges[1:3], edges[3:]
        return "+".join(f"|{'|'.join(node)}|" for node in nodes)

    def parse(self, text: str) -> Arch:
        """The architecture of a string; ValueError says what is wrong with it.

        `parse(describe(arch)) == arch`.
        """
        nodes = text.strip().split("+")
        if len(nodes) != 3:
            raise ValueError(f'{text!r} has {len(nodes)} nodes joined by "+", expected 3: {_SHAPE}')
        arch: list[int] = []
        for number, node in enumerate(nodes, start=1):
            arch += self._parse_node(node, number)
        return tuple(arch)

    def _parse_node(self, node: str, number: int) -> list[int]:
        edges = node.split("|")[1:-1]
        if not re.fullmatch(r"\|.*\|", node) or len(edges) != number:
            raise ValueError(
                f"node {number} is {node!r}, expected {number} operation(s) between bars: {_SHAPE}"
            )
        choices = []
        for source, edge in enumerate(edges):
            name, tilde, read = edge.partition("~")
            if not tilde or read != str(source):
                raise ValueError(
                    f"node {number} has the edge {edge!r}, expected an operation that reads "
                    f'node {source}, written "op~{source}"'
                )
            if name not in self.operations:
                raise ValueError(f"node {number}: {_unknown(name, self.operations)}")
            choices.append(self.operations.index(name))
        return choices

    def canonical(self, arch: Arch) -> Form:
        """The cell's identity: equal for two cells exactly when they are the same network."""
        return canonical_form(self.names(arch))[0]

    def nasbench201_string(self, arch: Arch) -> str:
        """The string by which NAS-Bench-201 itself recognises isomorphic cells.

        A node is the sorted sum of its edges; skip connections vanish, "#" stands for zero. There
        are 6,466 of them. It is no identity of networks: it forgets which weights are shared, so
        that twice one convolution and the sum of two look alike, and keeps zeros as terms.
        """
        nodes = ["0"]
        terms: list[str] = []
        for name, (source, target) in zip(self.names(arch), EDGES, strict=True):
            read = nodes[source]
            if name == "none" or read == "#":
                terms.append("#")
            else:
                terms.append(read if name == "skip_connect" else f"({read})@{name}")
            if source == target - 1:
                nodes.append("+".join(sorted(terms)))
                terms = []
        return nodes[-1]

    def build(
        self,
        arch: Arch,
        *,
        rng: Generator | None = None,
        channels: tuple[int, int] = (8, 16),
        classes: int = 10,
        image: tuple[int, int, int] = (1, 12, 12),
    ) -> CellNetwork:
        """The network of `arch`, one per form: images (n, *image) to logits (n, classes).

        rng: draws the weights; None stands for `make_rng(0)`.
        """
        form = self.canonical(arch)
        with module_rng(make_rng(0) if rng is None else rng):
            return CellNetwork(form, channels=channels, classes=classes, image=image)

    def shared_network(
        self, *, channels: tuple[int, int], classes: int, image: tuple[int, int, int]
    ) -> SharedCellNetwork:
        """The body of a `Supernet`: every operation on every edge."""
        return SharedCellNetwork(self.operations, channels=channels, classes=classes, image=image)


def _unknown(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f", did you mean {near[0]!r}?" if near else ""
    return f"unknown operation {name!r}{hint} expected one of {', '.join(known)}"
