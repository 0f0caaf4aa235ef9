"""Laws of `bias_and_variance`: against the exact gradient, by enumeration of the choices."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.values import number, same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong

INSIDE = Misconception(
    "the exact gradient is taken of f at the mean, not of the mean of f",
    "J is the mean of f over the corners. f(softmax(logits)) is f at one point between them, which "
    "is something else unless f is linear.",
)
UNCENTRED = Misconception(
    "the exact gradient is p_k f_k",
    "Moving one logit changes all probabilities: dp_j / dlogit_k = p_j (1[j = k] - p_k).",
)
SIGN = Misconception(
    "the bias has the wrong sign",
    "Bias is what the estimates are on average minus what they should be.",
)
MAGNITUDE = Misconception(
    "the bias has lost its sign",
    "A bias has a direction: return the difference itself, one number for each choice.",
)
NOT_COMPARED = Misconception(
    "the mean estimate, not compared with the exact gradient",
    "Subtract the exact gradient, by enumeration of the choices.",
)
SQUARE = Misconception(
    "the mean square instead of the variance",
    "Variance is measured from the mean of the estimates: E|g|^2 - |E g|^2.",
)
AROUND_EXACT = Misconception(
    "the mean squared error instead of the variance",
    "Spread around the exact gradient holds the bias, too. Variance is the spread around the "
    "estimates' own mean.",
)
OF_MEAN = Misconception(
    "the variance of the mean instead of one estimate's",
    "A mean of n estimates has 1/n of the variance. Here the question is about one.",
)
POPULATION = Misconception(
    "the variance is divided by samples instead of samples - 1",
    "The mean was estimated from the same samples, so divide by samples - 1.",
)
DEVIATION = Misconception(
    "the standard deviation instead of the variance",
    "Variances of the entries add up; standard deviations do not.",
)
MEAN_ENTRY = Misconception(
    "the mean over the entries instead of the sum",
    "The variance of a vector is E|g - mean|^2: the entries' variances add up.",
)
PER_ENTRY = Misconception(
    "one variance per entry",
    "Add the variances of the entries to a single number.",
)
POOLED = Misconception(
    "the variance of all numbers in one heap",
    "Each entry has its own mean: take the variance over the samples, entry by entry, then add.",
)

Cost = Callable[[Tensor], Tensor]


class Question:
    """Logits, costs that are curved between the corners, and estimates with a bias."""

    def __init__(self, variant: int, samples: int = 0) -> None:
        rng = seeded(variant)
        self.choices = 3 + variant % 3
        samples = samples or 6 + variant % 4
        self.logits = torch.randn(self.choices, generator=rng, dtype=torch.float64)
        self.values = 2 * torch.rand(self.choices, generator=rng, dtype=torch.float64) - 0.5
        noise = torch.randn(samples, self.choices, generator=rng, dtype=torch.float64)
        self.estimates = noise + torch.linspace(-1, 2, self.choices, dtype=torch.float64)

    def cost(self, z: Tensor) -> Tensor:
        """values[k] at the corner k, far above the straight line between corners."""
        return z @ self.values.to(z) + 4 * (1 - z.square().sum(-1))

    @property
    def exact(self) -> Tensor:
        """Gradient of sum_k softmax(logits)_k f(e_k), corner by corner, by differentiation."""
        logits = self.logits.clone().requires_grad_()
        p = logits.softmax(0)
        expected = sum((p[k] * float(v) for k, v in enumerate(self.values)), torch.zeros(()))
        return torch.autograd.grad(expected, logits)[0]

    def ask(self, ask: Ask) -> tuple[Any, Any]:
        """The answer's pair, whatever it holds."""
        answer = ask(self.estimates.clone(), self.cost, self.logits.clone())
        if type(answer) not in (tuple, list) or len(answer) != 2:
            raise Wrong("expected the two tensors (bias, variance), got something else")
        return answer[0], answer[1]

    def bias(self, ask: Ask) -> Tensor:
        """The answer's bias, (choices,)."""
        found, _ = self.ask(ask)
        if type(found) is Tensor and found.shape == ():
            said = "the bias has shape (), expected one number for each choice"
            raise Wrong(said, MAGNITUDE)
        return tensor(found, (self.choices,), "bias")

    def variance(self, ask: Ask) -> Tensor:
        """The answer's variance, ()."""
        _, found = self.ask(ask)
        if type(found) is Tensor and tuple(found.shape) == (self.choices,):
            raise Wrong(f"the variance has shape ({self.choices},), expected ()", PER_ENTRY)
        return torch.tensor(number(found, "variance"), dtype=torch.float64)

    def known_bias(self, bias: Tensor) -> Misconception | None:
        mean, p = self.estimates.mean(0), self.logits.softmax(0)
        at = self.logits.clone().requires_grad_()
        inside = torch.autograd.grad(self.cost(at.softmax(0)), at)[0]
        known = {
            SIGN: self.exact - mean,
            NOT_COMPARED: mean,
            INSIDE: mean - inside,
            UNCENTRED: mean - p * self.values,
            MAGNITUDE: (mean - self.exact).abs(),
        }
        squared = (mean - self.exact).square()
        return _match(bias, known) or (MAGNITUDE if same(bias, squared, scale=10) else None)

    def known_variance(self, variance: Tensor) -> Misconception | None:
        x, n = self.estimates, len(self.estimates)
        spread = x.var(0)
        around = (x - self.exact).square().sum(1)
        known = {
            SQUARE: x.square().sum(1).mean(),
            AROUND_EXACT: around.mean(),
            OF_MEAN: spread.sum() / n,
            POPULATION: x.var(0, unbiased=False).sum(),
            DEVIATION: spread.sqrt().sum(),
            MEAN_ENTRY: spread.mean(),
            POOLED: x.var(),
        }
        found = _match(variance, known)
        return found or (DEVIATION if same(variance, spread.sum().sqrt(), scale=10) else None)


