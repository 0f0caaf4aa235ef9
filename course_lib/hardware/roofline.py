"""Roofline models of machines that we do not have: a model each, never a measurement.

An operator takes the time of its MACs at the peak rate or of its bytes at the memory's rate,
whichever is longer, and a fixed overhead; the network takes the sum.
Source: Williams et al. 2009, "Roofline".
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn


class LayerCost(NamedTuple):
    """What one operator computes and touches, for one call: counts, not bytes.

    inputs, outputs: numbers read and written, of the whole batch.
    """

    name: str
    macs: int
    weights: int
    inputs: int
    outputs: int


class Roofline(NamedTuple):
    """A model of a device.

    peak: MACs per second. bandwidth: bytes per second from the memory that holds the weights.
    overhead: seconds per operator. width: bytes per number.
    cache: bytes of inputs and outputs that stay on the chip, so that they cost no traffic.
    weights, activations: bytes that there is room for.
    source: where the figures are from, and which are assumed.
    """

    name: str
    peak: float
    bandwidth: float
    overhead: float
    width: int
    cache: float
    weights: float
    activations: float
    source: str


MICROCONTROLLER = Roofline(
    name="microcontroller",
    peak=432e6,
    bandwidth=864e6,
    overhead=20e-6,
    width=1,
    cache=0,
    weights=2**20,
    activations=320 * 2**10,
    source="STM32F746, Cortex-M7 at 216 MHz: two 16-bit MACs (SMLAD) and one word of 4 bytes per "
    "cycle, 1 MB of flash, 320 kB of SRAM (data sheet); numbers in int8; overhead assumed",
)
PHONE = Roofline(
    name="phone",
    peak=22.7e9,
    bandwidth=34.1e9,
    overhead=5e-6,
    width=4,
    cache=512 * 2**10,
    weights=2**30,
    activations=2**30,
    source="Snapdragon 855, its one fast core (Cortex-A76) at 2.84 GHz: two pipes of four fp32 "
    "MACs, 512 kB of L2, LPDDR4X with 34.1 GB/s; 1 GB for an application and overhead assumed",
)
ACCELERATOR = Roofline(
    name="accelerator",
    peak=45.9e12,
    bandwidth=34e9,
    overhead=5e-6,
    width=1,
    cache=24 * 2**20,
    weights=8 * 2**30,
    activations=24 * 2**20,
    source="first Tensor Processing Unit (Jouppi et al. 2017): 65,536 int8 MACs at 700 MHz, 8 GiB "
    "of weights at 34 GB/s, 24 MiB for activations; overhead assumed",
)
MODELS = (MICROCONTROLLER, PHONE, ACCELERATOR)

FUSED = (
    nn.modules.batchnorm._BatchNorm,
    *(nn.ReLU, nn.ReLU6, nn.SiLU, nn.Sigmoid, nn.Hardswish, nn.Hardsigmoid),
    *(nn.Dropout, nn.Identity, nn.Flatten),
)
"""Modules that compilers fold into the operator before them; they cost nothing here."""


def layer_costs(network: nn.Module, x: Tensor) -> list[LayerCost]:
    """The operators of a network in the order in which they run on x.

    Every module without children is one, but for the `FUSED`; functions between modules, such as
    the additions of a ResNet, are not seen.
    """
    costs: list[LayerCost] = []

    def seen(name: str, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        macs = 0
        if isinstance(module, nn.Conv2d | nn.Linear):
            macs = output.numel() * module.weight[0].numel()
        weights = sum(parameter.numel() for parameter in module.parameters())
        read = sum(each.numel() for each in inputs)
        costs.append(LayerCost(name, macs, weights, read, output.numel()))

    hooks = [
        module.register_forward_hook(lambda *called, name=name: seen(name, *called))
        for name, module in network.named_modules()
        if not list(module.children()) and not isinstance(module, FUSED)
    ]
    try:
        with torch.no_grad():
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    return costs


def roofline_latency(costs: Sequence[LayerCost], device: Roofline) -> float:
    """Seconds of a call: sum over operators of max(MACs / peak, bytes / bandwidth) + overhead."""
    return sum(_seconds(cost, device) for cost in costs)


def _seconds(cost: LayerCost, device: Roofline) -> float:
    touched = device.width * (cost.inputs + cost.outputs)
    moved = device.width * cost.weights + (0 if touched <= device.cache else touched)
    return max(cost.macs / device.peak, moved / device.bandwidth) + device.overhead


def needs_memory(costs: Sequence[LayerCost], device: Roofline) -> tuple[int, int]:
    """Bytes of all weights, and of the operator that reads and writes most.

    The second is a lower bound where a branch is kept while another is computed.
    """
    weights = sum(cost.weights for cost in costs)
    activations = max((cost.inputs + cost.outputs for cost in costs), default=0)
    return device.width * weights, device.width * activations


def fits(costs: Sequence[LayerCost], device: Roofline) -> bool:
    """Whether there is room for the weights and for the largest operator's inputs and outputs."""
    weights, activations = needs_memory(costs, device)
    return weights <= device.weights and activations <= device.activations
