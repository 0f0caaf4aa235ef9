"""`bias_and_variance`: against the exact gradient, by enumeration of the choices."""

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab04_gumbel import sections
from course_lib.checks.lab04_gumbel.estimates import Question
from course_lib.checks.laws import CHANGED, Given, arguments_stay
from course_lib.checks.values import apart, same, shown, tensor, told_apart, tuple_of
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake

bias_mistake = partial(mistake, part="bias")
variance_mistake = partial(mistake, part="variance")
Cost = Callable[[Tensor], Tensor]


def _costs(f: Cost, logits: Tensor) -> Tensor:
    return f(torch.eye(len(logits), dtype=logits.dtype))


def _exact(f: Cost, logits: Tensor) -> Tensor:
    p, costs = logits.softmax(0), _costs(f, logits)
    return p * (costs - p @ costs)


def _inside(f: Cost, logits: Tensor) -> Tensor:
    at = logits.clone().requires_grad_()
    return torch.autograd.grad(f(at.softmax(0)[None]).sum(), at)[0]


def _bias(formula: Callable[[Tensor, Tensor], Tensor], exact: Any = _exact) -> Any:
    """An answer with this bias, from mean and exact gradient; its variance is not compared."""
    return lambda estimates, f, logits: (
        formula(estimates.mean(0), exact(f, logits)),
        torch.zeros(()),
    )


def _variance(formula: Callable[[Tensor, Tensor], Tensor]) -> Any:
    """An answer with this variance, from estimates and exact gradient; its bias is not compared."""
    return lambda estimates, f, logits: (
        torch.zeros_like(logits),
        formula(estimates, _exact(f, logits)),
    )


MISTAKES = (
    bias_mistake(
        "the bias has the wrong sign",
        "Bias is what the estimates are on average minus what they should be.",
        _bias(lambda mean, exact: exact - mean),
    ),
    bias_mistake(
        "the mean estimate, not compared with the exact gradient",
        "Subtract the exact gradient, by enumeration of the choices.",
        _bias(lambda mean, exact: mean),
    ),
    bias_mistake(
        "the exact gradient is taken of f at the mean, not of the mean of f",
        "J is the mean of f over the corners. f(softmax(logits)) is f at one point between them, "
        "which is something else unless f is linear.",
        _bias(lambda mean, inside: mean - inside, _inside),
    ),
    bias_mistake(
        "the exact gradient is p_k f_k",
        "Moving one logit changes all probabilities: dp_j / dlogit_k = p_j (1[j = k] - p_k).",
        _bias(
            lambda mean, uncentred: mean - uncentred,
            lambda f, logits: logits.softmax(0) * _costs(f, logits),
        ),
    ),
    bias_mistake(
        "the bias has lost its sign",
        "A bias has a direction: return the difference itself, one number for each choice.",
        _bias(lambda mean, exact: (mean - exact).abs()),
        _bias(lambda mean, exact: (mean - exact).square()),
        _bias(lambda mean, exact: (mean - exact).norm()),
    ),
    variance_mistake(
        "the mean square instead of the variance",
        "Variance is measured from the mean of the estimates: E|g|^2 - |E g|^2.",
        _variance(lambda x, exact: x.square().sum(1).mean()),
    ),
    variance_mistake(
        "the mean squared error instead of the variance",
        "Spread around the exact gradient holds the bias, too. Variance is the spread around the "
        "estimates' own mean.",
        _variance(lambda x, exact: (x - exact).square().sum(1).mean()),
    ),
    variance_mistake(
        "the variance of the mean instead of one estimate's",
        "A mean of n estimates has 1/n of the variance. Here the question is about one.",
        _variance(lambda x, exact: x.var(0).sum() / len(x)),
    ),
    variance_mistake(
        "the variance is divided by samples instead of samples - 1",
        "The mean was estimated from the same samples, so divide by samples - 1.",
        _variance(lambda x, exact: x.var(0, unbiased=False).sum()),
    ),
    variance_mistake(
        "the standard deviation instead of the variance",
        "Variances of the entries add up; standard deviations do not.",
        _variance(lambda x, exact: x.std(0).sum()),
        _variance(lambda x, exact: x.var(0).sum().sqrt()),
    ),
    variance_mistake(
        "the mean over the entries instead of the sum",
        "The variance of a vector is E|g - mean|^2: the entries' variances add up.",
        _variance(lambda x, exact: x.var(0).mean()),
    ),
    variance_mistake(
        "one variance per entry",
        "Add the variances of the entries to a single number.",
        _variance(lambda x, exact: x.var(0)),
    ),
    variance_mistake(
        "the variance of all numbers in one heap",
        "Each entry has its own mean: the variance over the samples, entry by entry, then add.",
        _variance(lambda x, exact: x.var()),
    ),
    CHANGED,
)


