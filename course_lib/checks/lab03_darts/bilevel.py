"""A bilevel problem whose gradients are known: losses that are polynomials of degree two or three.

L_train(w, a) = w.H w / 2 + curvature * sum_j a_j w.Q_j w / 2 + w.M a + g.w + a.S a / 2 + r.a
L_valid(w, a) = loud * ((w - t).G (w - t) / 2 + w.N a + h.a + a.P a / 2 + sum_j a_j^3 / 6)

H, Q_j, S, G, P symmetric. Every gradient below is written down by hand; autograd has no part in it.
"""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.laws import Given, arguments_stay
from course_lib.checks.values import kind, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong

SHAPES = {"filters": (2, 2), "shift": (3,)}
EDGES, OPERATIONS = 2, 3
_WEIGHTS = sum(torch.Size(shape).numel() for shape in SHAPES.values())
_ALPHAS = EDGES * OPERATIONS

STEPPED = Misconception(
    "the weights are stepped and stay so",
    "The weights belong to the caller, who steps them on the training batch. Work on copies, for "
    "example a new dictionary {name: w - xi * slope}.",
)
ALPHA_STEPPED = Misconception(
    "alpha is stepped",
    "Return the gradient; the caller's optimiser takes the step.",
)
ACCUMULATED = Misconception(
    "the gradient is accumulated into .grad",
    "`.backward()` adds to the .grad of every leaf, of the weights too, on top of what an earlier "
    "step left there. torch.autograd.grad(loss, alpha) returns the gradient and touches nothing.",
)


def _symmetric(rng: torch.Generator, *shape: int) -> Tensor:
    matrix = torch.randn(*shape, generator=rng, dtype=torch.float64)
    return (matrix + matrix.transpose(-1, -2)) / 4


@dataclass
class Bilevel:
    """Losses, a point (w, a) with flat w (7,) and a (6,), and the exact gradients.

    curvature: 0 makes L_train a quadratic, in which every difference is exact; otherwise
        grad_a L_train is quadratic in w, and central differences are still exact.
    loud: scales the validation loss, and with it v. size: of the alphas.
    """

    variant: int
    curvature: float = 0.0
    loud: float = 1.0
    size: float = 1.0
    w: Tensor = field(init=False)
    a: Tensor = field(init=False)

    def __post_init__(self) -> None:
        rng = seeded(self.variant, 11)

        def draw(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=rng, dtype=torch.float64)

        self.w, self.a = draw(_WEIGHTS), self.size * draw(_ALPHAS)
        self.H = _symmetric(rng, _WEIGHTS, _WEIGHTS)
        self.Q = self.curvature * _symmetric(rng, _ALPHAS, _WEIGHTS, _WEIGHTS)
        self.S = _symmetric(rng, _ALPHAS, _ALPHAS)
        self.G = _symmetric(rng, _WEIGHTS, _WEIGHTS) + 2 * torch.eye(_WEIGHTS, dtype=torch.float64)
        self.M, self.N = draw(_WEIGHTS, _ALPHAS), draw(_WEIGHTS, _ALPHAS)
        self.g, self.t = draw(_WEIGHTS), draw(_WEIGHTS)
        self.r, self.h = draw(_ALPHAS), draw(_ALPHAS)
        self.P = _symmetric(rng, _ALPHAS, _ALPHAS)

    # --- the losses that are handed out ----------------------------------------------------

    def train_loss(self, params: Any, alpha: Tensor) -> Tensor:
        w, a = _flat(params), alpha.reshape(-1)
        bent = torch.einsum("j,i,jik,k->", a, w, self.Q, w)
        square = w @ self.H @ w + a @ self.S @ a + bent
        return square / 2 + w @ self.M @ a + self.g @ w + self.r @ a

    def valid_loss(self, params: Any, alpha: Tensor) -> Tensor:
        w, a = _flat(params), alpha.reshape(-1)
        away = w - self.t
        bent = a @ self.P @ a / 2 + a.pow(3).sum() / 6
        return self.loud * (away @ self.G @ away / 2 + w @ self.N @ a + self.h @ a + bent)

    # --- their gradients -------------------------------------------------------------------

    def train_w(self, w: Tensor) -> Tensor:
        bent = torch.einsum("j,jik->ik", self.a, self.Q)
        return (self.H + bent) @ w + self.M @ self.a + self.g

    def train_a(self, w: Tensor) -> Tensor:
        return torch.einsum("i,jik,k->j", w, self.Q, w) / 2 + w @ self.M + self.S @ self.a + self.r

    def valid_w(self, w: Tensor) -> Tensor:
        return self.loud * (self.G @ (w - self.t) + self.N @ self.a)

    def valid_a(self, w: Tensor) -> Tensor:
        bent = self.P @ self.a + self.a.square() / 2
        return self.loud * (w @ self.N + self.h + bent)

    def product(self, v: Tensor, w: Tensor | None = None) -> Tensor:
        """The mixed second derivative of L_train at w (default: the point), times v."""
        return torch.einsum("i,jik,k->j", self.w if w is None else w, self.Q, v) + v @ self.M

    def unrolled(self, xi: float) -> Tensor:
        return self.w - xi * self.train_w(self.w)

    def second_order(self, xi: float) -> Tensor:
        """grad_a L_valid(w', a) - xi (mixed second derivative) grad_w' L_valid(w', a)."""
        after = self.unrolled(xi)
        return self.valid_a(after) - xi * self.product(self.valid_w(after))

    # --- asking ----------------------------------------------------------------------------

    def leaves(self) -> tuple[dict[str, Tensor], Tensor]:
        """params and alpha as leaves that require a gradient, as the library's loop has them."""
        params, start = {}, 0
        for name, shape in SHAPES.items():
            count = torch.Size(shape).numel()
            params[name] = self.w[start : start + count].reshape(shape).clone().requires_grad_()
            start += count
        return params, self.a.reshape(EDGES, OPERATIONS).clone().requires_grad_()

    def asked(self, ask: Ask, xi: float) -> Tensor:
        """The answer, tested to be like alpha; flat (6,)."""
        params, alpha = self.leaves()
        return gradient(ask(self.train_loss, self.valid_loss, params, alpha, xi=xi), alpha)


