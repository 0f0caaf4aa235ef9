"""Laws of `gdas_edge`: one operation is computed, and every logit learns from it."""

from collections.abc import Sequence

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
from course_lib.checks.lab04.edge_mistakes import (
    ALL_COMPUTED,
    CONSTANT,
    DETACHED,
    FROZEN,
    ONLY_CHOSEN,
    SHARED,
    SIGN,
    SOFT_FORWARD,
    TWO_NOISES,
    WEIGHTED,
    known_draws,
    known_gradient,
)
from course_lib.checks.lab04.relaxed import RESOLVED, two_choices
from course_lib.checks.values import same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong


class Operation:
    """x -> scale * x + shift with numbers of its own, counting how often it is computed."""

    def __init__(self, number: int) -> None:
        self.scale = torch.tensor(1.0 + 0.5 * number, dtype=torch.float64, requires_grad=True)
        self.shift = 0.3 + 0.7 * number
        self.calls = 0

    def __call__(self, x: Tensor) -> Tensor:
        self.calls += 1
        return self.scale * x + self.shift


class Edge:
    """An edge with operations, their logits and an input of positive numbers.

    outputs: what every operation gives for that input, computed beforehand, not counted.
    """

    def __init__(self, variant: int, choices: int, *, tau: float = 0.6) -> None:
        rng = seeded(variant)
        self.operations = [Operation(k) for k in range(choices)]
        spread = torch.linspace(-0.7, 0.9, choices, dtype=torch.float64)
        self.logits = spread[torch.randperm(choices, generator=rng)].requires_grad_()
        self.x = 0.5 + torch.rand(2, 3, generator=rng, dtype=torch.float64)
        self.tau = tau
        outputs = [(op.scale * self.x + op.shift).detach() for op in self.operations]
        self.outputs = torch.stack(outputs)

    def ask(self, ask: Ask, rng: Generator) -> Tensor:
        """One pass over the edge: the output, of the shape of x."""
        for operation in self.operations:
            operation.calls = 0
        answer = ask(self.operations, self.x, self.logits, rng, tau=self.tau)
        return tensor(answer, tuple(self.x.shape), "the output")

    @property
    def computed(self) -> list[int]:
        """Which operations were computed in the last pass, with repetitions."""
        return [k for k, op in enumerate(self.operations) for _ in range(op.calls)]

    def chosen(self, output: Tensor) -> int:
        """The operation whose output this is; Wrong where there is none."""
        found = output.detach().double()
        near = (found - self.outputs).abs() <= 1e-6 * self.outputs.clamp(min=1.0)
        matching = near.flatten(1).all(1).nonzero()[:, 0].tolist()
        if matching:
            return int(matching[0])
        ratio = (found / self.outputs).flatten(1)
        flat = (ratio.amax(1) - ratio.amin(1) < 1e-6).tolist()
        weighted = any(flat) and len(self.computed) == 1
        several = len(set(self.computed)) > 1
        if weighted and not bool(found.any()):
            raise Wrong("the output is 0, that of no operation", TWO_NOISES)
        raise Wrong(
            f"the output {shown(output)} is not that of any operation: they are "
            f"{'; '.join(shown(o, 2) for o in self.outputs)}",
            WEIGHTED if weighted else SOFT_FORWARD if several else None,
        )

    def slope(self, output: Tensor) -> Tensor:
        """Gradient of the output's sum in the logits."""
        if not output.requires_grad:
            raise Wrong("the output does not depend on the logits", DETACHED)
        (found,) = torch.autograd.grad(output.sum(), self.logits, allow_unused=True)
        if found is None:
            raise Wrong("the output does not depend on the logits", DETACHED)
        return found


def one_computed(ask: Ask, variant: int) -> None:
    """Of five operations one is computed, once, and its output comes out."""
    edge, rng = Edge(variant, 5), seeded(variant, 1)
    for _ in range(30):
        output = edge.ask(ask, rng)
        chosen = edge.chosen(output)
        if edge.computed != [chosen]:
            times = len(edge.computed)
            said = f"operations were computed {times} times in one pass, expected once"
            raise Wrong(said, ALL_COMPUTED if len(set(edge.computed)) > 1 else None)


def _draws(ask: Ask, edge: Edge, rng: Generator, passes: int) -> Tensor:
    """The chosen operations of many passes: (passes,)."""
    with torch.no_grad():
        return torch.tensor([edge.chosen(edge.ask(ask, rng)) for _ in range(passes)])


def frequencies(ask: Ask, variant: int) -> None:
    """Operations are drawn with softmax(logits), whatever the temperature."""
    for tau in (0.4, 2.5):
        edge, passes = Edge(variant, 4, tau=tau), 1200
        counts = counted(_draws(ask, edge, seeded(variant, 2), passes), 4)
        p = edge.logits.detach().softmax(0)
        if not fits(counts, p):
            raise Wrong(
                f"tau {tau:g}: in {passes} passes the operations were drawn with frequencies "
                f"{shown(counts / passes)}, softmax(logits) is {shown(p)}",
                known_draws(counts, edge.logits.detach(), tau),
            )


