"""How fast a cell network trains: ours, built from the canonical form, beside the plain one."""

import statistics
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from bench.timing import Row
from course_lib.core import Arch, make_rng, module_rng
from course_lib.core.threads import one_thread
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.canonical import EDGES
from course_lib.nas.cells import CellSpace
from course_lib.nas.training import train

ARCHITECTURES = 30


class Zero(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


class PlainCell(nn.Module):
    """The cell as NAS-Bench-201 draws it: one module per edge, each node the sum of its edges."""

    def __init__(self, operations: Sequence[str], channels: int) -> None:
        super().__init__()
        self.edges = nn.ModuleList(operation(name, channels) for name in operations)

    def forward(self, x: Tensor) -> Tensor:
        nodes = [x]
        for node in (1, 2, 3):
            incoming = [i for i, (_, target) in enumerate(EDGES) if target == node]
            terms = [self.edges[i](nodes[EDGES[i][0]]) for i in incoming]
            nodes.append(torch.stack(terms).sum(0))
        return nodes[-1]


def operation(name: str, channels: int) -> nn.Module:
    if name == "none":
        return Zero()
    if name == "skip_connect":
        return nn.Identity()
    if name == "avg_pool_3x3":
        return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
    kernel = {"nor_conv_1x1": 1, "nor_conv_3x3": 3}[name]
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(channels, channels, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(channels),
    )


def plain_network(space: CellSpace, arch: Arch, seed: int) -> nn.Module:
    """The same skeleton around plain cells."""
    network = space.build(arch, rng=make_rng(seed))
    operations = space.names(arch)
    with module_rng(make_rng(seed)):
        network.add_module("fine", PlainCell(operations, 8))
        network.add_module("coarse", PlainCell(operations, 16))
    return network


def cell_network_row() -> Row:
    """Random cells, each trained both ways in turns, on one thread.

    tests/nas/test_cell_network.py holds the law that the same weights give the same function (a
    convolution that reads zero counts as zero there; the plain one adds its shift).
    """
    space, task = CellSpace(), cluttered_digits()
    rng = make_rng(0)
    archs = [space.sample(rng) for _ in range(ARCHITECTURES)]
    own, plain = [], []
    with one_thread():
        train(space.build(archs[0]), task, make_rng(0), epochs=1)  # imports what torch puts off
        for seed, arch in enumerate(archs):
            own.append(seconds(space.build(arch, rng=make_rng(seed)), task, seed))
            plain.append(seconds(plain_network(space, arch, seed), task, seed))
    ratio = statistics.median(peer / ours for ours, peer in zip(own, plain, strict=True))
    return Row(
        what=f"train a cell network, {ARCHITECTURES} random cells",
        against="one module per edge",
        unit="s",
        ours=own,
        peer=plain,
        goal=f"1.7 times faster (median now {ratio:.2f})",
        met=ratio >= 1.7,
    )


def seconds(network: nn.Module, task: ImageTask, seed: int) -> float:
    """Processor seconds of training."""
    return train(network, task, make_rng(seed)).seconds
