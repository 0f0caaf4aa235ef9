"""`mixed_op`: a weighted sum of operations, compared operation by operation."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab03_darts import sections
from course_lib.checks.laws import gradients
from course_lib.checks.values import same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

DETACHED = Misconception(
    "the gradient does not reach the weights",
    "The search learns alpha through these weights: `.item()`, `float()`, `.tolist()`, `.detach()` "
    "and `torch.no_grad()` cut the graph.",
)
CUT = Misconception(
    "the gradient does not reach the operations",
    "The weights of the network learn through the same sum: keep the outputs attached.",
)
LEFT_OUT = Misconception(
    "operations of weight 0 are left out",
    "The sum is right without them, its gradient is not: a weight of 0 could never learn to rise.",
)


def _outputs(operations: Any, x: Tensor) -> Tensor:
    return torch.stack([operation(x) for operation in operations])


def _sum(operations: Any, x: Tensor, weights: Tensor) -> Tensor:
    mixed: Tensor = torch.tensordot(weights, _outputs(operations, x), 1)
    return mixed


def _chain(operations: Any, x: Tensor, weights: Tensor) -> Tensor:
    for operation, weight in zip(operations, weights, strict=True):
        x = weight * operation(x)
    return x


MISTAKES = (
    mistake(
        "a second softmax",
        "`weights` are the mixture's weights already: what turns alphas into weights stands "
        "outside. Another softmax would keep a decided edge undecided.",
        lambda operations, x, weights: _sum(operations, x, weights.softmax(0)),
    ),
    mistake(
        "the mean instead of the sum",
        "The weights say how much of each operation there is. Dividing by the number of operations "
        "makes the mixture too small.",
        lambda operations, x, weights: _sum(operations, x, weights) / len(weights),
    ),
    mistake(
        "the weights are not used",
        "Every operation counts as much as its weight says.",
        lambda operations, x, weights: _outputs(operations, x).sum(0),
        lambda operations, x, weights: _outputs(operations, x).mean(0),
    ),
    mistake(
        "only the strongest operation is computed",
        "That is a path. DARTS computes every operation, and all of them learn.",
        lambda operations, x, weights: operations[weights.argmax()](x),
        lambda operations, x, weights: weights.max() * operations[weights.argmax()](x),
    ),
    mistake(
        "the weights are divided by their sum",
        "Take the weights as they are: they need not sum to 1 for the sum to make sense.",
        lambda operations, x, weights: _sum(operations, x, weights / weights.sum()),
    ),
    mistake(
        "weights and operations are paired in another order",
        "weights[k] belongs to operations[k].",
        lambda operations, x, weights: _sum(operations, x, weights.flip(0)),
    ),
    mistake(
        "the weights scale what goes in, not what comes out",
        "Operations are not linear: w * operation(x) is not operation(w * x).",
        lambda operations, x, weights: sum(
            operation(w * x) for w, operation in zip(weights, operations, strict=True)
        ),
    ),
    mistake(
        "the operations run one after the other",
        "All of them read the same x, side by side.",
        _chain,
    ),
    DETACHED,
    CUT,
    LEFT_OUT,
)


class Mixture:
    """Operations that are not linear, among them `none` and one that gives its input back.

    turn: which operation comes first; each is the first and the last at some turn.
    """

    def __init__(self, variant: int, turn: int = 0) -> None:
        rng = seeded(variant)
        self.filters = torch.randn(2, 2, 1, 1, generator=rng, dtype=torch.float64).requires_grad_()
        shape = (1 + turn % 3, 2, 4, 4)
        self.x = torch.randn(shape, generator=rng, dtype=torch.float64).requires_grad_()
        others: list[Callable[[Tensor], Tensor]] = [
            lambda x: nn.functional.conv2d(x, self.filters).tanh() + 0.5,
            lambda x: x.square(),
            lambda x: x.relu() + x.mean(),
        ]
        several = [torch.zeros_like, lambda x: x, *others[: 1 + (variant + turn) % 3]]
        first = turn % len(several)
        self.operations = [*several[first:], *several[:first]]
        self.outputs = [operation(self.x) for operation in self.operations]

    def weights(self, rng: torch.Generator) -> Tensor:
        """Any numbers: the law does not ask that they sum to 1, or that they are positive."""
        return torch.randn(len(self.operations), generator=rng, dtype=torch.float64)

    def expected(self, weights: Tensor) -> Tensor:
        """sum_k weights[k] * operations[k](x)."""
        return torch.einsum("k,k...->...", weights, torch.stack(self.outputs))

    def asked(self, ask: Ask, weights: Tensor) -> Tensor:
        """The answer, tested to be a tensor of the shape of x; x must not change."""
        before = self.x.detach().clone()
        answer = ask(self.operations, self.x, weights)
        if not torch.equal(before, self.x.detach()):
            raise Wrong("x is not the same after the call")
        return tensor(answer, tuple(self.x.shape), "the mixture")


TURNS = range(5)


def probe(ask: Ask, variant: int) -> list[Tensor]:
    """The mixtures of two sets of weights; `none` would hide what stands before it in a row."""
    mixture = Mixture(variant, 1)
    mixture.operations.remove(torch.zeros_like)
    return [mixture.asked(ask, mixture.weights(seeded(salt))) for salt in (7, 8)]


def one_hot(ask: Ask, variant: int) -> None:
    """All weight on one operation gives that operation's output, wherever it stands."""
    for mixture in (Mixture(variant, turn) for turn in TURNS):
        for k, output in enumerate(mixture.outputs):
            weights = torch.zeros(len(mixture.outputs), dtype=torch.float64)
            weights[k] = 1.0
            found = mixture.asked(ask, weights)
            if not same(found, output):
                raise Wrong(
                    f"all weight on operation {k} gives {shown(found)}; that operation alone gives "
                    f"{shown(output)}"
                )


