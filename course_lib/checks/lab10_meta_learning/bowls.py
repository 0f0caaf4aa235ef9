"""Losses whose derivatives are written down by hand, and what plain gradient steps make of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.laws import CHANGED
from course_lib.checks.values import kind, tensor
from course_lib.checks.wrong import Misconception, Wrong

SHAPES = {"weight": (2, 2), "bias": (3,)}
FEW = 4
"""So many numbers at most, those around the largest difference, stand in a message."""
SIZE = sum(torch.Size(shape).numel() for shape in SHAPES.values())
ACCUMULATED = Misconception(
    "the gradient is accumulated into .grad",
    "`.backward()` adds to the .grad of every leaf, on top of what stands there. "
    "torch.autograd.grad and torch.func.grad return the gradient and touch nothing.",
)


@dataclass(frozen=True)
class Bowl:
    """loss(w) = w.H w / 2 + g.w + bend.w^3 / 6, w all parameters in a row; bend 0: a quadratic."""

    H: Tensor
    g: Tensor
    bend: Tensor

    def __call__(self, params: Any) -> Tensor:
        return self.at(in_a_row(params))

    def at(self, w: Tensor) -> Tensor:
        return w @ self.H @ w / 2 + self.g @ w + self.bend @ w.pow(3) / 6

    def slope(self, w: Tensor) -> Tensor:
        return self.H @ w + self.g + self.bend * w.square() / 2

    def curvature(self, w: Tensor) -> Tensor:
        return self.H + torch.diag(self.bend * w)

    def steps(self, w: Tensor, lr: float, count: int) -> Iterator[Tensor]:
        """Where plain gradient steps come by, the start first: count + 1 points."""
        yield w
        for _ in range(count):
            w = w - lr * self.slope(w)
            yield w


def bowl(rng: Generator, *, bend: float = 0.0) -> Bowl:
    """Drawn at random: curvatures between about 0.2 and 3."""
    root, g, bent = drawn(rng, SIZE, SIZE) / 3, drawn(rng, SIZE), drawn(rng, SIZE)
    return Bowl(root @ root.T + 0.2 * torch.eye(SIZE, dtype=torch.float64), g, bend * bent)


def drawn(rng: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def named(w: Tensor, *, leaves: bool = False) -> dict[str, Tensor]:
    """The parameters by name; as leaves that require a gradient, if so."""
    sizes = [torch.Size(shape).numel() for shape in SHAPES.values()]
    parts = zip(SHAPES.items(), torch.split_with_sizes(w, sizes), strict=True)
    theta = {name: part.reshape(shape).clone() for (name, shape), part in parts}
    return {n: v.detach().requires_grad_() for n, v in theta.items()} if leaves else theta


def in_a_row(params: Any) -> Tensor:
    """For a loss, which is asked inside the student's function."""
    if not isinstance(params, dict) or set(params) != set(SHAPES):
        names = ", ".join(map(repr, SHAPES))
        got = f"keys {list(params)}" if isinstance(params, dict) else kind(params)
        raise ValueError(f"the loss expects a dictionary with the keys {names}; got {got}")
    return torch.cat([params[name].reshape(-1) for name in SHAPES])


def parameters(answer: Any, theta: dict[str, Tensor]) -> Tensor:
    """The answer's tensors in a row, tested to be like theta's."""
    if not isinstance(answer, dict):
        raise Wrong(f"the answer is {kind(answer)}, expected a dictionary like theta")
    if set(answer) != set(theta):
        raise Wrong(f"the answer has the keys {list(answer)}, expected those of theta")
    return torch.cat(
        [tensor(answer[n], tuple(v.shape), f"answer[{n!r}]").reshape(-1) for n, v in theta.items()]
    )


@contextmanager
def kept(theta: dict[str, Tensor], whose: str = "theta") -> Iterator[None]:
    """Inside, a student's function is asked: theta, and what stands in .grad, must not change."""
    given = dict(theta)
    before = {name: value.detach().clone() for name, value in given.items()}
    wanted = {name: value.requires_grad for name, value in given.items()}
    for value in given.values():
        if value.is_leaf and value.requires_grad:
            value.grad = torch.full_like(value, 0.25)
    yield
    if theta.keys() != given.keys() or any(theta[n] is not v for n, v in given.items()):
        raise Wrong(f"the dictionary {whose} holds other tensors after the call", CHANGED)
    for name, value in given.items():
        if not torch.equal(value.detach(), before[name]):
            raise Wrong(f"{whose}[{name!r}] has other numbers after the call", CHANGED)
        if value.requires_grad != wanted[name]:
            raise Wrong(f"{whose}[{name!r}].requires_grad is another one after the call", CHANGED)
        if value.is_leaf and value.requires_grad:
            stays = value.grad is not None and bool(torch.eq(value.grad, 0.25).all())
        else:
            stays = not value.is_leaf or value.grad is None
        if not stays:
            raise Wrong(f"{whose}[{name!r}].grad is another one after the call", ACCUMULATED)


def differences(value: Any, w: Tensor, h: float = 1e-5) -> Tensor:
    """Central differences of a function of w."""
    found = []
    for i in range(len(w)):
        step = torch.zeros_like(w)
        step[i] = h
        found.append((float(value(w + step)) - float(value(w - step))) / (2 * h))
    return torch.tensor(found, dtype=torch.float64)


def descended(losses: Sequence[Any], w: Tensor, rates: Sequence[float]) -> Tensor:
    """Where steps down these losses, each with its rate, end; autograd gives first derivatives."""
    for loss, rate in zip(losses, rates, strict=True):
        leaf = w.detach().requires_grad_()
        (slope,) = torch.autograd.grad(loss(leaf), leaf)
        w = w - rate * slope
    return w.detach()
