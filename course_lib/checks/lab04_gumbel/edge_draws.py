"""Laws of `gdas_edge` over many passes: which operations are drawn, and with what weight."""

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import (
    counted,
    different,
    distance,
    distance_bound,
    fits,
    only_rng,
    pairs_counted,
)
from course_lib.checks.lab04_gumbel.edge import Edge
from course_lib.checks.lab04_gumbel.relaxed import RESOLVED, two_choices
from course_lib.checks.values import shown
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong

SHARED = Misconception(
    "one draw is shared over the edges",
    "Every edge draws noise of its own from rng.",
)


def _draws(ask: Ask, edge: Edge, rng: Generator, passes: int) -> Tensor:
    """The chosen operations of many passes: (passes,)."""
    with torch.no_grad():
        return torch.tensor([edge.chosen(edge.asked(ask, rng)) for _ in range(passes)])


def frequencies(ask: Ask, variant: int) -> None:
    """Operations are drawn with softmax(logits), whatever the temperature."""
    for tau, constant in ((0.4, 0.0), (2.5, 0.0), (0.4, 800.0), (0.05, -800.0)):
        edge, passes = Edge(variant, 4, tau=tau, constant=constant), 1200
        counts = counted(_draws(ask, edge, seeded(variant, 2), passes), 4)
        p = edge.logits.detach().softmax(0)
        if not fits(counts, p):
            raise Wrong(
                f"tau {tau:g}: in {passes} passes the operations were drawn with frequencies "
                f"{shown(counts / passes)}, softmax(logits) is {shown(p)}"
            )


def own_draws(ask: Ask, variant: int) -> None:
    """Two edges, one after the other with the same rng: their choices are independent."""
    edge = Edge(variant, 3)
    draws = _draws(ask, edge, seeded(variant, 3), 2400)
    p = edge.logits.detach().softmax(0)
    if different(draws) == 1:
        raise Wrong(f"one operation was always chosen, on {len(draws)} edges")
    for first, second in (draws.view(-1, 2).T, draws[1:-1].view(-1, 2).T):
        if not fits(pairs_counted(first, second, 3), p[:, None] * p):
            alike, right = float((first == second).double().mean()), float(p @ p)
            raise Wrong(
                f"two edges with the same logits chose the same operation in {alike:.0%} of "
                f"{len(first)} steps; independent ones do in {right:.0%}",
                SHARED if alike > 0.99 else None,
            )

    def draw(rng: Generator) -> Tensor:
        return _draws(ask, edge, rng, 40)

    only_rng(draw, "choices on 40 edges")


def soft_gradient(ask: Ask, variant: int) -> None:
    """Two operations: the gradient is S y (1 - y) / tau with y the chosen one's relaxed weight.

    S is the sum of the output. Solved for y, the passes that chose an operation follow the closed
    distribution of its weight, given that it is the larger one.
    """
    for tau in (0.2, 2.0):
        _soft_gradient_at(ask, Edge(variant, 2, tau=tau), seeded(variant, 5), passes=1600)


def _soft_gradient_at(ask: Ask, edge: Edge, rng: Generator, passes: int) -> None:
    scaled: tuple[list[float], list[float]] = ([], [])
    for _ in range(passes):
        output = edge.asked(ask, rng)
        chosen = edge.chosen(output)
        slope = edge.slope(output)[chosen] / output.detach().sum()
        scaled[chosen].append(float(slope) * edge.tau)
    for chosen, found in enumerate(scaled):
        if found and not _as_relaxed(torch.tensor(found, dtype=torch.float64), edge, chosen):
            raise Wrong(
                f"tau {edge.tau:g}: in {len(found)} passes that chose operation {chosen} the "
                f"gradient in its logit, divided by the output's sum, is "
                f"{np.mean(found) / edge.tau:.4f} on average; it should be the slope of the "
                "relaxed sample's weight, y (1 - y) / tau, with y drawn anew each time"
            )


def _as_relaxed(scaled: Tensor, edge: Edge, chosen: int) -> bool:
    """Whether scaled = y (1 - y), with y as the chosen one's weight is distributed."""
    if float(scaled.max()) > 0.25 + 1e-5:
        return False
    y = (1 + (1 - 4 * scaled.clamp(0.0, 0.25)).sqrt()) / 2
    logits = edge.logits.detach()
    weight = two_choices(float(logits[chosen] - logits[1 - chosen]), edge.tau)
    smaller = weight(np.array(0.5))

    def given_larger(t: np.ndarray) -> np.ndarray:
        return np.asarray((weight(t) - smaller) / (1 - smaller))

    return distance(y, given_larger, between=RESOLVED) <= distance_bound(len(y))
