"""Laws of `second_order`: the gradient through one step of the weights, known in closed form."""

from typing import Any

import torch
from torch import Tensor

from course_lib.checks.guard import Ask, StudentError, seeded
from course_lib.checks.lab03.bilevel import Bilevel, gradient, nothing_accumulates, untouched
from course_lib.checks.lab03.unrolled_mistakes import FIXED, KNOWN, ZERO_VECTOR
from course_lib.checks.values import same, shown
from course_lib.checks.wrong import Misconception, Wrong


def recognise(ask: Ask, problem: Bilevel) -> Misconception | None:
    """The known mistake that gives the same gradient at two step sizes."""
    found = {xi: problem.asked(ask, xi) for xi in (0.2, 0.5)}
    for mistake, formula in KNOWN:
        if all(same(f, formula(problem, xi), scale=30) for xi, f in found.items()):
            return mistake
    return None


def _compare(ask: Ask, problem: Bilevel, xi: float) -> None:
    found, expected = problem.asked(ask, xi), problem.second_order(xi)
    if not same(found, expected, scale=30):
        raise Wrong(
            f"with xi = {xi} the gradient is {shown(found)}; on paper it is {shown(expected)}",
            recognise(ask, Bilevel(problem.variant, curvature=0.5)),
        )


def quadratic(ask: Ask, variant: int) -> None:
    """The closed form, where losses are quadratic: any difference quotient is exact there."""
    for xi in (0.1, 0.4):
        _compare(ask, Bilevel(variant), xi)


def curved(ask: Ask, variant: int) -> None:
    """The closed form, where the second derivative changes with w: central differences at w are
    exact, others are not."""
    for xi in (0.1, 0.4):
        _compare(ask, Bilevel(variant, curvature=0.5), xi)


class Small:
    """A small network with a mixed operation, float64, and two batches."""

    def __init__(self, variant: int) -> None:
        rng = seeded(variant, 21)

        def draw(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=rng, dtype=torch.float64)

        self.inputs, self.targets = draw(2, 12, 3), draw(2, 12)
        self.weights, self.alpha = {"inner": draw(4, 3) / 2, "outer": draw(4) / 2}, draw(1, 3)

    def loss(self, batch: int, params: Any, alpha: Tensor) -> Tensor:
        x: Tensor = self.inputs[batch] @ params["inner"].T
        p = alpha.softmax(1)[0]
        found = (p[0] * x.tanh() + p[1] * x + p[2] * x.sin()) @ params["outer"]
        return torch.nn.functional.mse_loss(found, self.targets[batch])


def network(ask: Ask, variant: int) -> None:
    """On a small network: backward through the backward pass, to the accuracy of eps^2."""
    small, xi = Small(variant), 0.1
    params = {name: value.clone().requires_grad_() for name, value in small.weights.items()}
    alpha = small.alpha.clone().requires_grad_()
    slopes = torch.autograd.grad(
        small.loss(0, params, alpha), [*params.values()], create_graph=True
    )
    after = {n: w - xi * s for (n, w), s in zip(params.items(), slopes, strict=True)}
    (exact,) = torch.autograd.grad(small.loss(1, after, alpha), alpha)

    def train_loss(params: Any, alpha: Tensor) -> Tensor:
        return small.loss(0, params, alpha)

    def valid_loss(params: Any, alpha: Tensor) -> Tensor:
        return small.loss(1, params, alpha)

    found = gradient(ask(train_loss, valid_loss, params, alpha, xi=xi), alpha)
    # central differences are far closer; how close they must be is the law above
    if not bool((found - exact.reshape(-1)).norm() <= 0.02 * exact.norm()):
        raise Wrong(
            f"the gradient is {shown(found)}; backward through the backward pass gives "
            f"{shown(exact)}",
            recognise(ask, Bilevel(variant, curvature=0.5)),
        )


def any_length(ask: Ask, variant: int) -> None:
    """A zero, a short and a very long v, for L_valid = length w.t + h.a and L_train = a.b sin(w).

    grad_a = h - xi length (b cos(w)) t, exactly; where v is zero the product is zero.
    """
    rng, xi = seeded(variant, 31), 0.3
    w, t = torch.randn(2, 5, generator=rng, dtype=torch.float64)
    b = torch.randn(4, 5, generator=rng, dtype=torch.float64)
    h, a = torch.randn(2, 4, generator=rng, dtype=torch.float64)
    for length in (0.0, 0.01, 3e4):
        params = {"left": w[:2].clone(), "right": w[2:].clone()}
        for value in params.values():
            value.requires_grad_()
        alpha = a.reshape(2, 2).clone().requires_grad_()

        def train_loss(params: Any, alpha: Tensor) -> Tensor:
            flat = torch.cat([params["left"], params["right"]])
            return torch.dot(alpha.reshape(-1), b @ flat.sin())

        def valid_loss(params: Any, alpha: Tensor, length: float = length) -> Tensor:
            flat = torch.cat([params["left"], params["right"]])
            return length * torch.dot(flat, t) + torch.dot(h, alpha.reshape(-1))

        expected = h - xi * length * (b * w.cos()) @ t
        zero = ZERO_VECTOR if length == 0 else None
        try:
            answer = ask(train_loss, valid_loss, params, alpha, xi=xi)
        except StudentError as error:
            if isinstance(error.error, ZeroDivisionError):
                raise Wrong(f"where v is zero, {error}", ZERO_VECTOR) from error
            raise
        found = gradient(answer, alpha, zero)
        distance = float((found - expected).norm())
        if distance > 0.02 * (1e-3 + float((expected - h).norm())):
            mistake = recognise(ask, Bilevel(variant, curvature=0.5))
            said = f"with |v| = {length * float(t.norm()):.3g} the gradient is {shown(found)}, "
            raise Wrong(f"{said}expected {shown(expected)}", mistake or FIXED)


def stay(ask: Ask, variant: int) -> None:
    """Weights and alpha are as they were."""
    untouched(ask, variant, 0.3)


def no_accumulation(ask: Ask, variant: int) -> None:
    """.grad is as it was, and has no part in the answer."""
    nothing_accumulates(ask, variant, 0.3)


LAWS = {
    "the closed form on a quadratic": quadratic,
    "central differences, around w": curved,
    "double backward on a small network": network,
    "a vector v of any length": any_length,
    "weights and alpha stay as they are": stay,
    "nothing accumulates in .grad": no_accumulation,
}
