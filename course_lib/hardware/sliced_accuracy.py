"""Accuracies of thousands of pruned networks, without building one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.core.threads import one_thread
from course_lib.hardware.chain import Chain
from course_lib.hardware.prune import convolutions
from course_lib.images import Images


def filter_sums(network: nn.Module) -> list[Tensor]:
    """The importance of each convolution's channels: the sum of absolute weights of a filter."""
    return [conv.weight.detach().abs().sum((1, 2, 3)) for _, conv in convolutions(network)]


def kept_channels(
    chain: Chain, importance: Sequence[Tensor], counts: Sequence[int]
) -> list[Tensor]:
    """For `prune_chain`: the most important channels of every layer, ascending.

    importance: (channels,) of each layer; the earlier channel where equal. counts: of the free
    layers; a depthwise layer keeps what the layer before it keeps.
    """
    keep: list[Tensor] = []
    for layer, own, count in zip(chain.layers, importance, chain.tied(counts), strict=True):
        best = own.argsort(descending=True, stable=True)[:count].sort().values
        keep.append(keep[-1] if layer.depthwise else best)
    return keep


@dataclass(frozen=True)
class _Layer:
    weight: Tensor
    scale: Tensor
    shift: Tensor
    eps: float
    stride: int
    depthwise: bool


class SlicedAccuracy:
    """counts of the free layers -> accuracy on `judged` of the network with these channels.

    The channels of a trained chain are put in the order of their importance once, so that a pruned
    network is a corner of each weight. Its normalisations take mean and variance from the images
    of `calibration`, which go through the network in front of those of `judged`: the result is
    that of `prune_chain` and `recalibrate` on one batch.

    network: of `chain_network(chain)`. importance: as in `kept_channels`.
    """

    def __init__(
        self,
        chain: Chain,
        network: nn.Module,
        calibration: Images,
        judged: Images,
        *,
        importance: Sequence[Tensor] | None = None,
    ) -> None:
        if len(calibration) < 2 or len(judged) == 0:
            raise ValueError(
                "expected two images or more to calibrate with and one to judge by, "
                f"got {len(calibration)} and {len(judged)}"
            )
        self.chain = chain
        self._layers, self._head, self._bias = _sorted(
            chain, network, filter_sums(network) if importance is None else importance
        )
        self._x = torch.cat([calibration.x, judged.x])
        self._y, self._calibration = judged.y, len(calibration)

    @torch.inference_mode()
    def __call__(self, counts: Sequence[int]) -> float:
        x = self._x
        with one_thread():
            for layer, count in zip(self._layers, self.chain.tied(counts), strict=True):
                x = self._block(x, layer, count)
            features = x[self._calibration :].mean((2, 3))
            scores = F.linear(features, self._head[:, : features.shape[1]], self._bias)
        return (scores.argmax(1) == self._y).float().mean().item()

    def _block(self, x: Tensor, layer: _Layer, count: int) -> Tensor:
        before = x.shape[1]
        weight = layer.weight[:count] if layer.depthwise else layer.weight[:count, :before]
        groups = before if layer.depthwise else 1
        x = F.conv2d(x, weight, stride=layer.stride, padding=weight.shape[-1] // 2, groups=groups)
        mean, variance = torch.zeros(count), torch.ones(count)
        F.batch_norm(x[: self._calibration], mean, variance, training=True, momentum=1.0)
        own = layer.scale[:count], layer.shift[:count]
        return F.batch_norm(x, mean, variance, *own, eps=layer.eps).relu_()


def _sorted(
    chain: Chain, network: nn.Module, importance: Sequence[Tensor]
) -> tuple[list[_Layer], Tensor, Tensor]:
    """The weights with their channels in falling order of importance, and the classifier's."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    (linear,) = (module for module in network.modules() if isinstance(module, nn.Linear))
    layers: list[_Layer] = []
    order = torch.arange(chain.image[0])
    rows = zip(chain.layers, convolutions(network), norms, importance, strict=True)
    for shape, (_, conv), norm, own in rows:
        before = order
        if not shape.depthwise:
            order = own.argsort(descending=True, stable=True)
        weight = conv.weight.detach()[order]
        layers.append(
            _Layer(
                weight if shape.depthwise else weight[:, before],
                norm.weight.detach()[order],
                norm.bias.detach()[order],
                norm.eps,
                shape.stride,
                shape.depthwise,
            )
        )
    return layers, linear.weight.detach()[:, order], linear.bias.detach()
