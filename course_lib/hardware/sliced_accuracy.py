"""Accuracies of thousands of pruned networks, without building one of them."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.core.threads import one_thread
from course_lib.hardware.chain import Chain
from course_lib.hardware.criteria import weight_scores
from course_lib.hardware.prune import convolutions
from course_lib.images import Images


class _Layer(NamedTuple):
    """Its channels in falling order of their scores."""

    weight: Tensor
    scale: Tensor
    shift: Tensor
    eps: float
    stride: int
    depthwise: bool


class SlicedAccuracy:
    """Channel counts of the free layers -> accuracy on `judged` of the network that has only these.

    The channels of a trained chain are put in the order of their scores once, so that a pruned
    network is a corner of each weight. Its normalisations take mean and variance from the images
    of `calibration`, which go through the network in front of those of `judged`: the result is
    that of `top_channels`, `prune_chain` and `recalibrate`.

    network: of `chain_network(chain)`. scores: of every layer, as `weight_scores` gives them, which
    is the default.
    """

    def __init__(
        self,
        chain: Chain,
        network: nn.Module,
        calibration: Images,
        judged: Images,
        *,
        scores: Sequence[Tensor] | None = None,
    ) -> None:
        if len(calibration) < 2 or len(judged) == 0:
            raise ValueError(
                "expected two images or more to calibrate with and one to judge by, "
                f"got {len(calibration)} and {len(judged)}"
            )
        self.chain = chain
        scores = weight_scores(network) if scores is None else scores
        self._layers, self._head, self._bias = _sorted(chain, network, scores)
        self._x = torch.cat([calibration.x, judged.x])
        self._y, self._calibration = judged.y, len(calibration)

    @torch.inference_mode()
    def __call__(self, counts: Sequence[int]) -> float:
        x = self._x
        with one_thread():
            for layer, count in zip(self._layers, self.chain.tied(counts), strict=True):
                x = self._block(x, layer, count)
            features = x[self._calibration :].mean((2, 3))
            answers = F.linear(features, self._head[:, : features.shape[1]], self._bias)
        return (answers.argmax(1) == self._y).double().mean().item()

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
    chain: Chain, network: nn.Module, scores: Sequence[Tensor]
) -> tuple[list[_Layer], Tensor, Tensor]:
    """The layers, and the classifier's weight and bias."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    (linear,) = (module for module in network.modules() if isinstance(module, nn.Linear))
    layers: list[_Layer] = []
    before = torch.arange(chain.image[0])
    rows = zip(chain.layers, convolutions(network), norms, scores, strict=True)
    for shape, (_, conv), norm, own in rows:
        order = own.argsort(descending=True, stable=True)
        weight, scale, shift = (
            values.detach()[order] for values in (conv.weight, norm.weight, norm.bias)
        )
        if not shape.depthwise:
            weight = weight[:, before]
        layers.append(_Layer(weight, scale, shift, norm.eps, shape.stride, shape.depthwise))
        before = order
    return layers, linear.weight.detach()[:, before], linear.bias.detach()
