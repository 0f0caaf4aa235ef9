"""A small convolutional network whose weights each task may change, for images of characters."""

import math
from collections.abc import Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from course_lib.core.meta_train import Parameters


class ConvPredict(Protocol):
    """(phi, x) -> what the network makes of x, by the statistics of `context`, or of x itself."""

    def __call__(self, phi: Parameters, x: Tensor, context: Tensor | None = None, /) -> Tensor: ...


def conv_network(
    rng: Generator,
    *,
    ways: int = 5,
    channels: Sequence[int] = (32, 32, 32, 32),
    size: int = 28,
    image_channels: int = 1,
) -> tuple[Parameters, ConvPredict]:
    """Blocks of 3 x 3 convolution with stride 2, batch normalization and ReLU; a linear head.

        y = scale * (conv(x) - mean) / sqrt(variance + 1e-5) + shift,   per channel.

    Mean and variance are those of `context`, and nothing is kept from call to call:

        predict(phi, support_x)               the support set's own
        predict(phi, query_x, support_x)      inductive: every query is judged by itself
        predict(phi, query_x)                 transductive: queries help to judge each other

    Under `vmap` every task has its own. theta holds "conv0", "scale0", "shift0", ..., "head" and
    "bias"; x is (n, image_channels, size, size). Source: Finn et al. 2017 (their strided network).
    """
    theta: Parameters = {}
    before, side = image_channels, size
    for layer, width in enumerate(channels):
        spread = math.sqrt(2 / (9 * before))
        theta[f"conv{layer}"] = spread * torch.randn(width, before, 3, 3, generator=rng)
        theta[f"scale{layer}"], theta[f"shift{layer}"] = torch.ones(width), torch.zeros(width)
        before, side = width, -(-side // 2)
    features = before * side**2
    theta["head"] = torch.randn(features, ways, generator=rng) / math.sqrt(features)
    theta["bias"] = torch.zeros(ways)
    return theta, predict


def predict(phi: Parameters, x: Tensor, context: Tensor | None = None, /) -> Tensor:
    """Class scores (n, ways)."""
    return features(phi, x, context) @ phi["head"] + phi["bias"]


def features(phi: Parameters, x: Tensor, context: Tensor | None = None, /) -> Tensor:
    """What the blocks make of images (n, channels, size, size): (n, features)."""
    own = 0 if context is None else len(context)
    together = x if context is None else torch.cat((context, x))
    for layer in range(sum(name.startswith("conv") for name in phi)):
        together = F.conv2d(together, phi[f"conv{layer}"], stride=2, padding=1)
        together = _normalized(together, together[:own] if own else together)
        scale, shift = (phi[f"{name}{layer}"][:, None, None] for name in ("scale", "shift"))
        together = F.relu(scale * together + shift)
    return together[own:].flatten(1)


def _normalized(x: Tensor, source: Tensor) -> Tensor:
    """With mean and variance of `source`, per channel."""
    variance, mean = torch.var_mean(source, (0, 2, 3), correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(variance + 1e-5)
