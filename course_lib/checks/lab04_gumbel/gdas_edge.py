"""`gdas_edge`: one operation is computed, and every logit learns from it."""

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import (
    GLOBAL_RNG,
    Drawn,
    counted,
    different,
    distance,
    distance_bound,
    fits,
    only_rng,
    pairs_counted,
)
from course_lib.checks.engine import Exercise
from course_lib.checks.lab04_gumbel import sections
from course_lib.checks.lab04_gumbel.edge import (
    Edge,
    edge_with,
    mixed_with,
    with_noise_of_its_own,
)
from course_lib.checks.lab04_gumbel.noise import gumbel
from course_lib.checks.lab04_gumbel.relaxed import RESOLVED, two_choices
from course_lib.checks.laws import CHANGED, Given, arguments_stay, gradients
from course_lib.checks.values import same, shown
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

SHARED = Misconception(
    "one draw is shared over the edges",
    "Every edge draws noise of its own from rng.",
)
MISTAKES = (
    mistake(
        "the output is a mixture",
        "GDAS sends one operation's output forward; only the gradient is soft.",
        mixed_with(hard=False),
        part="forward",
    ),
    mistake(
        "all operations are computed",
        "Choose first, then call the chosen operation alone: that is where GDAS saves time and memory.",
        mixed_with(hard=True),
        part="computed",
    ),
    mistake(
        "the output is weighted with the probability",
        "Forward, the weight of the chosen operation is exactly 1: straight-through.",
        edge_with(weight=lambda soft, k, x: soft[k]),
        edge_with(weight=lambda soft, k, x: x.softmax(-1)[k]),
        part="forward",
    ),
    mistake(
        "the choice and its weight use different noise",
        "The weight of the operation that was called is 0: keep the relaxed sample that made the "
        "choice, and take the weight from it.",
        with_noise_of_its_own,
        part="forward",
    ),
    mistake(
        "the largest logit is always chosen",
        "Without noise only one operation ever learns: draw with Gumbel noise.",
        edge_with(choose=lambda soft, x, rng, tau: x.argmax()),
        part="forward",
    ),
    mistake(
        "operations are drawn uniformly",
        "The logits decide how likely an operation is: softmax(logits).",
        edge_with(choose=lambda soft, x, rng, tau: torch.randint(len(x), (), generator=rng)),
        part="forward",
    ),
    mistake(
        "the temperature changes how likely an operation is",
        "tau divides the sum of logits and noise, so that the largest entry is the same at every tau; "
        "dividing one of the two, or drawing from softmax(logits / tau), is something else.",
        edge_with(soft=lambda x, rng, tau: (x / tau + gumbel(x.shape, rng)).softmax(-1)),
        edge_with(soft=lambda x, rng, tau: (x + gumbel(x.shape, rng) / tau).softmax(-1)),
        part="forward",
    ),
    mistake(
        "the logits get no gradient",
        "Multiply the output with a weight of value 1 that carries the gradient of the relaxed sample.",
        edge_with(weight=lambda soft, k, x: 1.0),
        part="slopes",
    ),
    mistake(
        "only the chosen logit gets a gradient",
        "The chosen weight is an entry of a softmax, which depends on all logits.",
        edge_with(weight=lambda soft, k, x: 1 + x[k] - x[k].detach()),
        edge_with(weight=lambda soft, k, x: 1 + x[k].exp() - x[k].exp().detach()),
        part="slopes",
    ),
    mistake(
        "the gradient has the wrong sign",
        "1 + soft - soft, the *last* one detached.",
        edge_with(weight=lambda soft, k, x: 1 - soft[k] + soft[k].detach()),
        part="slopes",
    ),
    mistake(
        "the gradient is that of log soft",
        "soft / soft.detach() has the gradient of a logarithm; 1 + soft - soft.detach() that of soft.",
        edge_with(weight=lambda soft, k, x: soft[k] / soft[k].detach()),
        part="slopes",
    ),
    mistake(
        "the gradient forgets the temperature",
        "The soft weights are softmax((logits + noise) / tau).",
        edge_with(soft=lambda x, rng, tau: (x + gumbel(x.shape, rng)).softmax(-1)),
        part="slopes",
    ),
    mistake(
        "the gradient is that of softmax(logits), without the noise of the draw",
        "The soft weights are those of the relaxed sample, with the same noise that chose.",
        edge_with(
            soft=lambda x, rng, tau: x.softmax(-1),
            choose=lambda soft, x, rng, tau: (x + gumbel(x.shape, rng)).argmax(),
        ),
        edge_with(
            soft=lambda x, rng, tau: (x / tau).softmax(-1),
            choose=lambda soft, x, rng, tau: (x + gumbel(x.shape, rng)).argmax(),
        ),
        part="slopes",
    ),
    mistake(
        "choice and gradient use different noise",
        "Draw once for each edge: the same noise decides and is differentiated.",
        edge_with(choose=lambda soft, x, rng, tau: (x + gumbel(x.shape, rng)).argmax()),
        part="slopes",
    ),
    mistake(
        "the operation learns nothing",
        "Do not detach its output: the network's weights learn through it.",
        edge_with(output=lambda output: output.detach()),
        part="operations",
    ),
    SHARED,
    GLOBAL_RNG,
    CHANGED,
)


