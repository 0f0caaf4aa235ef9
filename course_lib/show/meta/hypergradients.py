"""What gradients through training cost and find: memory, learned rates and decays, convergence."""

from collections.abc import Sequence

import numpy as np
import torch

from course_lib.core.log import Log
from course_lib.core.meta_train import Parameters
from course_lib.core.rng import make_rng
from course_lib.meta.fixed_point import Buffer, ratio, to_fixed
from course_lib.show.lines import LinesInfo, lines_info

PLACES = (10, 30, 100, 300, 900)


def buffer_info(
    momenta: Sequence[float] = (0.5, 0.9, 0.99), *, places: Sequence[int] = PLACES
) -> LinesInfo:
    """Bits for each weight against steps: a float32 copy a step, or the buffer, really filled."""
    lines = {"a copy a step": [32.0 * steps for steps in places]}
    lines |= {f"momentum {m:g}": _bits(m, places) for m in momenta}
    return lines_info(
        places,
        lines,
        x="steps of training",
        y="bits for each weight",
        said="The buffer grows by log2(1 / momentum) bits a step: "
        + ", ".join(f"{np.log2(1 / m):.3f} at {m:g}" for m in momenta)
        + ".",
        logarithmic="xy",
    )


def _bits(momentum: float, places: Sequence[int]) -> list[float]:
    """The length of the buffer at the places, while random numbers are multiplied and kicked."""
    kick = to_fixed(torch.randn(16, generator=make_rng(0), dtype=torch.float64), "kicks")
    buffer, numbers, by, seen = Buffer(len(kick)), kick, ratio(momentum), []
    for step in range(1, max(places) + 1):
        numbers = buffer.multiply(numbers, by) + kick
        if step in places:
            seen.append(buffer.bits)
    return seen


def rates_info(learned: Parameters, tuned: Parameters | None = None) -> LinesInfo:
    """The learning rate of every step, as learnt, and beside it one that was tuned."""
    thetas = {"learned": learned} | ({"tuned": tuned} if tuned is not None else {})
    rates = {name: theta["log rates"].exp().numpy() for name, theta in thetas.items()}
    steps = range(1, len(rates["learned"]) + 1)
    return lines_info(steps, rates, x="step of training", y="learning rate")


def decays_info(learned: Parameters, tuned: Parameters | None = None) -> LinesInfo:
    """The weight decay of each layer, as learnt, and the one for all layers that was tuned."""
    thetas = {"learned": learned} | ({"tuned": tuned} if tuned is not None else {})
    decays = {name: theta["log decays"].exp().numpy() for name, theta in thetas.items()}
    layers = range(1, len(decays["learned"]) + 1)
    return lines_info(layers, decays, x="layer", y="weight decay", logarithmic="y")


def convergence_info(log: Log, *, tuned: float | None = None) -> LinesInfo:
    """Validation loss after training, against outer steps; tuned: what the tuned rate reaches."""
    loss = log["loss"]
    return lines_info(
        range(1, len(loss) + 1),
        {"validation loss": loss},
        x="outer step",
        y="validation loss\nafter training",
        said="Every outer step trains from new weights, on new batches.",
        marks={} if tuned is None else {"tuned constant rate": tuned},
    )