def _flat(params: Any) -> Tensor:
    if type(params) is not dict or set(params) != set(SHAPES):
        names = ", ".join(map(repr, SHAPES))
        got = f"keys {list(params)}" if isinstance(params, dict) else kind(params)
        raise ValueError(f"the loss expects params, a dictionary with the keys {names}; got {got}")
    return torch.cat([params[name].reshape(-1) for name in SHAPES])


def gradient(answer: Any, alpha: Tensor, flat: Misconception | None = None) -> Tensor:
    """The answer as a flat tensor; `flat` is the mistake if it is nan."""
    if type(answer) is tuple and len(answer) == 1:
        raise Wrong(
            "the answer is a tuple with one gradient: torch.autograd.grad(loss, alpha) gives a "
            "tuple, take its first entry"
        )
    if type(answer) is torch.Tensor and bool(answer.detach().isnan().any()) and flat:
        raise Wrong("the gradient holds nan", flat)
    return tensor(answer, tuple(alpha.shape), "the gradient").detach().reshape(-1).double()


def _everything(variant: int) -> dict[str, Tensor]:
    params, alpha = Bilevel(variant, curvature=0.5).leaves()
    return {**params, "alpha": alpha}


def _put(ask: Ask, given: Given) -> None:
    losses = Bilevel(0, curvature=0.5)
    params = {name: given[name] for name in SHAPES}
    ask(losses.train_loss, losses.valid_loss, params, given["alpha"], xi=0.3)


untouched = arguments_stay(
    _everything, _put, dict.fromkeys(SHAPES, STEPPED) | {"alpha": ALPHA_STEPPED}
)
"""Weights and alpha keep their values, and go on asking for a gradient."""


def nothing_accumulates(ask: Ask, variant: int, *, xi: float = 0.3) -> None:
    """.grad stays as an earlier step left it, and the answer does not contain it."""
    problem = Bilevel(variant, curvature=0.5)
    fresh = problem.asked(ask, xi)
    params, alpha = problem.leaves()
    for value in (*params.values(), alpha):
        value.grad = torch.full_like(value, 0.25)
    given = dict(params)
    answer = gradient(ask(problem.train_loss, problem.valid_loss, params, alpha, xi=xi), alpha)
    if any(params.get(name) is not value for name, value in given.items()):
        raise Wrong("the dictionary params holds other tensors after the call than before")
    if not torch.allclose(answer, fresh, rtol=1e-6, atol=1e-6):
        raise Wrong("after an earlier step the answer is another one", ACCUMULATED)
    for name, value in {**params, "alpha": alpha}.items():
        if value.grad is None or not bool((value.grad == 0.25).all()):
            raise Wrong(f"the .grad of {name} is not the same after the call", ACCUMULATED)