def probe(ask: Ask, variant: int) -> dict[str, list[Tensor]]:
    """Bias and variance of two questions, of whatever shape."""
    told: dict[str, list[Tensor]] = {"bias": [], "variance": []}
    for question in (Question(variant), Question(variant + 1, samples=12)):
        answer = ask(question.estimates.clone(), question.cost, question.logits.clone())
        for part, value in zip(told, tuple_of(answer, *told), strict=True):
            told[part].append(torch.as_tensor(value, dtype=torch.float64).detach())
    return told


def _questions(variant: int) -> list[Question]:
    """Few estimates and more, logits of usual size and far from 0."""
    return [
        Question(variant),
        Question(variant + 1, samples=2),
        Question(variant + 2, constant=800.0),
        Question(variant, constant=-800.0),
    ]


def bias(ask: Ask, variant: int) -> None:
    """Mean estimate minus exact gradient, entry by entry."""
    for question in _questions(variant):
        found = question.bias(ask)
        expected = question.estimates.mean(0) - question.exact
        if not same(found, expected, scale=10):
            right, wrong = apart(expected, found)
            raise Wrong(
                f"logits {shown(question.logits)}: the mean estimate is "
                f"{shown(question.estimates.mean(0))} and the exact gradient "
                f"{shown(question.exact)}, the bias {right}; yours is {wrong}"
            )


def variance(ask: Ask, variant: int) -> None:
    """Of n estimates, the sum over pairs of |a - b|^2, divided by n (n - 1)."""
    for question in _questions(variant):
        found = question.variance(ask)
        rows = list(question.estimates)
        squares = [float((a - b).square().sum()) for a, b in combinations(rows, 2)]
        expected = sum(squares) / (len(rows) * (len(rows) - 1))
        if not same(found, torch.tensor(expected, dtype=torch.float64), scale=10):
            right, wrong = told_apart(expected, float(found))
            raise Wrong(
                f"{len(rows)} estimates of {question.choices} entries: expected the variance "
                f"{right}, got {wrong}"
            )


def shifted(ask: Ask, variant: int) -> None:
    """Estimates moved by a constant: the bias moves with them, the variance stays."""
    question = Question(variant)
    shift = torch.linspace(5, -3, question.choices, dtype=torch.float64)
    before, spread = question.bias(ask), question.variance(ask)
    question.estimates = question.estimates + shift
    after, again = question.bias(ask), question.variance(ask)
    if not same(after - before, shift, scale=20):
        right, wrong = apart(shift, after - before)
        raise Wrong(f"moved by {right}, the estimates' bias moved by {wrong}")
    if not same(again, spread, scale=20):
        was, now = told_apart(float(spread), float(again))
        raise Wrong(f"moved by a constant, the estimates' variance went from {was} to {now}")


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
            f"have no bias; yours is {shown(found)}"
        )


def _given(variant: int) -> Given:
    question = Question(variant)
    logits = question.logits.requires_grad_(variant % 2 == 0)
    return {"estimates": question.estimates, "logits": logits}


def _put(ask: Ask, given: Given) -> None:
    answer = ask(given["estimates"], lambda z: z.square().sum(-1) + z[..., 0], given["logits"])
    tensor(tuple_of(answer, "bias", "variance")[0], tuple(given["logits"].shape), "the bias")


bias_and_variance = Exercise(
    lab="lab04_gumbel",
    name="bias_and_variance",
    section=sections.ESTIMATORS,
    library=("course_lib.nas.estimators:exact_gradient", "course_lib.nas.estimators:quality"),
    laws={
        "bias = mean estimate - exact gradient": bias,
        "variance of one estimate": variance,
        "a constant moves the bias, not the variance": shifted,
        "the score function has no bias": score_function,
        "estimates and logits stay as they are": arguments_stay(_given, _put),
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "torch.eye(choices, dtype=logits.dtype) holds all corners of the simplex, one in each "
        "row: f of it gives the cost of every choice.",
        "J = p @ costs with p = softmax(logits). Its gradient is p * (costs - J); autograd gives "
        "the same.",
        "Bias is estimates.mean(0) minus that. Variance: per entry over the samples, divided by "
        "samples - 1, then added up over the entries.",
    ),
    basic="bias = mean estimate - exact gradient",
)
