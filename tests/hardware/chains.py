"""Small chains of every kind, and random ones."""

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from course_lib.core import make_rng
from course_lib.hardware.chain import Chain, ConvLayer, chain_network, mobilenet, vgg

SHAPES = {
    "vgg": vgg((3, 4, 5)),
    "mobilenet": mobilenet((3, 4, 6)),
    "one by one": Chain((ConvLayer(1), ConvLayer(1), ConvLayer(2, 1)), (3, 5, 7), 4),
    "strides": Chain((ConvLayer(4, 5, 2), ConvLayer(4, 3, 3, True), ConvLayer(3, 1)), (2, 11, 9)),
}


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Up to four layers with kernels 1, 3 or 5, some of them depthwise."""
    layers: list[ConvLayer] = []
    for _ in range(draw(st.integers(1, 4))):
        depthwise = bool(layers) and draw(st.booleans())
        channels = layers[-1].channels if depthwise else draw(st.integers(1, 5))
        kernel, stride = draw(st.sampled_from((1, 3, 5))), draw(st.integers(1, 3))
        layers.append(ConvLayer(channels, kernel, stride, depthwise))
    return Chain(tuple(layers), (draw(st.integers(1, 3)), 7, 6), 3)


def lively(chain: Chain, seed: int = 0) -> nn.Sequential:
    """A network in double precision and evaluation mode whose BN does something everywhere."""
    rng = make_rng(seed)
    network = chain_network(chain, rng=rng).double().eval()
    for norm in norms(network):
        for vector in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
            vector.data.copy_(torch.rand(vector.shape, generator=rng) + 0.1)
    return network


def norms(network: nn.Module) -> list[nn.BatchNorm2d]:
    return [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]


def pictures(chain: Chain, count: int = 5, seed: int = 1) -> Tensor:
    return torch.randn(count, *chain.image, generator=make_rng(seed), dtype=torch.float64)


def random_keep(chain: Chain, seed: int = 2, *, least: int = 1) -> list[Tensor]:
    """Some channels of every layer, at least so many; depthwise layers go along."""
    rng = make_rng(seed)
    keep: list[Tensor] = []
    for layer in chain.layers:
        count = int(torch.randint(least, layer.channels + 1, (), generator=rng))
        own = torch.randperm(layer.channels, generator=rng)[:count].sort().values
        keep.append(keep[-1] if layer.depthwise else own)
    return keep
