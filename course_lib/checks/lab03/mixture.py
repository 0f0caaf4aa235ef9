"""Laws of `mixed_op`: a weighted sum of operations, written down operation by operation."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from course_lib.checks.guard import Ask, seeded
from course_lib.checks.values import same, shown, tensor
from course_lib.checks.wrong import Misconception, Wrong

SOFTMAX = Misconception(
    "a second softmax",
    "`weights` are the mixture's weights already: what turns alphas into weights stands outside. "
    "Another softmax would keep a decided edge undecided.",
)
MEAN = Misconception(
    "the mean instead of the sum",
    "The weights say how much of each operation there is. Dividing by the number of operations "
    "makes the mixture too small.",
)
UNWEIGHTED = Misconception(
    "the weights are not used",
    "Every operation counts as much as its weight says.",
)
DETACHED = Misconception(
    "the gradient does not reach the weights",
    "The search learns alpha through these weights: `.item()`, `float()`, `.tolist()`, `.detach()` "
    "and `torch.no_grad()` cut the graph.",
)
CUT = Misconception(
    "the gradient does not reach the operations",
    "The weights of the network learn through the same sum: keep the outputs attached.",
)
STRONGEST = Misconception(
    "only the strongest operation is computed",
    "That is a path. DARTS computes every operation, and all of them learn.",
)
LEFT_OUT = Misconception(
    "operations of weight 0 are left out",
    "The sum is right without them, its gradient is not: a weight of 0 could never learn to rise.",
)
INPUT = Misconception(
    "the weights scale what goes in, not what comes out",
    "Operations are not linear: w * operation(x) is not operation(w * x).",
)
CHAIN = Misconception(
    "the operations run one after the other",
    "All of them read the same x, side by side.",
)
NORMALISED = Misconception(
    "the weights are divided by their sum",
    "Take the weights as they are: they need not sum to 1 for the sum to make sense.",
)
REVERSED = Misconception(
    "weights and operations are paired in another order",
    "weights[k] belongs to operations[k].",
)

Operations = Sequence[Callable[[Tensor], Tensor]]


class Mixture:
    """Operations that are not linear, among them `none`, an input, and what each puts out."""

    def __init__(self, variant: int) -> None:
        rng = seeded(variant)
        self.filters = torch.randn(2, 2, 1, 1, generator=rng, dtype=torch.float64).requires_grad_()
        self.x = torch.randn(3, 2, 4, 4, generator=rng, dtype=torch.float64).requires_grad_()
        several: list[Callable[[Tensor], Tensor]] = [
            torch.zeros_like,
            lambda x: nn.functional.conv2d(x, self.filters).tanh() + 0.5,
            lambda x: x,
            lambda x: x.square(),
            lambda x: x.relu() + x.mean(),
        ]
        order = torch.randperm(4, generator=rng).tolist()
        self.operations = [several[i] for i in order[: 3 + variant % 2]]
        self.operations.insert(1, several[4])
        self.none = [k for k, op in enumerate(self.operations) if op is torch.zeros_like]
        self.outputs = [operation(self.x) for operation in self.operations]

    def weights(self, rng: torch.Generator) -> Tensor:
        """Any numbers: the law does not ask that they sum to 1, or that they are positive."""
        return torch.randn(len(self.operations), generator=rng, dtype=torch.float64)

    def expected(self, weights: Tensor) -> Tensor:
        """sum_k weights[k] * operations[k](x)."""
        return torch.einsum("k,k...->...", weights, torch.stack(self.outputs))

    def asked(self, ask: Ask, weights: Tensor) -> Tensor:
        """The answer, tested to be a tensor of the shape of x."""
        answer = ask(self.operations, self.x, weights)
        return tensor(answer, tuple(self.x.shape), "the mixture")

    def recognise(self, ask: Ask) -> Misconception | None:
        """The known mistake that gives the same numbers on two sets of weights."""
        several = [self.weights(seeded(salt)) for salt in (7, 8)]
        found = [self.asked(ask, weights) for weights in several]
        for mistake, formula in KNOWN:
            predicted = [formula(self, weights) for weights in several]
            if all(same(f, p, scale=10) for f, p in zip(found, predicted, strict=True)):
                return mistake
        return None


Formula = Callable[[Mixture, Tensor], Tensor]


def _scaled_inputs(mixture: Mixture, weights: Tensor) -> Tensor:
    parts = [op(w * mixture.x) for op, w in zip(mixture.operations, weights, strict=True)]
    return torch.stack(parts).sum(0)


def _chained(mixture: Mixture, weights: Tensor) -> Tensor:
    x: Tensor = mixture.x
    for operation, weight in zip(mixture.operations, weights, strict=True):
        x = weight * operation(x)
    return x


KNOWN: Sequence[tuple[Misconception, Formula]] = (
    (SOFTMAX, lambda mixture, weights: mixture.expected(weights.softmax(0))),
    (MEAN, lambda mixture, weights: mixture.expected(weights) / len(weights)),
    (UNWEIGHTED, lambda mixture, weights: torch.stack(mixture.outputs).sum(0)),
    (UNWEIGHTED, lambda mixture, weights: torch.stack(mixture.outputs).mean(0)),
    (STRONGEST, lambda mixture, weights: mixture.outputs[int(weights.argmax())]),
    (STRONGEST, lambda mixture, weights: weights.max() * mixture.outputs[int(weights.argmax())]),
    (NORMALISED, lambda mixture, weights: mixture.expected(weights / weights.sum())),
    (REVERSED, lambda mixture, weights: mixture.expected(weights.flip(0))),
    (INPUT, _scaled_inputs),
    (CHAIN, _chained),
)


def one_hot(ask: Ask, variant: int) -> None:
    """All weight on one operation gives that operation's output."""
    mixture = Mixture(variant)
    for k, output in enumerate(mixture.outputs):
        weights = torch.zeros(len(mixture.outputs), dtype=torch.float64)
        weights[k] = 1.0
        found = mixture.asked(ask, weights)
        if not same(found, output):
            raise Wrong(
                f"all weight on operation {k} gives {shown(found)}; that operation alone gives "
                f"{shown(output)}",
                mixture.recognise(ask),
            )


