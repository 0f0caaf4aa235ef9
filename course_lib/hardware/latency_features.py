"""What a latency may depend on: how a cell of NAS-Bench-201 is said in numbers."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib.core import Arch, Space
from course_lib.nas.canonical import EDGES, Form, Sum
from course_lib.nas.cells import CellSpace


class FormCounts(NamedTuple):
    """What one cell's network computes, by kind.

    conv_1x1, conv_3x3: convolutions. fused: how many are called, those that run as one counting
    once. inputs: different sums that a convolution reads, one ReLU each. pools: average pools.
    sums: additions, and multiplications by a whole number.
    """

    conv_1x1: int
    conv_3x3: int
    fused: int
    inputs: int
    pools: int
    sums: int


def form_counts(form: Form) -> FormCounts:
    """The counts of the network that `CellSpace.build` makes of this form, for one of its cells."""
    work = _Work()
    reads = {conv.reads for conv in form.convs}
    for total in [*reads, form.output]:
        work.add(total)
    kernels = [conv.kernel for conv in form.convs]
    calls = len(list(groupby(form.convs)))
    return FormCounts(
        kernels.count(1), kernels.count(3), calls, len(reads), len(work.pooled), work.sums
    )


class _Work:
    """Counts the pools and sums of totals; a pooled sum is computed once."""

    def __init__(self) -> None:
        self.pooled: set[Sum] = set()
        self.sums = 0

    def add(self, terms: Sum) -> None:
        direct = [m for _, pools, m in terms if pools == 0]
        inner = tuple((base, pools - 1, m) for base, pools, m in terms if pools > 0)
        if inner and inner not in self.pooled:
            self.pooled.add(inner)
            self.add(inner)
        addends = direct + [1] * bool(inner)
        if addends:
            self.sums += len(addends) - 1 + (addends[0] != 1)


def count_features(space: CellSpace, archs: Sequence[Arch]) -> Tensor:
    """(n, 6) float64: the counts of the canonical form, equal for equal networks."""
    known: dict[Form, FormCounts] = {}
    forms = [space.canonical(arch) for arch in archs]
    for form in forms:
        if form not in known:
            known[form] = form_counts(form)
    return torch.tensor([known[form] for form in forms], dtype=torch.float64)


def operation_features(space: CellSpace, archs: Sequence[Arch]) -> Tensor:
    """(n, operations but `none`) float64: how many edges hold each, whether they matter or not."""
    return one_hot_features(space, archs).view(len(archs), len(EDGES), -1).sum(1)[:, 1:]


def one_hot_features(space: Space, archs: Sequence[Arch]) -> Tensor:
    """(n, sum of choices) float64: per position a 1 at its choice."""
    chosen = torch.tensor([space.validate(arch) for arch in archs])
    columns = zip(chosen.T, space.choices, strict=True)
    return torch.cat([F.one_hot(column, count) for column, count in columns], 1).double()


def live_edges(space: CellSpace, arch: Arch) -> Arch:
    """The architecture with `none` on every edge that reads zero or does not reach the output.

    The same network: what its look-up table should add up. ValueError: the space has no `none`.
    """
    if "none" not in space.operations:
        raise ValueError(f"{space} has no operation none to put on a dead edge")
    none = space.operations.index("none")
    used = [choice != none for choice in space.validate(arch)]
    fed, wanted = {0}, {len(EDGES) // 2}
    for edge, (source, target) in enumerate(EDGES):
        if used[edge] and source in fed:
            fed.add(target)
    for edge, (source, target) in reversed(list(enumerate(EDGES))):
        if used[edge] and target in wanted:
            wanted.add(source)
    alive = [source in fed and target in wanted for source, target in EDGES]
    return tuple(c if alive[edge] else none for edge, c in enumerate(arch))
