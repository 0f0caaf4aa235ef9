"""Supernets, and the stand-alone network of a path with its weights."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_lib.core import make_rng
from course_lib.datasets import Images
from course_lib.nas.canonical import canonical_form
from course_lib.nas.cell_network import Cell, CellNetwork
from course_lib.nas.cells import CellSpace
from course_lib.nas.operations import Operation
from course_lib.nas.supernet import (
    Supernet,
    mixed_op,
)

SPACE = CellSpace()


SHAPE = {"channels": (3, 4), "classes": 5, "image": (2, 6, 8)}


def images(count: int = 30, seed: int = 0) -> Images:
    rng = make_rng(seed)
    return Images(
        torch.randn(count, 2, 6, 8, generator=rng), torch.randint(5, (count,), generator=rng)
    )


def supernet(seed: int = 0, space: CellSpace = SPACE, **given) -> Supernet:
    """Random weights, and scales, shifts and statistics that are not those of a fresh network."""
    rng = make_rng(seed)
    net = Supernet(space, rng=rng, **SHAPE, **given)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in norm_tensors(module):
                tensor.data.uniform_(0.5, 1.5, generator=rng)
    return net


def norm_tensors(norm: nn.BatchNorm2d) -> tuple[Tensor, ...]:
    return norm.weight, norm.bias, norm.running_mean, norm.running_var


@torch.no_grad()
def stand_alone(net: Supernet, arch: tuple[int, ...]) -> CellNetwork:
    """The network that the space builds, with the path's weights copied in."""
    network = net.space.build(arch, **SHAPE).double()
    for part in ("stem", "reduction", "norm", "classify"):
        getattr(network, part).load_state_dict(getattr(net.body, part).state_dict())
    names = net.space.names(arch)
    labels = canonical_form(names)[1]
    for part in ("fine", "coarse"):
        blocks = convolutions(getattr(network, part))
        for edge, label in enumerate(labels):
            if label is not None:
                conv, norm = getattr(net.body, part).edges[edge][names[edge]]
                own = conv.weight, *norm_tensors(norm)
                for to, value in zip(blocks[label], own, strict=True):
                    to.copy_(value)
    return network


def convolutions(cell: Cell) -> list[list[Tensor]]:
    """Weights and statistics of each convolution of the form: parts of the fused tensors."""
    blocks = []
    for (_, count), (conv, norm) in zip(cell.groups, cell.layers, strict=True):
        tensors = conv.weight, *norm_tensors(norm)
        channels = len(conv.weight) // count
        parts = [slice(i * channels, (i + 1) * channels) for i in range(count)]
        blocks += [[tensor[part] for tensor in tensors] for part in parts]
    return blocks


# --- batch normalisation ---
def norms(net: nn.Module) -> dict[str, nn.BatchNorm2d]:
    return {n: m for n, m in net.named_modules() if isinstance(m, nn.BatchNorm2d)}


def one_by_one(operations: Sequence[Operation], x: Tensor, weights: Tensor) -> Tensor:
    """`mixed_op` under another name: of it nobody knows that it asks for all operations."""
    return mixed_op(operations, x, weights)
