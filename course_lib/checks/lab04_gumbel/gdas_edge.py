"""`gdas_edge`: one operation is computed, and every logit learns from it."""

import torch

from course_lib.checks.ask import Ask
from course_lib.checks.chance import GLOBAL_RNG, Drawn
from course_lib.checks.engine import Exercise
from course_lib.checks.lab04_gumbel import sections
from course_lib.checks.lab04_gumbel.edge import (
    Edge,
    edge_with,
    mixed_with,
    with_noise_of_its_own,
)
from course_lib.checks.lab04_gumbel.edge_draws import (
    SHARED,
    frequencies,
    own_draws,
    soft_gradient,
)
from course_lib.checks.lab04_gumbel.noise import gumbel
from course_lib.checks.laws import CHANGED, Given, arguments_stay, gradients
from course_lib.checks.values import apart, same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake

MISTAKES = (
    mistake(
        "the output is a mixture",
        "GDAS sends one operation's output forward; only the gradient is soft.",
        mixed_with(hard=False),
        part="forward",
    ),
    mistake(
        "all operations are computed",
        "Choose first, then call the chosen operation alone: that is where GDAS saves time and "
        "memory.",
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
        "tau divides the sum of logits and noise, so that the largest entry is the same at "
        "every tau; dividing one of the two, or drawing from softmax(logits / tau), is something "
        "else.",
        edge_with(soft=lambda x, rng, tau: (x / tau + gumbel(x.shape, rng)).softmax(-1)),
        edge_with(soft=lambda x, rng, tau: (x + gumbel(x.shape, rng) / tau).softmax(-1)),
        part="forward",
    ),
    mistake(
        "the logits get no gradient",
        "Multiply the output with a weight of value 1 that carries the gradient of the relaxed "
        "sample.",
        edge_with(weight=lambda soft, k, x: 1.0),
    ),
    mistake(
        "only the chosen logit gets a gradient",
        "The chosen weight is an entry of a softmax, which depends on all logits.",
        edge_with(weight=lambda soft, k, x: 1 + x[k] - x[k].detach()),
        edge_with(weight=lambda soft, k, x: 1 + x[k].exp() - x[k].exp().detach()),
    ),
    mistake(
        "the gradient has the wrong sign",
        "1 + soft - soft, the *last* one detached.",
        edge_with(weight=lambda soft, k, x: 1 - soft[k] + soft[k].detach()),
    ),
    mistake(
        "the gradient is that of log soft",
        "soft / soft.detach() has the gradient of a logarithm; 1 + soft - soft.detach() that of "
        "soft.",
        edge_with(weight=lambda soft, k, x: soft[k] / soft[k].detach()),
    ),
    mistake(
        "the gradient forgets the temperature",
        "The soft weights are softmax((logits + noise) / tau).",
        edge_with(soft=lambda x, rng, tau: (x + gumbel(x.shape, rng)).softmax(-1)),
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
    ),
    mistake(
        "choice and gradient use different noise",
        "Draw once for each edge: the same noise decides and is differentiated.",
        edge_with(choose=lambda soft, x, rng, tau: (x + gumbel(x.shape, rng)).argmax()),
    ),
    mistake(
        "the operation learns nothing",
        "Do not detach its output: the network's weights learn through it.",
        edge_with(output=lambda output: output.detach()),
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
    for tau in (0.2, 4.0):
        edge = Edge(variant, 3, tau=tau)
        passes = []
        for _ in range(400):
            output = edge.asked(ask, rng)
            computed.add(len(edge.computed))
            leaves = [edge.logits, *(operation.scale for operation in edge.operations)]
            logits, *scales = gradients(output.sum(), leaves, "the output")
            k = edge.computed[-1]
            slope = float(logits[k] / edge.outputs[k].sum())
            passes.append([float(output.sum()), slope, float(sum(scales))])
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
                alone_, found_ = apart(expected, mine)
                raise Wrong(f"the operation's {what} gets the gradient {found_}, alone {alone_}")


def _given(variant: int) -> Given:
    edge = Edge(variant, 3)
    return {"x": edge.x, "logits": edge.logits}


def _put(ask: Ask, given: Given) -> None:
    """Once with operations that return their very input, as a skip connection does."""
    edge, x, logits = Edge(0, 3), given["x"], given["logits"]
    edge.x, edge.logits = x, logits
    edge.asked(ask, seeded(1, 8))
    skips = [lambda node: node] * 3
    tensor(ask(skips, x, logits, seeded(1, 9), tau=0.6), tuple(x.shape), "the output")


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