def probe(ask: Ask, variant: int) -> dict[str, object]:
    """Of 400 passes each, cold and hot: how many operations were computed, what came out, what the
    logits and the operations learned."""
    rng, computed = seeded(variant, 9), set()
    told: dict[str, list[list[float]]] = {"forward": [], "slopes": [], "operations": []}
    for tau in (0.4, 2.0):
        edge = Edge(variant, 3, tau=tau)
        passes = []
        for _ in range(400):
            output = edge.asked(ask, rng)
            computed.add(len(edge.computed))
            leaves = [edge.logits, *(operation.scale for operation in edge.operations)]
            logits, *scales = gradients(output.sum(), leaves, "the output")
            highest = logits[edge.logits.argmax()]
            passes.append([float(output.sum()), float(highest), float(sum(scales))])
        for part, numbers in zip(told, zip(*passes, strict=True), strict=True):
            told[part].append(list(numbers))
    drawn = {p: [Drawn(torch.tensor(n)) for n in numbers] for p, numbers in told.items()}
    return {"computed": sorted(computed), **drawn}


def one_computed(ask: Ask, variant: int) -> None:
    """Of five operations one is computed, once, and its output comes out."""
    edge, rng = Edge(variant, 5), seeded(variant, 1)
    for _ in range(30):
        output = edge.asked(ask, rng)
        chosen = edge.chosen(output)
        if edge.computed != [chosen]:
            times = len(edge.computed)
            raise Wrong(f"operations were computed {times} times in one pass, expected once")


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
    edge, pairs = Edge(variant, 3), 1200
    draws = _draws(ask, edge, seeded(variant, 3), 2 * pairs).view(pairs, 2)
    p = edge.logits.detach().softmax(0)
    if not fits(pairs_counted(draws[:, 0], draws[:, 1], 3), p[:, None] * p):
        alike, right = float((draws[:, 0] == draws[:, 1]).double().mean()), float(p @ p)
        raise Wrong(
            f"two edges with the same logits chose the same operation in {alike:.0%} of {pairs} "
            f"steps; independent ones do in {right:.0%}",
            SHARED if alike > 0.99 and different(draws) > 1 else None,
        )

    def draw(rng: Generator) -> Tensor:
        return _draws(ask, edge, rng, 40)

    only_rng(draw, "choices on 40 edges")


def every_logit(ask: Ask, variant: int) -> None:
    """A positive output raises the chosen logit and lowers all others, by the same in total."""
    edge, rng = Edge(variant, 4), seeded(variant, 4)
    for _ in range(20):
        output = edge.asked(ask, rng)
        chosen, slope = edge.chosen(output), edge.slope(output)
        others = torch.cat([slope[:chosen], slope[chosen + 1 :]])
        said = f"operation {chosen} was chosen; the gradient in the logits is {shown(slope)}"
        if float(slope[chosen]) <= 0 or bool((others >= 0).any()):
            raise Wrong(f"{said}; expected positive there, negative elsewhere")
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


def learns_as_if_alone(ask: Ask, variant: int) -> None:
    """The chosen operation and the input get the gradient that the operation alone would send."""
    edge, rng = Edge(variant, 3), seeded(variant, 6)
    edge.x.requires_grad_()
    for _ in range(10):
        output = edge.asked(ask, rng)
        operation = edge.operations[edge.chosen(output)]
        alone = operation.scale * edge.x + operation.shift
        wanted = [operation.scale, edge.x]
        right = gradients(alone.square().sum(), wanted, "the operation alone")
        found = gradients(output.square().sum(), wanted, "the output")
        for what, mine, expected in zip(("parameter", "input"), found, right, strict=True):
            if not same(mine, expected, scale=20):
                raise Wrong(
                    f"the operation's {what} gets the gradient {shown(mine)}, alone "
                    f"{shown(expected)}"
                )


def _given(variant: int) -> Given:
    edge = Edge(variant, 3)
    return {"x": edge.x, "logits": edge.logits}


def _put(ask: Ask, given: Given) -> None:
    edge = Edge(0, 3)
    edge.x, edge.logits = given["x"], given["logits"]
    edge.asked(ask, seeded(1, 8))


gdas_edge = Exercise(
    lab="lab04_gumbel",
    name="gdas_edge",
    section=sections.GDAS,
    library=("course_lib.nas.relax:gumbel_straight_through", "course_lib.nas.supernet:sampled_op"),
    laws={
        "one operation is computed, its output comes out": one_computed,
        "operations are drawn with softmax(logits)": frequencies,
        "every edge draws on its own": own_draws,
        "every logit gets a gradient": every_logit,
        "it is the relaxed sample's gradient": soft_gradient,
        "the operation learns as if it were alone": learns_as_if_alone,
        "x and logits stay as they are": arguments_stay(_given, _put),
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Draw a relaxed sample of the logits. The index of its largest entry says which operation "
        "to call, and only that one.",
        "The output must be multiplied by a weight whose value is 1 and whose gradient is that of "
        "the sample's largest entry.",
        "weight = 1 + soft[k] - soft[k].detach(), or the entry k of straight_through(soft). The "
        "same noise must choose and be differentiated: draw once.",
    ),
    basic="one operation is computed, its output comes out",
)
