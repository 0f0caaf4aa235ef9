"""Multiply-accumulates of a chain of convolutions, for any number of channels that are kept."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_lib.hardware.chain import Chain
from course_lib.hardware.recalibrate import evaluation_mode


def chain_macs(chain: Chain, channels: Sequence[int]) -> list[int]:
    """MACs for one image of each layer and, last, of the classifier.

        dense       rows * columns * kernel ** 2 * channels before * channels
        depthwise   rows * columns * kernel ** 2 * channels before

    channels[i]: outputs of layer i. A depthwise layer has as many as the layer before it; its own
        entry is not read. Biases and normalisations do not count, as in torch's flop counter,
        which says two operations for each MAC.
    """
    _check(chain, len(channels), min(channels, default=1))
    before = chain.image[0]
    macs = []
    for layer, work, count in zip(chain.layers, _work(chain), channels, strict=True):
        after = before if layer.depthwise else count
        macs.append(work * before if layer.depthwise else work * before * after)
        before = after
    return [*macs, before * chain.classes]


def total_macs(chain: Chain, counts: Sequence[int]) -> int:
    """MACs of the whole network for one image, by the channels of its free layers.

    `partial(total_macs, chain)` is the `macs` that the functions of `budget` ask for.
    """
    return sum(chain_macs(chain, chain.tied(counts)))


def batch_macs(chain: Chain, channels: Tensor) -> Tensor:
    """`chain_macs` of many vectors at once: (n, layers) int64 to (n, layers + 1) int64."""
    if channels.ndim != 2:
        raise ValueError(f"expected channels (n, layers), got shape {tuple(channels.shape)}")
    _check(chain, channels.shape[1], int(channels.min()) if channels.numel() else 1)
    before = torch.full_like(channels[:, 0], chain.image[0])
    macs = []
    for place, (layer, work) in enumerate(zip(chain.layers, _work(chain), strict=True)):
        after = before if layer.depthwise else channels[:, place]
        macs.append(work * before if layer.depthwise else work * before * after)
        before = after
    return torch.stack([*macs, before * chain.classes], 1)


@torch.no_grad()
def network_macs(network: nn.Module, image: tuple[int, int, int]) -> int:
    """MACs of any network for one image: half of what torch's flop counter counts.

    Branches are fine; biases and normalisations do not count. Every module keeps its mode.
    """
    from torch.utils.flop_counter import FlopCounterMode

    weight = next(network.parameters())
    x = torch.zeros(1, *image, dtype=weight.dtype, device=weight.device)
    with evaluation_mode(network), FlopCounterMode(display=False) as counter:
        network(x)
    return int(counter.get_total_flops()) // 2


def _work(chain: Chain) -> list[int]:
    """What one pair of an input and an output channel costs in each layer."""
    return [
        rows * columns * layer.kernel**2
        for layer, (rows, columns) in zip(chain.layers, chain.maps, strict=True)
    ]


def _check(chain: Chain, count: int, least: int) -> None:
    if count != len(chain.layers):
        raise ValueError(f"expected the channels of {len(chain.layers)} layers, got {count}")
    if least < 1:
        raise ValueError(f"every layer needs at least one channel, got {least}")
