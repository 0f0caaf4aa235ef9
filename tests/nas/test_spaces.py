"""What the three spaces share: every architecture has its network."""

import pytest
import torch

from course_lib.core import make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.layers import LayerSpace
from course_lib.nas.strings import StringSpace


@pytest.mark.parametrize(
    "space", [CellSpace(), LayerSpace(), StringSpace()], ids=["cells", "layers", "strings"]
)
def test_build_without_a_generator_is_build_with_generator_0(space):
    arch = space.sample(make_rng(1))
    plain, zero, one = (
        space.build(arch, **given).state_dict()
        for given in ({}, {"rng": make_rng(0)}, {"rng": make_rng(1)})
    )
    assert all(torch.equal(plain[name], zero[name]) for name in zero)
    assert not all(torch.equal(plain[name], one[name]) for name in one)
