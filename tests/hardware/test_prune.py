"""A pruned network is physically smaller, and what it computes is the masked one's."""

import copy
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course_lib.hardware.chain import Chain
from course_lib.hardware.prune import convolutions, is_depthwise, prune_chain, prune_pair
from tests.hardware.chains import SHAPES, chains, lively, pictures, random_keep


def masked(network: nn.Sequential, keep: list[Tensor], x: Tensor) -> Tensor:
    """The full network with all other channels set to 0 behind BN and ReLU."""
    for place, block in enumerate(network):
        x = block(x)
        if place < len(keep):
            mask = torch.zeros(x.shape[1], dtype=x.dtype)
            mask[keep[place]] = 1
            x = x * mask[:, None, None]
    return x


@settings(max_examples=20, deadline=None)
@given(chains(), st.integers(0, 1000))
def test_the_output_is_that_of_masking_behind_bn_and_relu(chain: Chain, seed: int) -> None:
    network, keep, x = lively(chain, seed), random_keep(chain, seed + 1), pictures(chain)
    with torch.no_grad():
        torch.testing.assert_close(prune_chain(network, keep)(x), masked(network, keep, x))


@settings(max_examples=20, deadline=None)
@given(chains(), st.integers(0, 1000))
def test_the_parameters_are_those_of_a_chain_of_this_size(chain: Chain, seed: int) -> None:
    keep = random_keep(chain, seed)
    pruned = prune_chain(lively(chain), keep)
    before, expected = chain.image[0], 0
    for layer, kept in zip(chain.layers, keep, strict=True):
        inputs = 1 if layer.depthwise else before
        expected += len(kept) * (inputs * layer.kernel**2 + 2)
        before = len(kept)
    expected += (before + 1) * chain.classes
    assert sum(weight.numel() for weight in pruned.parameters()) == expected
    assert [conv.out_channels for _, conv in convolutions(pruned)] == [len(kept) for kept in keep]


def test_pruning_twice_is_pruning_once() -> None:
    chain = SHAPES["mobilenet"]
    network, x = lively(chain), pictures(chain)
    first = [torch.tensor([0, 2])] * 2 + [torch.tensor([0, 1, 3])] * 2 + [torch.tensor([1, 2, 5])]
    second = [torch.tensor([1])] * 2 + [torch.tensor([0, 2])] * 2 + [torch.tensor([2])]
    both = [kept[again] for kept, again in zip(first, second, strict=True)]
    twice = prune_chain(prune_chain(network, first), second)
    torch.testing.assert_close(twice(x), prune_chain(network, both)(x))


@pytest.mark.parametrize("training", [True, False])
def test_the_given_network_stays_and_the_new_one_is_its_own(training: bool) -> None:
    chain = SHAPES["vgg"]
    network = lively(chain).train(training)
    before = copy.deepcopy(network.state_dict())
    pruned = prune_chain(network, random_keep(chain))
    assert all(module.training == training for module in pruned.modules())
    for weight in [*pruned.parameters(), *pruned.buffers()]:
        weight.data.zero_()
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


