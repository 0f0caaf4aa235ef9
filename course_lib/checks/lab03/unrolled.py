"""Laws of `second_order`: the gradient through one step of the weights, known in closed form."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.guard import Ask, StudentError, seeded
from course_lib.checks.lab03.bilevel import Bilevel, gradient, nothing_accumulates, untouched
from course_lib.checks.values import same, shown
from course_lib.checks.wrong import Misconception, Wrong

PLUS = Misconception(
    "the product is added instead of subtracted",
    "w' = w - xi grad L_train: the minus of the step comes back as the minus of the product.",
)
NO_PRODUCT = Misconception(
    "the product with the second derivatives is missing",
    "The gradient at w' alone forgets that w' depends on alpha through the step.",
)
FIRST = Misconception(
    "this is the first-order gradient",
    "Step the weights first: both gradients of the validation loss are taken at w', and the "
    "product is subtracted.",
)
AT_W = Misconception(
    "the vector is taken at w instead of w'",
    "v is the gradient of the validation loss in the weights after the step.",
)
DIRECT_AT_W = Misconception(
    "the direct gradient is taken at w instead of w'",
    "grad_alpha L_valid is evaluated after the step of the weights, like v.",
)
VALID_DIFFERENCE = Misconception(
    "the differences are taken in the validation loss",
    "The step that depends on alpha descends the training loss: its mixed derivative is needed.",
)
NOT_DIVIDED = Misconception(
    "the difference is not divided by 2 R",
    "(f(w + R v) - f(w - R v)) / (2 R) approximates the derivative along v.",
)
HALF = Misconception(
    "the difference is divided by R instead of 2 R",
    "Between w + R v and w - R v lie two steps of R v.",
)
UNIT = Misconception(
    "the vector is shortened to length 1",
    "Move by R v with R = 0.01 / |v| and divide by 2 R; what comes out is the product with v, not "
    "with v / |v|.",
)
NO_XI = Misconception(
    "the product is not multiplied by xi",
    "dw'/dalpha = -xi times the mixed second derivative.",
)
TRAIN_VECTOR = Misconception(
    "the vector comes from the training loss",
    "The chain rule begins at the end: v is the gradient of the validation loss at w'.",
)
AROUND = Misconception(
    "the differences are taken around w' instead of w",
    "The step was taken at w, so the second derivative is needed at w: move w to w + R v and "
    "w - R v. (Or were the weights stepped in place and not restored?)",
)
UPHILL = Misconception(
    "the weights step uphill",
    "w' = w - xi grad_w L_train(w, alpha).",
)
VALID_STEP = Misconception(
    "the weights step on the validation loss",
    "Weights learn on the training batch: w' = w - xi grad_w L_train(w, alpha).",
)
DIRECT_TRAIN = Misconception(
    "the direct gradient is that of the training loss",
    "Alpha minimises the validation loss: the direct part is grad_alpha L_valid(w', alpha).",
)
ONE_SIDED = Misconception(
    "a one-sided difference",
    "(f(w + R v) - f(w)) / R has an error in proportion to R, the central difference only to R^2.",
)
ZERO_VECTOR = Misconception(
    "division by the length of a zero vector",
    "Where v is zero the product is zero: return the direct gradient before dividing by |v|.",
)
FIXED = Misconception(
    "R does not shrink as v grows",
    "R = 0.01 / |v|, |v| the length over all tensors together: w always moves by 0.01 in all.",
)

Formula = Callable[[Bilevel, float], Tensor]


def _parts(p: Bilevel, xi: float) -> tuple[Tensor, Tensor, Tensor]:
    """w', v and the direct gradient."""
    after = p.unrolled(xi)
    return after, p.valid_w(after), p.valid_a(after)


def _small(v: Tensor) -> float:
    return 0.01 / float(v.norm())


def _stepped(p: Bilevel, xi: float, after: Tensor) -> Tensor:
    return p.valid_a(after) - xi * p.product(p.valid_w(after))


def _vector(p: Bilevel, xi: float, v: Tensor) -> Tensor:
    return p.valid_a(p.unrolled(xi)) - xi * p.product(v)


def _factor(p: Bilevel, xi: float, factor: Callable[[Tensor], float]) -> Tensor:
    _, v, direct = _parts(p, xi)
    return direct - factor(v) * p.product(v)


def _one_sided(p: Bilevel, xi: float, sign: float) -> Tensor:
    _, v, direct = _parts(p, xi)
    small = sign * _small(v)
    return direct - xi * (p.train_a(p.w + small * v) - p.train_a(p.w)) / small


KNOWN: Sequence[tuple[Misconception, Formula]] = (
    (PLUS, lambda p, xi: _factor(p, xi, lambda v: -xi)),
    (NO_PRODUCT, lambda p, xi: p.valid_a(p.unrolled(xi))),
    (FIRST, lambda p, xi: p.valid_a(p.w)),
    (AT_W, lambda p, xi: _vector(p, xi, p.valid_w(p.w))),
    (DIRECT_AT_W, lambda p, xi: p.valid_a(p.w) - xi * p.product(p.valid_w(p.unrolled(xi)))),
    (VALID_DIFFERENCE, lambda p, xi: _parts(p, xi)[2] - xi * _parts(p, xi)[1] @ p.N),
    (NOT_DIVIDED, lambda p, xi: _factor(p, xi, lambda v: xi * 2 * _small(v))),
    (NOT_DIVIDED, lambda p, xi: _factor(p, xi, lambda v: xi * 2 * 0.01)),
    (HALF, lambda p, xi: _factor(p, xi, lambda v: 2 * xi)),
    (HALF, lambda p, xi: _factor(p, xi, lambda v: xi / 2)),
    (UNIT, lambda p, xi: _factor(p, xi, lambda v: xi / float(v.norm()))),
    (UNIT, lambda p, xi: _factor(p, xi, lambda v: xi * float(v.norm()))),
    (NO_XI, lambda p, xi: _factor(p, xi, lambda v: 1.0)),
    (TRAIN_VECTOR, lambda p, xi: _vector(p, xi, p.train_w(p.w))),
    (TRAIN_VECTOR, lambda p, xi: _vector(p, xi, p.train_w(p.unrolled(xi)))),
    (AROUND, lambda p, xi: _parts(p, xi)[2] - xi * p.product(_parts(p, xi)[1], p.unrolled(xi))),
    (UPHILL, lambda p, xi: _stepped(p, xi, p.unrolled(-xi))),
    (VALID_STEP, lambda p, xi: _stepped(p, xi, p.w - xi * p.valid_w(p.w))),
    (DIRECT_TRAIN, lambda p, xi: _factor(p, xi, lambda v: xi) + _wrong_direct(p, xi)),
    (ONE_SIDED, lambda p, xi: _one_sided(p, xi, 1.0)),
    (ONE_SIDED, lambda p, xi: _one_sided(p, xi, -1.0)),
)


def _wrong_direct(p: Bilevel, xi: float) -> Tensor:
    after = p.unrolled(xi)
    return p.train_a(after) - p.valid_a(after)


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
    """On a small network: backward through the backward pass, to the accuracy of R^2."""
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
