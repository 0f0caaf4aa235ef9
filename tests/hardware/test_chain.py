"""Chains are what they say, and refuse what cannot be."""

import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware.chain import Chain, ConvLayer, chain_network, mobilenet, vgg
from tests.hardware.chains import SHAPES


@pytest.mark.parametrize("chain", SHAPES.values(), ids=SHAPES)
def test_the_network_has_the_layers_and_maps_that_the_chain_says(chain: Chain) -> None:
    network = chain_network(chain)
    x = torch.zeros(2, *chain.image)
    for layer, channels, size, block in zip(
        chain.layers, chain.channels, chain.maps, network, strict=False
    ):
        x = block(x)
        assert x.shape == (2, channels, *size)
        assert channels == layer.channels
    assert network.eval()(torch.zeros(2, *chain.image)).shape == (2, chain.classes)


def test_the_same_seed_draws_the_same_weights_and_leaves_torch_alone() -> None:
    before = torch.random.get_rng_state()
    first, second, other = (chain_network(vgg(), rng=make_rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(first[0][0].weight, second[0][0].weight)
    assert not torch.equal(first[0][0].weight, other[0][0].weight)


def test_vgg_halves_its_maps_before_every_third_fifth_and_so_on_layer() -> None:
    assert [layer.stride for layer in vgg().layers] == [1, 1, 2, 1, 2, 1]
    assert vgg().channels == (8, 8, 16, 16, 32, 32)


def test_mobilenet_is_a_stem_and_pairs_whose_depthwise_layers_go_along() -> None:
    chain = mobilenet((4, 6, 6, 8))
    assert chain.channels == (4, 4, 6, 6, 6, 6, 8)
    assert [layer.depthwise for layer in chain.layers] == [False] + 3 * [True, False]
    assert [layer.kernel for layer in chain.layers] == [3] + 3 * [3, 1]
    assert [layer.stride for layer in chain.layers] == [1, 1, 1, 1, 1, 2, 1]
    assert chain.free == (0, 2, 4, 6)
    assert chain.tied((1, 2, 3, 4)) == [1, 1, 2, 2, 3, 3, 4]
    with pytest.raises(ValueError, match="expected 4 counts of channels, got 3"):
        chain.tied((1, 2, 3))


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ((), "at least one layer"),
        ((ConvLayer(4), ConvLayer(0)), "layer 1 needs at least one channel"),
        ((ConvLayer(4, stride=0),), "layer 0 needs"),
        ((ConvLayer(4, kernel=2),), "layer 0 needs an odd kernel, got 2"),
        ((ConvLayer(4, depthwise=True),), "layer 0 is depthwise"),
        ((ConvLayer(4), ConvLayer(5, depthwise=True)), "must have the 4 channels"),
    ],
)
def test_a_chain_that_cannot_be_is_refused(layers: tuple[ConvLayer, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Chain(layers)