def own_draws(ask: Ask, variant: int) -> None:
    """Two edges, one after the other with the same rng: their choices are independent."""
    edge, pairs = Edge(variant, 3), 1200
    draws = _draws(ask, edge, seeded(variant, 3), 2 * pairs).view(pairs, 2)
    p = edge.logits.detach().softmax(0)
    if different(draws) == 1:
        raise Wrong(f"{2 * pairs} edges all chose the same operation", CONSTANT)
    if not fits(pairs_counted(draws[:, 0], draws[:, 1], 3), p[:, None] * p):
        alike, right = float((draws[:, 0] == draws[:, 1]).double().mean()), float(p @ p)
        raise Wrong(
            f"two edges with the same logits chose the same operation in {alike:.0%} of {pairs} "
            f"steps; independent ones do in {right:.0%}",
            SHARED if alike > right + 0.05 else None,
        )

    def draw(rng: Generator) -> Tensor:
        return _draws(ask, edge, rng, 40)

    only_rng(draw, "choices on 40 edges")


def every_logit(ask: Ask, variant: int) -> None:
    """A positive output raises the chosen logit and lowers all others, by the same in total."""
    edge, rng = Edge(variant, 4), seeded(variant, 4)
    for _ in range(20):
        output = edge.ask(ask, rng)
        chosen, slope = edge.chosen(output), edge.slope(output)
        others = torch.cat([slope[:chosen], slope[chosen + 1 :]])
        said = f"operation {chosen} was chosen; the gradient in the logits is {shown(slope)}"
        if not bool(slope.any()):
            raise Wrong(said, DETACHED)
        if bool((others == 0).all()):
            raise Wrong(said, ONLY_CHOSEN)
        if float(slope[chosen]) <= 0 or bool((others >= 0).any()):
            flipped = float(slope[chosen]) < 0 and bool((others > 0).all())
            said = f"{said}; expected positive there, negative elsewhere"
            raise Wrong(said, SIGN if flipped else None)
        if not same(slope.sum(), torch.zeros(()), scale=20):
            raise Wrong(f"{said}; a softmax's gradient sums to 0")


def soft_gradient(ask: Ask, variant: int) -> None:
    """Two operations: the gradient is S y (1 - y) / tau with y the chosen one's relaxed weight.

    S is the sum of the output. Solved for y, the passes that chose an operation follow the closed
    distribution of its weight, given that it is the larger one.
    """
    edge, rng, passes = Edge(variant, 2, tau=(0.4, 2.0)[variant % 2]), seeded(variant, 5), 1600
    scaled: tuple[list[float], list[float]] = ([], [])
    for _ in range(passes):
        output = edge.ask(ask, rng)
        chosen = edge.chosen(output)
        slope = edge.slope(output)[chosen] / output.detach().sum()
        scaled[chosen].append(float(slope) * edge.tau)
    for chosen, found in enumerate(scaled):
        if found and not _as_relaxed(torch.tensor(found, dtype=torch.float64), edge, chosen):
            raise Wrong(
                f"tau {edge.tau:g}: in {len(found)} passes that chose operation {chosen} the "
                f"gradient in its logit, divided by the output's sum, is "
                f"{np.mean(found) / edge.tau:.4f} on average; it should be the slope of the "
                "relaxed sample's weight, y (1 - y) / tau, with y drawn anew each time",
                known_gradient(
                    torch.tensor([*scaled[0], *scaled[1]]), edge.logits.detach(), edge.tau
                ),
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


def learns_as_if_alone(ask: Ask, variant: int) -> None:
    """The chosen operation and the input get the gradient that the operation alone would send."""
    edge, rng = Edge(variant, 3), seeded(variant, 6)
    edge.x.requires_grad_()
    for _ in range(10):
        output = edge.ask(ask, rng)
        operation = edge.operations[edge.chosen(output)]
        alone = operation.scale * edge.x + operation.shift
        wanted: Sequence[Tensor] = (operation.scale, edge.x)
        expected = torch.autograd.grad(alone.square().sum(), wanted)
        if not output.requires_grad:
            raise Wrong("the output has no gradient at all", FROZEN)
        found = torch.autograd.grad(output.square().sum(), wanted, allow_unused=True)
        for what, mine, right in zip(("parameter", "input"), found, expected, strict=True):
            if mine is None or not same(mine, right, scale=20):
                got = "none" if mine is None else shown(mine)
                said = f"the operation's {what} gets the gradient {got}, alone {shown(right)}"
                raise Wrong(said, FROZEN if mine is None or not bool(mine.any()) else None)


LAWS = {
    "one operation is computed, its output comes out": one_computed,
    "operations are drawn with softmax(logits)": frequencies,
    "every edge draws on its own": own_draws,
    "every logit gets a gradient": every_logit,
    "it is the relaxed sample's gradient": soft_gradient,
    "the operation learns as if it were alone": learns_as_if_alone,
}
