"""Answers to `second_order`."""

import math
from collections.abc import Callable
from typing import Any

import torch

from course_lib.nas import bilevel
from tests.misconceptions.lab03_darts.unrolled import (
    exact_by_double_backward,
    move,
    slope,
    weight_slopes,
)


def _second(
    *,
    step: Callable[..., Any] = lambda train, valid, params, alpha: weight_slopes(
        train, params, alpha
    ),
    step_sign: float = -1.0,
    vector_loss: str = "valid",
    vector_at: str = "after",
    direct_loss: str = "valid",
    direct_at: str = "after",
    around: str = "before",
    difference_loss: str = "train",
    small: Callable[[float], float] = lambda length: 0.01 / length,
    sides: tuple[float, float] = (1.0, -1.0),
    divisor: Callable[[float, float], float] = lambda small, length: 2 * small,
    factor: Callable[[float], float] = lambda xi: xi,
    scale: Callable[[float], float] = lambda length: 1.0,
    zero: Callable[[Any], Any] = lambda direct: direct,
) -> Callable[..., Any]:
    """A right second order unless a part is exchanged."""

    def second_order(train_loss, valid_loss, params, alpha, *, xi):
        loss = {"train": train_loss, "valid": valid_loss}
        slopes = step(train_loss, valid_loss, params, alpha)
        at = {"before": params, "after": move(params, slopes, step_sign * xi)}
        direct = slope(loss[direct_loss], at[direct_at], alpha)
        v = weight_slopes(loss[vector_loss], at[vector_at], alpha)
        length = math.sqrt(sum(float(part.square().sum()) for part in v.values()))
        if length == 0:
            return zero(direct)
        v = {name: scale(length) * part for name, part in v.items()}
        r = small(length)
        ahead, behind = (
            slope(loss[difference_loss], move(at[around], v, side * r), alpha) for side in sides
        )
        return direct - factor(xi) * (ahead - behind) / divisor(r, length)

    return second_order


def second_in_place(train_loss, valid_loss, params, alpha, *, xi):
    """Right: weights moved in place and put back, as the authors' code does."""
    weights = list(params.values())
    before = [w.detach().clone() for w in weights]
    slopes = torch.autograd.grad(train_loss(params, alpha), weights)
    with torch.no_grad():
        for w, s in zip(weights, slopes, strict=True):
            w.sub_(xi * s)
    direct, *v = torch.autograd.grad(
        valid_loss(params, alpha), [alpha, *weights], materialize_grads=True
    )
    with torch.no_grad():
        for w, old in zip(weights, before, strict=True):
            w.copy_(old)
    length = torch.cat([part.flatten() for part in v]).norm()
    if length == 0:
        return direct
    r = 0.01 / length
    found = []
    for distance in (r, -2 * r):
        with torch.no_grad():
            for w, part in zip(weights, v, strict=True):
                w.add_(distance * part)
        found.append(torch.autograd.grad(train_loss(params, alpha), alpha)[0])
    with torch.no_grad():
        for w, part in zip(weights, v, strict=True):
            w.add_(r * part)
    return direct - xi * (found[0] - found[1]) / (2 * r)


def second_not_restored(train_loss, valid_loss, params, alpha, *, xi):
    weights = list(params.values())
    v = list(
        weight_slopes(
            valid_loss, move(params, weight_slopes(train_loss, params, alpha), -xi), alpha
        ).values()
    )
    direct = slope(valid_loss, move(params, weight_slopes(train_loss, params, alpha), -xi), alpha)
    length = torch.cat([part.flatten() for part in v]).norm()
    if length == 0:
        return direct
    r, found = 0.01 / length, []
    for distance in (r, -2 * r):
        with torch.no_grad():
            for w, part in zip(weights, v, strict=True):
                w.add_(distance * part)
        found.append(slope(train_loss, params, alpha))
    return direct - xi * (found[0] - found[1]) / (2 * r)


def second_keeps_the_step(train_loss, valid_loss, params, alpha, *, xi):
    """The weights are stepped in place and stay so."""
    slopes = weight_slopes(train_loss, params, alpha)
    with torch.no_grad():
        for name, value in params.items():
            value -= xi * slopes[name]
    return _second(step=lambda *_: {n: torch.zeros_like(s) for n, s in slopes.items()})(
        train_loss, valid_loss, params, alpha, xi=xi
    )


def second_cut(train_loss, valid_loss, params, alpha, *, xi):
    """The step is differentiated without create_graph: the product is silently zero."""
    slopes = torch.autograd.grad(train_loss(params, alpha), list(params.values()))
    after = {n: w - xi * s for (n, w), s in zip(params.items(), slopes, strict=True)}
    return torch.autograd.grad(valid_loss(after, alpha), alpha)[0]


def second_backward(train_loss, valid_loss, params, alpha, *, xi):
    right = _second()(train_loss, valid_loss, params, alpha, xi=xi)
    train_loss(params, alpha).backward()
    return right


def second_divides_by_zero(train_loss, valid_loss, params, alpha, *, xi):
    def nan(direct):
        length = torch.zeros(())
        return direct - xi * (direct - direct) / (0.01 / length * 0)

    return _second(zero=nan)(train_loss, valid_loss, params, alpha, xi=xi)


