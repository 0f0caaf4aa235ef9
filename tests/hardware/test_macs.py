"""MACs are half of what torch's own counter says of the network that is really there."""

from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course_lib.core import make_rng
from course_lib.hardware.chain import Chain, chain_network, mobilenet, vgg
from course_lib.hardware.macs import batch_macs, chain_macs, total_macs
from course_lib.hardware.prune import prune_chain
from tests.hardware.chains import chains, random_keep


def counted(network: nn.Module, image: tuple[int, int, int]) -> float:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.eval()(torch.zeros(1, *image))
    return counter.get_total_flops() / 2


@settings(max_examples=20, deadline=None)
@given(chains(), st.integers(0, 100))
def test_macs_of_a_pruned_chain_are_those_of_the_physical_network(chain: Chain, seed: int) -> None:
    keep = random_keep(chain, seed)
    counts = [len(kept) for kept in keep]
    assert sum(chain_macs(chain, counts)) == counted(
        prune_chain(chain_network(chain), keep), chain.image
    )


@settings(max_examples=20, deadline=None)
@given(chains())
def test_every_layer_has_its_own_macs(chain: Chain) -> None:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        chain_network(chain).eval()(torch.zeros(1, *chain.image))
    blocks = [f"Sequential.{place}.0" for place in range(len(chain.layers))]
    names = [*blocks, f"Sequential.{len(blocks) + 2}"]
    by_layer = [sum(counter.get_flop_counts()[name].values()) / 2 for name in names]
    assert chain_macs(chain, chain.channels) == by_layer


@settings(max_examples=20, deadline=None)
@given(chains(), st.integers(0, 100))
def test_many_vectors_at_once_are_each_by_itself(chain: Chain, seed: int) -> None:
    most = torch.tensor(chain.channels)
    ratios = torch.rand(6, len(most), generator=make_rng(seed))
    channels = (ratios * most).long() + 1
    expected = [chain_macs(chain, row) for row in channels.tolist()]
    assert batch_macs(chain, channels).tolist() == expected


def test_the_entry_of_a_depthwise_layer_is_not_read() -> None:
    chain = mobilenet((3, 4, 6))
    assert chain_macs(chain, [2, 1, 3, 99, 5]) == chain_macs(chain, [2, 2, 3, 3, 5])
    assert total_macs(chain, [2, 3, 5]) == sum(chain_macs(chain, [2, 2, 3, 3, 5]))


def test_keeping_half_of_the_channels_keeps_about_a_quarter_of_the_macs() -> None:
    macs = partial(total_macs, vgg())
    share = macs([count // 2 for count in vgg().channels]) / macs(vgg().channels)
    assert 0.25 < share < 0.27


def test_what_has_no_macs_is_refused() -> None:
    with pytest.raises(ValueError, match="expected the channels of 6 layers, got 5"):
        chain_macs(vgg(), [1] * 5)
    with pytest.raises(ValueError, match="at least one channel, got 0"):
        chain_macs(vgg(), [1, 1, 0, 1, 1, 1])
    with pytest.raises(ValueError, match=r"expected channels \(n, layers\), got shape \(6,\)"):
        batch_macs(vgg(), torch.ones(6, dtype=torch.int64))
    with pytest.raises(ValueError, match="at least one channel, got 0"):
        batch_macs(vgg(), torch.zeros(2, 6, dtype=torch.int64))