def _match(found: Tensor, known: dict[Misconception, Tensor]) -> Misconception | None:
    return next((m for m, value in known.items() if same(found, value, scale=10)), None)


def bias(ask: Ask, variant: int) -> None:
    """Mean estimate minus exact gradient, entry by entry."""
    question = Question(variant)
    found = question.bias(ask)
    expected = question.estimates.mean(0) - question.exact
    if not same(found, expected, scale=10):
        raise Wrong(
            f"the mean estimate is {shown(question.estimates.mean(0))} and the exact gradient "
            f"{shown(question.exact)}; your bias is {shown(found)}",
            question.known_bias(found),
        )


def variance(ask: Ask, variant: int) -> None:
    """Of n estimates, the sum over pairs of |a - b|^2, divided by n (n - 1)."""
    question = Question(variant)
    found = question.variance(ask)
    rows = list(question.estimates)
    squares = [float((a - b).square().sum()) for a, b in combinations(rows, 2)]
    expected = sum(squares) / (len(rows) * (len(rows) - 1))
    if not same(found, torch.tensor(expected, dtype=torch.float64), scale=10):
        raise Wrong(
            f"{len(rows)} estimates of {question.choices} entries: expected the variance "
            f"{expected:.4f}, got {float(found):.4f}",
            question.known_variance(found),
        )


def shifted(ask: Ask, variant: int) -> None:
    """Estimates moved by a constant: the bias moves with them, the variance stays."""
    question = Question(variant)
    shift = torch.linspace(5, -3, question.choices, dtype=torch.float64)
    before, spread = question.bias(ask), question.variance(ask)
    known = question.known_bias(before), question.known_variance(spread)
    question.estimates = question.estimates + shift
    after, again = question.bias(ask), question.variance(ask)
    if not same(after - before, shift, scale=20):
        said = f"moved by {shown(shift)}, the estimates' bias moved by {shown(after - before)}"
        raise Wrong(said, known[0])
    if not same(again, spread, scale=20):
        said = f"moved by a constant, the estimates' variance went from {float(spread):.4f} to "
        raise Wrong(f"{said}{float(again):.4f}", known[1])


def score_function(ask: Ask, variant: int) -> None:
    """Score-function estimates f(z) (z - p), every choice as often as p says: no bias at all."""
    question = Question(variant)
    counts = torch.randint(2, 9, (question.choices,), generator=seeded(variant, 1))
    p = counts.double() / counts.sum()
    question.logits = p.log()
    one_hot = torch.eye(question.choices, dtype=torch.float64).repeat_interleave(counts, 0)
    question.estimates = (one_hot @ question.values)[:, None] * (one_hot - p)
    found = question.bias(ask)
    if not same(found, torch.zeros_like(found), scale=10):
        raise Wrong(
            "the score-function estimates of all draws, each as often as its probability says, "
            f"have no bias; yours is {shown(found)}",
            question.known_bias(found),
        )


LAWS = {
    "bias = mean estimate - exact gradient": bias,
    "variance of one estimate": variance,
    "a constant moves the bias, not the variance": shifted,
    "the score function has no bias": score_function,
}