def second_zero_division(train_loss, valid_loss, params, alpha, *, xi):
    return _second(zero=lambda direct: 0.01 / 0.0)(train_loss, valid_loss, params, alpha, xi=xi)


def second_first_order(train_loss, valid_loss, params, alpha, *, xi):
    return slope(valid_loss, params, alpha)


def second_calls_library(train_loss, valid_loss, params, alpha, *, xi):
    return bilevel.second_order(train_loss, valid_loss, params, alpha, xi=xi)


def second_calls_exact(train_loss, valid_loss, params, alpha, *, xi):
    return bilevel.exact_second_order(train_loss, valid_loss, params, alpha, xi=xi)


def square(length):
    return 0.01 / length**2


def with_eps_of_one_tensor(which):
    """eps from the length of one of the two tensors."""

    def answer(train_loss, valid_loss, params, alpha, *, xi):
        after = move(params, weight_slopes(train_loss, params, alpha), -xi)
        v = weight_slopes(valid_loss, after, alpha)
        own = float(list(v.values())[which].norm())
        if own == 0:
            return slope(valid_loss, after, alpha)
        return _second(small=lambda length: 0.01 / own)(
            train_loss, valid_loss, params, alpha, xi=xi
        )

    return answer


def zeros(train_loss, valid_loss, params, alpha, *, xi):
    return torch.zeros_like(alpha)


WRONG = [
    (_second(factor=lambda xi: -xi), "added instead of subtracted"),
    (_second(vector_at="before"), "the vector is taken at w instead of w'"),
    (second_not_restored, "the weights are stepped and stay so"),
    (second_keeps_the_step, "differences are taken around w'"),
    (second_cut, "product with the second derivatives is missing"),
    (_second(factor=lambda xi: 0.0), "product with the second derivatives is missing"),
    (_second(difference_loss="valid"), "differences are taken in the validation loss"),
    (_second(divisor=lambda small, length: 1.0), "not divided by 2 eps"),
    (_second(divisor=lambda small, length: small), "divided by eps instead of 2 eps"),
    (_second(divisor=lambda small, length: 4 * small), "divided by eps instead of 2 eps"),
    (_second(divisor=lambda small, length: 0.02), "shortened to length 1"),
    (
        _second(scale=lambda length: 1 / length, small=lambda length: 0.01),
        "shortened to length 1",
    ),
    (_second(factor=lambda xi: 1.0), "not multiplied by xi"),
    (_second(vector_loss="train"), "the vector comes from the training loss"),
    (_second(vector_loss="train", vector_at="before"), "the vector comes from the training loss"),
    (_second(direct_at="before"), "direct gradient is taken at w"),
    (_second(around="after"), "differences are taken around w'"),
    (_second(step_sign=1.0), "step uphill"),
    (
        _second(step=lambda train, valid, params, alpha: weight_slopes(valid, params, alpha)),
        "step on the validation loss",
    ),
    (_second(direct_loss="train"), "direct gradient is that of the training loss"),
    (_second(sides=(1.0, 0.0), divisor=lambda small, length: small), "a one-sided difference"),
    (_second(sides=(0.0, -1.0), divisor=lambda small, length: small), "a one-sided difference"),
    (_second(small=lambda length: 0.01), "eps does not shrink as v grows"),
    (second_first_order, "this is the first-order gradient"),
    (second_divides_by_zero, "length of a zero vector"),
    (second_zero_division, "length of a zero vector"),
    (second_backward, "accumulated into .grad"),
    (second_calls_library, "library's function is called"),
    (second_calls_exact, "library's function is called"),
    (_second(divisor=lambda small, length: 2 / small), "multiplied by eps instead of divided"),
    (_second(divisor=lambda small, length: 1 / (2 * small)), "multiplied by eps"),
    (_second(small=square), "a vector v of any length"),
    (with_eps_of_one_tensor(0), "a vector v of any length"),
    (with_eps_of_one_tensor(1), "a vector v of any length"),
    (_second(small=lambda length: 0.01 / max(length, 1.0)), "a vector v of any length"),
    (_second(small=lambda length: 1e-5 / length), "a vector v of any length"),
    (_second(small=lambda length: 1e-4 / length), "a vector v of any length"),
]
RIGHT = [
    _second(),
    second_in_place,
    exact_by_double_backward,
    _second(small=lambda length: 0.003 / length),
]
POINTLESS = (zeros,)
PARTICULAR = {
    "one-sided": {"central differences, around w"},
    "eps does not shrink": {"a vector v of any length"},
    "zero vector": {"a vector v of any length"},
}
EQUIVALENT = {
    "line 4: zip(names, weights, direction, strict=True) -> zip(names, weights, direction)": "the "
    "lists are of equal length, so that `strict` has nothing to refuse",
    "line 5: (w + length * d).detach() -> w + length * d": "the graph behind the moved weights "
    "stays attached, but every gradient is asked for at them or at alpha",
    "line 15: 0 -> -1": "torch.autograd.grad of one input gives a tuple with one entry: first and "
    "last are the same",
}
