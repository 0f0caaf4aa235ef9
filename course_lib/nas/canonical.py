"""When two cells are the same network: the canonical form of a NAS-Bench-201 cell.

Identity: two cells are the same network exactly when, after deleting what is zero, following skip
connections and distributing the (linear) pooling over sums, they add up the same terms with the
same integer multiplicities, up to the names of their convolutions.

A cell has nodes 0 (input), 1, 2, 3 (output); node j is the sum over i < j of edge (i, j) applied
to node i. Each node is thus written as sum of m * pool^k(b), where m and k are integers and b is
the cell's input or the output of one convolution, and a convolution (ReLU - conv - BN) is known by
its kernel and by the sum that it reads. What this means:

- a convolution that reads an identically zero node adds nothing and has no weights (in the
  original benchmark it would still add the shift of its batch normalisation);
- so has a convolution that does not reach the output;
- weights are respected: twice one convolution is not the sum of two convolutions;
- pool(a + b) = pool(a) + pool(b), since averaging is linear;
- a multiple m * s of what a convolution reads stays different from s, although batch
  normalisation nearly undoes it.

The 15,625 cells have 5,044 forms; without the law of pooling there would be 5,260.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations, product
from typing import Any

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""(from, to) of the six edges, in the order of the benchmark's strings."""

KERNELS = {"nor_conv_1x1": 1, "nor_conv_3x3": 3}

INPUT = -1
"""The base that stands for the cell's input; 0, 1, ... are the form's convolutions."""

Sum = tuple[tuple[int, int, int], ...]
"""Sorted terms (base, pools, multiplicity): the sum of multiplicity * pool^pools(base)."""

_Counts = Counter[tuple[int, int]]


@dataclass(frozen=True, order=True)
class Conv:
    """ReLU - conv - BN with a kernel of `kernel` x `kernel`, reading the sum `reads`."""

    kernel: int
    reads: Sum


@dataclass(frozen=True, order=True)
class Form:
    """A cell's identity: its live convolutions, each after those it reads, and its output."""

    convs: tuple[Conv, ...]
    output: Sum

    def __str__(self) -> str:
        """For example `a = 3x3(x); b = 1x1(x + 2 a); a + pool(b)`; an empty sum is `0`."""
        lines = [
            f"{_name(i)} = {conv.kernel}x{conv.kernel}({_spell(conv.reads)})"
            for i, conv in enumerate(self.convs)
        ]
        return "; ".join([*lines, _spell(self.output)])


def canonical_form(operations: Sequence[str]) -> tuple[Form, tuple[int | None, ...]]:
    """The form of a cell and, per edge, which of the form's convolutions it holds (or None).

    operations: one operation name per edge, in the order of `EDGES`.
    """
    reads, output = _trace(operations)
    live = _live(reads, output)
    kernels = {edge: KERNELS[operations[edge]] for edge in live}
    form, order = min(
        (_relabel(order, kernels, reads, output), order) for order in _orders(live, kernels, reads)
    )
    index = {edge: i for i, edge in enumerate(order)}
    return form, tuple(index.get(edge) for edge in range(len(EDGES)))


def _trace(operations: Sequence[str]) -> tuple[dict[int, _Counts], _Counts]:
    """What each convolution (known by its edge) reads, and the cell's output."""
    nodes: list[_Counts] = [Counter({(INPUT, 0): 1}), Counter(), Counter(), Counter()]
    reads: dict[int, _Counts] = {}
    for edge, ((source, target), operation) in enumerate(zip(EDGES, operations, strict=True)):
        value = nodes[source]
        if operation == "none" or not value:
            continue
        if operation == "avg_pool_3x3":
            value = Counter({(base, pools + 1): m for (base, pools), m in value.items()})
        elif operation in KERNELS:
            reads[edge] = value
            value = Counter({(edge, 0): 1})
        nodes[target] = nodes[target] + value
    return reads, nodes[-1]


def _live(reads: Mapping[int, _Counts], output: _Counts) -> list[int]:
    live: set[int] = set()
    waiting = [output]
    while waiting:
        for base, _ in waiting.pop():
            if base != INPUT and base not in live:
                live.add(base)
                waiting.append(reads[base])
    return sorted(live)


def _orders(
    live: Sequence[int], kernels: Mapping[int, int], reads: Mapping[int, _Counts]
) -> Iterator[tuple[int, ...]]:
    """The orders of the convolutions that a renaming could give, each after what it reads.

    Convolutions are sorted by depth, then by their nested description; only those that this
    leaves tied are permuted.
    """
    depth = {INPUT: 0}
    key: dict[int, tuple[Any, ...]] = {INPUT: ()}
    for edge in live:
        terms = sorted((key[base], pools, m) for (base, pools), m in reads[edge].items())
        key[edge] = (kernels[edge], tuple(terms))
        depth[edge] = 1 + max(depth[base] for base, _ in reads[edge])

    def rank(edge: int) -> tuple[int, tuple[Any, ...]]:
        return depth[edge], key[edge]

    ties = [permutations(tied) for _, tied in groupby(sorted(live, key=rank), key=rank)]
    for parts in product(*ties):
        yield tuple(edge for part in parts for edge in part)


def _relabel(
    order: Sequence[int],
    kernels: Mapping[int, int],
    reads: Mapping[int, _Counts],
    output: _Counts,
) -> Form:
    index = {INPUT: INPUT} | {edge: i for i, edge in enumerate(order)}

    def renamed(counts: _Counts) -> Sum:
        return tuple(sorted((index[base], pools, m) for (base, pools), m in counts.items()))

    return Form(tuple(Conv(kernels[edge], renamed(reads[edge])) for edge in order), renamed(output))


def _name(base: int) -> str:
    return "x" if base == INPUT else "abcdef"[base]


def _spell(terms: Sum) -> str:
    def spell(base: int, pools: int, multiplicity: int) -> str:
        pooled = "pool(" * pools + _name(base) + ")" * pools
        return pooled if multiplicity == 1 else f"{multiplicity} {pooled}"

    return " + ".join(spell(*term) for term in terms) or "0"