def linear(ask: Ask, variant: int) -> None:
    """f(2 u - 3 v) = 2 f(u) - 3 f(v) for all weights, and f(u) is the weighted sum."""
    for turn in TURNS:
        mixture = Mixture(variant, turn)
        u, v = (mixture.weights(seeded(variant, salt)) for salt in (1, 2))
        found = mixture.asked(ask, 2 * u - 3 * v)
        combined = 2 * mixture.asked(ask, u) - 3 * mixture.asked(ask, v)
        if not same(found, combined, scale=20):
            raise Wrong(
                f"with weights 2 u - 3 v the mixture is {shown(found)}; twice that of u minus "
                f"three times that of v is {shown(combined)}"
            )
        found = mixture.asked(ask, u)
        if not same(found, mixture.expected(u), scale=10):
            raise Wrong(
                f"weights {shown(u)} give {shown(found)}, expected {shown(mixture.expected(u))}"
            )


def gradient_of_weights(ask: Ask, variant: int) -> None:
    """The derivative of <v, mixture> in weights[k] is <v, operations[k](x)>, also at weight 0."""
    mixture, rng = Mixture(variant, variant), seeded(variant, 3)
    v = torch.randn(mixture.x.shape, generator=rng, dtype=torch.float64)
    expected = torch.stack([(v * output).sum() for output in mixture.outputs]).detach()
    decided = torch.zeros(len(expected), dtype=torch.float64)
    decided[(variant + 1) % len(expected)] = 1.0
    for weights in (mixture.weights(rng), decided):
        leaf = weights.clone().requires_grad_()
        mixed = mixture.asked(ask, leaf)
        (slopes,) = gradients((v * mixed).sum(), [leaf], "the mixture", DETACHED)
        if not same(slopes, expected, scale=50):
            left_out = bool(((slopes == 0) & (expected.abs() > 1e-9) & (weights == 0)).any())
            raise Wrong(
                f"with weights {shown(weights)} the gradient in the weights is {shown(slopes)}, "
                f"expected {shown(expected)} (0 belongs to `none` alone)",
                LEFT_OUT if left_out and weights is decided else None,
            )


def gradient_of_operations(ask: Ask, variant: int) -> None:
    """x and the filters inside the operations have the gradient of the weighted sum."""
    mixture = Mixture(variant, variant)
    weights = mixture.weights(seeded(variant, 4))
    mixed, expected = mixture.asked(ask, weights), mixture.expected(weights)
    if not same(mixed, expected, scale=10):
        raise Wrong(f"the mixture is {shown(mixed)}, expected {shown(expected)}")
    leaves = {"x": mixture.x, "the filters of an operation": mixture.filters}
    right = gradients(expected.square().sum(), [*leaves.values()], "the sum")
    found = gradients(mixed.square().sum(), [*leaves.values()], "the mixture", CUT)
    for (what, leaf), one, other in zip(leaves.items(), found, right, strict=True):
        if not same(one, other, scale=100):
            raise Wrong(
                f"the gradient in {what} is {shown(one)}, expected {shown(other)}",
                CUT if leaf is mixture.filters and not bool(one.any()) else None,
            )


mixed_op = Exercise(
    lab="lab03_darts",
    name="mixed_op",
    section=sections.MIXTURE,
    library=("course_lib.nas.supernet:mixed_op",),
    laws={
        "one-hot weights give that operation": one_hot,
        "linear in the weights": linear,
        "the gradient reaches every weight": gradient_of_weights,
        "the gradient reaches the operations": gradient_of_operations,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "All operations read the same x. What comes out of operation number k counts weights[k] "
        "times, and everything is added up.",
        "weights is a tensor, and the search learns through it: weights[k] * operations[k](x) "
        "keeps the graph, float(weights[k]) or weights.tolist() cuts it.",
        "sum(w * operation(x) for w, operation in zip(weights, operations))",
    ),
    basic="one-hot weights give that operation",
)