def test_zeroing_the_filters_is_not_pruning() -> None:
    """BN adds its shift, so that a filter of zeros still speaks."""
    chain = SHAPES["vgg"]
    network, x = lively(chain), pictures(chain)
    keep = [torch.tensor([0]), torch.arange(4), torch.arange(5)]
    zeroed = copy.deepcopy(network)
    zeroed[0][0].weight.data[1:] = 0
    with torch.no_grad():
        assert (prune_chain(network, keep)(x) - zeroed(x)).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("following", "read"),
    [
        (nn.Conv2d(6, 4, 3), lambda layer, x: layer(x)),
        (nn.Conv2d(6, 6, 3, groups=6, bias=False), lambda layer, x: layer(x)),
        (nn.Linear(6 * 4, 3), lambda layer, x: layer(x.flatten(1))),
        (nn.Linear(6, 3), lambda layer, x: layer(x.mean((2, 3)))),
    ],
    ids=["conv", "depthwise", "linear over maps", "linear over means"],
)
def test_a_pair_computes_what_masking_computes(following: nn.Module, read: object) -> None:
    size = 2 if isinstance(following, nn.Linear) else 5
    conv, norm = nn.Conv2d(2, 6, 3, padding=1), nn.BatchNorm2d(6)
    nn.init.uniform_(norm.bias)
    keep = torch.tensor([1, 4, 5])
    x = torch.randn(3, 2, size, size)
    mask = torch.zeros(6, 1, 1).index_fill(0, keep, 1.0)
    small, small_norm, reader = prune_pair(conv, norm, following, keep)
    expected = read(following, mask * norm.eval()(conv(x)).relu())
    found = read(reader, small_norm.eval()(small(x)).relu())
    depthwise = isinstance(following, nn.Conv2d) and is_depthwise(following)
    torch.testing.assert_close(found, expected[:, keep] if depthwise else expected)
    assert (conv.out_channels, norm.num_features, small.out_channels) == (6, 6, 3)


def test_a_convolution_with_one_channel_is_not_depthwise() -> None:
    assert not is_depthwise(nn.Conv2d(1, 1, 3))
    assert is_depthwise(nn.Conv2d(2, 2, 3, groups=2))
    pair = nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2), nn.Conv2d(2, 1, 3)
    assert prune_pair(*pair, torch.tensor([1]))[2].weight.shape == (1, 1, 3, 3)


@pytest.mark.parametrize(
    ("keep", "said"),
    [
        (torch.tensor([], dtype=torch.int64), "at least one channel"),
        (torch.tensor([0.0]), "int64"),
        (torch.tensor([True, False, True]), "int64"),
        (torch.tensor([1, 0]), "ascending indices of 3 channels, got [1, 0]"),
        (torch.tensor([1, 1]), "ascending"),
        (torch.tensor([2, 3]), "ascending indices of 3 channels"),
        (torch.tensor([-1, 0]), "ascending"),
    ],
)
def test_a_keep_that_names_no_channels_is_refused(keep: Tensor, said: str) -> None:
    pair = nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Linear(3, 2)
    with pytest.raises(ValueError, match=re.escape(said)):
        prune_pair(*pair, keep)
    with pytest.raises(ValueError, match=re.escape(said)):
        prune_chain(
            nn.Sequential(*pair[:2], nn.AdaptiveAvgPool2d(1), nn.Flatten(), pair[2]), [keep]
        )


class Doubled(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + x


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (Doubled(), "1.1, Doubled"),
        (nn.Conv2d(4, 4, 3, groups=2), "1.1, Conv2d"),
        (nn.GroupNorm(2, 4), "1.1, GroupNorm"),
    ],
)
def test_an_unsupported_module_is_named_by_its_path(module: nn.Module, said: str) -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Sequential(nn.ReLU(), module))
    with pytest.raises(ValueError, match=said):
        prune_chain(network, [torch.tensor([0])])
    with pytest.raises(ValueError, match="the network itself, Doubled"):
        prune_chain(Doubled(), [])


def test_what_does_not_fit_together_is_refused() -> None:
    chain = SHAPES["mobilenet"]
    keep = random_keep(chain)
    with pytest.raises(ValueError, match="expected what 5 convolutions keep, got 4"):
        prune_chain(lively(chain), keep[:-1])
    keep[0], keep[1] = torch.tensor([0, 1]), torch.tensor([0, 2])
    with pytest.raises(ValueError, match=r"1\.0 is depthwise and must keep .* \[0, 1\], got"):
        prune_chain(lively(chain), keep)
    with pytest.raises(ValueError, match="cannot read 6 channels"):
        prune_pair(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.Linear(8, 2), torch.tensor([0]))
