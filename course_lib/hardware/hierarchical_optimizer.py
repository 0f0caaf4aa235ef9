"""A learned optimizer with three levels of recurrent networks: parameters, layers, the whole.

Wichrowska et al. 2017, in small: each level's weights are shared by all that stand on it.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from course_lib.core.meta_train import Parameters

DECAYS = (0.5, 0.9, 0.99)
"""Of the running means of a gradient: one time scale each."""
ADAM_LIKE = 1
"""The scale whose normalised mean is the step at the start of meta-training."""
LEAK = 0.9
"""How much of a changed learning rate is left a step later: it cannot run away."""
INPUTS = 2 * len(DECAYS) + 1


class LayerState(NamedTuple):
    """What is remembered of a layer with n parameters.

    mean, square: (scales, n); log_rate: (n,); each: (n, hidden); layer: (1, hidden); steps: so
    many updates.
    """

    mean: Tensor
    square: Tensor
    log_rate: Tensor
    each: Tensor
    layer: Tensor
    steps: int


def hierarchical_optimizer(
    rng: Generator, *, hidden: int = 8, learning_rate: float = 0.01
) -> Parameters:
    """theta: three recurrent cells and two outputs that are zero, so that it starts like Adam."""
    theta = {"log rate": torch.tensor(learning_rate).log()}
    reads = {"each": INPUTS + hidden, "layer": 2 * hidden, "whole": hidden}
    for level, inputs in reads.items():
        for part, width in (("input", inputs), ("hidden", hidden)):
            drawn = torch.randn(3 * hidden, width, generator=rng)
            theta[f"{level} {part} weights"] = 0.5 * drawn / width**0.5
            theta[f"{level} {part} biases"] = torch.zeros(3 * hidden)
    return theta | {"direction": torch.zeros(hidden), "rate change": torch.zeros(hidden)}


def start_layer(theta: Parameters, count: int) -> LayerState:
    """The state of a layer with so many parameters before its first update."""
    hidden = len(theta["direction"])
    zeros = torch.zeros(len(DECAYS), count)
    return LayerState(
        zeros, zeros, torch.zeros(count), torch.zeros(count, hidden), torch.zeros(1, hidden), 0
    )


def start_whole(theta: Parameters) -> Tensor:
    """(1, hidden): the state above all layers."""
    return torch.zeros(1, len(theta["direction"]))


def layer_update(
    theta: Parameters, gradient: Tensor, state: LayerState, whole: Tensor
) -> tuple[Tensor, LayerState]:
    """What is added to a layer's parameters, (n,), and its next state.

    At each time scale s of DECAYS, m_s and v_s are running means of the gradient and its square,
    corrected for their start at 0. A parameter's cell reads m_s / sqrt(v_s), how ln v_s differs
    from its mean over the scales, its log learning rate as it differs from the layer's mean, and
    its layer's state. With its answer h:

        log rate <- LEAK log rate + h . c,    update = - exp(log rate) (m_1 / sqrt(v_1) + h . d)

    The gradient is a number: nothing is differentiated through it.
    """
    gradient = gradient.detach()
    decay = torch.tensor(DECAYS)[:, None]
    mean = decay * state.mean + (1 - decay) * gradient
    square = decay * state.square + (1 - decay) * gradient**2
    started = 1 - decay ** (state.steps + 1)
    scale = square / started + 1e-16
    normed = mean / started / scale.sqrt()
    magnitude = scale.log()
    seen = torch.cat([
        normed,
        (magnitude - magnitude.mean(0)) / 4,
        (state.log_rate - state.log_rate.mean())[None],
    ])  # fmt: skip
    above = state.layer.expand(len(gradient), -1)
    each = _cell(theta, "each", torch.cat([seen.T, above], 1), state.each)
    layer = _cell(theta, "layer", torch.cat([each.mean(0, keepdim=True), whole], 1), state.layer)
    log_rate = LEAK * state.log_rate + each @ theta["rate change"]
    direction = normed[ADAM_LIKE] + each @ theta["direction"]
    update = -(theta["log rate"] + log_rate).exp() * direction
    return update, LayerState(mean, square, log_rate, each, layer, state.steps + 1)


def next_whole(theta: Parameters, states: list[LayerState], whole: Tensor) -> Tensor:
    """The state above all layers, after a step."""
    layers = torch.cat([state.layer for state in states])
    return _cell(theta, "whole", layers.mean(0, keepdim=True), whole)


def macs_per_parameter(theta: Parameters) -> int:
    """Multiply-accumulates that one update of one parameter costs; the levels above are few."""
    names = "each input weights", "each hidden weights", "direction", "rate change"
    return sum(theta[name].numel() for name in names)


def _cell(theta: Parameters, level: str, inputs: Tensor, state: Tensor) -> Tensor:
    parts = [
        theta[f"{level} {part} {kind}"]
        for kind in ("weights", "biases")
        for part in ("input", "hidden")
    ]
    return torch.gru_cell(inputs, state, *parts)
