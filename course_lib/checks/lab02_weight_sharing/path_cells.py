"""Cells of nested operations whose paths are known: by enumeration, and as stand-alone networks."""

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course_lib.core import Arch, randint
from course_lib.nas.canonical import EDGES
from course_lib.nas.cell_network import Cell
from course_lib.nas.cells import CellSpace

Edge = tuple[int, int]
Operation = Callable[[Tensor], Tensor]


def all_edges(nodes: int) -> tuple[Edge, ...]:
    """Every (from, to) with from < to, by the node that they lead to, as in `EDGES`."""
    return tuple((i, j) for j in range(1, nodes) for i in range(j))


def exchanged_walk(
    *,
    order: Callable[[Any], Any] = lambda edges: edges,
    pick: Callable[..., Tensor] = lambda choices, choice, x: choices[choice](x),
    read: Callable[..., Tensor] = lambda nodes, source, out: nodes[source],
    join: Callable[[list[Tensor]], Tensor] = lambda parts: torch.stack(parts).sum(0),
    finish: Callable[..., Any] = lambda nodes, last, out: nodes[last],
) -> Callable[..., Any]:
    """An answer to `run_path`, right unless a part is exchanged.

    read: nodes, source and what the edge before gave. finish: nodes, the last one's number, what
    the last edge gave.
    """

    def answer(operations: Any, edges: Any, arch: Arch, x: Tensor) -> Any:
        incoming: dict[int, list[Tensor]] = {}
        nodes, out = {0: x}, x
        for (source, target), choices, choice in zip(order(edges), operations, arch, strict=True):
            out = pick(choices, choice, read(nodes, source, out))
            incoming.setdefault(target, []).append(out)
            nodes[target] = join(incoming[target])
        return finish(nodes, max(nodes), out)

    return answer


class LinearCell:
    """Operations x -> x @ M, so that a path is a sum over walks from node 0 to the last node.

    called: (edge, choice) of every call, in order.
    """

    def __init__(self, rng: Generator, edges: Sequence[Edge], choices: int, width: int = 3) -> None:
        shape = (len(edges), choices, width, width)
        self.edges = tuple(edges)
        self.matrices = torch.randn(shape, generator=rng, dtype=torch.float64) * 0.7
        self.x = torch.randn(4, width, generator=rng, dtype=torch.float64)
        self.arch: Arch = tuple(randint(rng, choices) for _ in edges)
        self.called: list[tuple[int, int]] = []
        self.operations = [
            [self._operation(edge, choice) for choice in range(choices)]
            for edge in range(len(edges))
        ]

    def _operation(self, edge: int, choice: int) -> Operation:
        def apply(x: Tensor) -> Tensor:
            self.called.append((edge, choice))
            return x @ self.matrices[edge, choice]

        return apply

    def output(self, edges: Sequence[Edge] | None = None, *, last: int | None = None) -> Tensor:
        """sum over all walks 0 -> ... -> last of x M M ... M, by enumeration of the nodes between.

        edges: in which order the operations are thought to stand; last: the node, the greatest.
        """
        order = list(self.edges if edges is None else edges)
        end = max(target for _, target in order) if last is None else last
        total = torch.zeros_like(self.x)
        for count in range(end):
            for between in combinations(range(1, end), count):
                walk = list(pairwise((0, *between, end)))
                if all(step in order for step in walk):
                    out = self.x
                    for step in walk:
                        place = order.index(step)
                        out = out @ self.matrices[place, self.arch[place]]
                    total = total + out
        return total


class ConvCell:
    """Edges of NAS-Bench-201 with all operations, float64, and a path as a stand-alone network."""

    def __init__(self, rng: Generator, channels: int = 3, size: int = 5) -> None:
        self.space = CellSpace()
        self.channels, self.size = channels, size
        self.x = torch.randn(2, channels, size, size, generator=rng, dtype=torch.float64)
        self._convs = {
            (edge, kernel): _conv(rng, channels, kernel)
            for edge in range(len(EDGES))
            for kernel in (1, 3)
        }
        self.operations: list[list[Operation]] = [
            [torch.zeros_like, _same, self._convs[edge, 1], self._convs[edge, 3], _pool]
            for edge in range(len(EDGES))
        ]

    def paths(self, rng: Generator) -> list[Arch]:
        """Paths in which no convolution reads a node that is zero (there forms differ by BN).

        In turn each edge is a skip, each is `none`, and two have neither rule.
        """
        rules = [(edge, choice) for choice in (1, 0) for edge in range(len(EDGES))]
        return [self._path(rng, dict([rule])) for rule in rules] + [
            self._path(rng, {}) for _ in range(2)
        ]

    def _path(self, rng: Generator, fixed: dict[int, int]) -> Arch:
        while True:
            drawn = self.space.sample(rng)
            arch = tuple(fixed.get(edge, choice) for edge, choice in enumerate(drawn))
            names = self.space.names(arch)
            fed, clear = {0}, True
            for (source, target), name in zip(EDGES, names, strict=True):
                clear &= source in fed or "conv" not in name
                if name != "none" and source in fed:
                    fed.add(target)
            if clear and 3 in fed and any("conv" in name for name in names):
                return arch

    @torch.no_grad()
    def stand_alone(self, arch: Arch) -> Tensor:
        """The output of the cell that the library builds for `arch`, with this path's weights.

        The library merges what reads the same sum and leaves out what does not reach the output.
        """
        from course_lib.nas.canonical import canonical_form

        form, owner = canonical_form(self.space.names(arch))
        cell = Cell(form, self.channels, (self.size, self.size)).double().eval()
        edge_of = {conv: edge for edge, conv in enumerate(owner) if conv is not None}
        first = 0
        for (conv, count), layer in zip(cell.groups, cell.layers, strict=True):
            parts = [self._convs[edge_of[first + i], conv.kernel] for i in range(count)]
            assert isinstance(layer, nn.Sequential)
            state = {
                name: torch.cat([part[1:].state_dict()[f"{int(name[0]) + 1}{name[1:]}"]
                                 for part in parts])
                for name in layer.state_dict()
                if not name.endswith("num_batches_tracked")
            }  # fmt: skip
            layer.load_state_dict(state, strict=False)
            first += count
        found: Tensor = cell(self.x)
        return found


def _conv(rng: Generator, channels: int, kernel: int) -> nn.Sequential:
    """ReLU - convolution - BN in evaluation mode, everything drawn."""
    conv = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, bias=False)
    norm = nn.BatchNorm2d(channels)
    layer = nn.Sequential(nn.ReLU(), conv, norm).double().eval()
    for weights in (*layer.parameters(), norm.running_mean):
        assert weights is not None
        nn.init.normal_(weights.data, 0.0, 0.6, generator=rng)
    assert norm.running_var is not None
    nn.init.uniform_(norm.running_var, 0.5, 1.5, generator=rng)
    return layer


def _same(x: Tensor) -> Tensor:
    return x


def _pool(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
