"""The counted layers are those of the networks that are built."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course_lib.core import make_rng
from course_lib.hardware.accelerator import ConvShape
from course_lib.hardware.cell_layers import cell_layers, live_convolutions
from course_lib.hardware.chain import Chain, ConvLayer, mobilenet
from course_lib.hardware.chain_layers import chain_layers
from course_lib.hardware.macs import batch_macs
from course_lib.hardware.tiled import macs
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import digits201


def test_live_convolutions_are_those_of_the_canonical_form() -> None:
    space, rng = CellSpace(), make_rng(0)
    archs = [space.sample(rng) for _ in range(100)]
    counted = live_convolutions(archs)
    for arch, (ones, threes) in zip(archs, counted.tolist(), strict=True):
        kernels = [conv.kernel for conv in space.canonical(arch).convs]
        assert (kernels.count(1), kernels.count(3)) == (ones, threes)


def test_a_table_s_networks_have_the_macs_that_torch_counts() -> None:
    table = digits201()
    shapes, counts = cell_layers(table)
    per_network = counts @ [macs(shape) for shape in shapes]
    strings, rng = list(table.space), make_rng(1)
    assert len(counts) == len(table.curves)
    for index in torch.randint(len(strings), (6,), generator=rng).tolist():
        counter = FlopCounterMode(display=False)
        network = table.space.build(strings[index])
        pools = sum(
            2 * 9 * each.valid.numel() for each in network.modules() if hasattr(each, "valid")
        )
        with counter, torch.no_grad():
            network.eval()(torch.zeros(1, 1, 12, 12))
        assert 0 <= counter.get_total_flops() - 2 * per_network[table.rows[index]] <= 3 * pools


def test_a_chain_has_the_macs_of_its_layers() -> None:
    chain = mobilenet((4, 6, 8))
    channels = [list(chain.channels), [3, 3, 5, 5, 8]]
    shapes, counts = chain_layers(chain, channels)
    found = counts @ [macs(shape) for shape in shapes]
    np.testing.assert_array_equal(found, batch_macs(chain, torch.tensor(channels)).sum(1))
    assert ConvShape(3, 3, 12, 3, groups=3) in shapes


def test_long_pictures_are_refused() -> None:
    chain = Chain((ConvLayer(4),), image=(1, 12, 10))
    with pytest.raises(ValueError, match="square, got 12 x 10"):
        chain_layers(chain, [[4]])


def test_a_network_without_convolutions_is_its_frame() -> None:
    network = CellSpace().build((0,) * 6)
    convs = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert live_convolutions([(0,) * 6]).tolist() == [[0, 0]]
    assert len(convs) == 4