def linear(ask: Ask, variant: int) -> None:
    """f(2 u - 3 v) = 2 f(u) - 3 f(v) for all weights, and f(u) is the weighted sum."""
    mixture = Mixture(variant)
    u, v = (mixture.weights(seeded(variant, salt)) for salt in (1, 2))
    found = mixture.asked(ask, 2 * u - 3 * v)
    combined = 2 * mixture.asked(ask, u) - 3 * mixture.asked(ask, v)
    if not same(found, combined, scale=20):
        raise Wrong(
            f"with weights 2 u - 3 v the mixture is {shown(found)}; twice that of u minus three "
            f"times that of v is {shown(combined)}",
            mixture.recognise(ask),
        )
    if not same(mixture.asked(ask, u), mixture.expected(u), scale=10):
        raise Wrong(
            f"weights {shown(u)} give {shown(mixture.asked(ask, u))}, expected "
            f"{shown(mixture.expected(u))}",
            mixture.recognise(ask),
        )


def gradient_of_weights(ask: Ask, variant: int) -> None:
    """The derivative of <v, mixture> in weights[k] is <v, operations[k](x)>, also at weight 0."""
    mixture = Mixture(variant)
    rng = seeded(variant, 3)
    v = torch.randn(mixture.x.shape, generator=rng, dtype=torch.float64)
    expected = torch.stack([(v * output).sum() for output in mixture.outputs]).detach()
    decided = torch.zeros(len(expected), dtype=torch.float64)
    decided[(variant + 1) % len(expected)] = 1.0
    for weights in (mixture.weights(rng), decided):
        leaf = weights.clone().requires_grad_()
        mixed = mixture.asked(ask, leaf)
        slopes = _gradients((v * mixed).sum(), leaf, "the weights", DETACHED)
        if same(slopes, expected, scale=50):
            continue
        missing = (slopes == 0) & (expected.abs() > 1e-9)
        mistake = mixture.recognise(ask)
        if mistake is None and bool(missing.any()):
            mistake = LEFT_OUT
        raise Wrong(
            f"with weights {shown(weights)} the gradient in the weights is {shown(slopes)}, "
            f"expected {shown(expected)} (0 belongs to `none` alone)",
            mistake,
        )


def gradient_of_operations(ask: Ask, variant: int) -> None:
    """x and the filters inside the operations have the gradient of the weighted sum."""
    mixture = Mixture(variant)
    weights = mixture.weights(seeded(variant, 4))
    mixed, expected = mixture.asked(ask, weights), mixture.expected(weights)
    for what, leaf in (("x", mixture.x), ("the filters of an operation", mixture.filters)):
        right = _gradients(expected.square().sum(), leaf, what, None)
        found = _gradients(mixed.square().sum(), leaf, what, CUT if bool(right.any()) else None)
        if not same(found, right, scale=100):
            raise Wrong(
                f"the gradient in {what} is {shown(found)}, expected {shown(right)}",
                mixture.recognise(ask),
            )


def _gradients(loss: Tensor, leaf: Tensor, what: str, mistake: Misconception | None) -> Tensor:
    """The gradient in a leaf; without one it is zero, which is the mistake if one is given."""
    slopes = None
    if loss.requires_grad:
        slopes = torch.autograd.grad(loss, leaf, retain_graph=True, allow_unused=True)[0]
    if slopes is None and mistake is not None:
        raise Wrong(f"the mixture does not depend on {what} any more", mistake)
    return torch.zeros_like(leaf) if slopes is None else slopes


LAWS = {
    "one-hot weights give that operation": one_hot,
    "linear in the weights": linear,
    "the gradient reaches every weight": gradient_of_weights,
    "the gradient reaches the operations": gradient_of_operations,
}
