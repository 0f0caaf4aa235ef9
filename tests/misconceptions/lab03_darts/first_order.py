"""Answers to `first_order`."""

import torch

from course_lib.nas import bilevel
from tests.misconceptions.lab03_darts.unrolled import (
    exact_by_double_backward,
    move,
    slope,
    weight_slopes,
)


def first_by_leaf(train_loss, valid_loss, params, alpha, *, xi):
    """Right: on copies, by torch.func."""
    fixed = {name: value.detach() for name, value in params.items()}
    return torch.func.grad(lambda a: valid_loss(fixed, a))(alpha.detach())


def first_by_backward(train_loss, valid_loss, params, alpha, *, xi):
    """Right: backward on a leaf of its own, whose .grad is nobody else's."""
    leaf = alpha.detach().clone().requires_grad_()
    valid_loss({n: w.detach() for n, w in params.items()}, leaf).backward()
    return leaf.grad


def first_on_train(train_loss, valid_loss, params, alpha, *, xi):
    return torch.autograd.grad(train_loss(params, alpha), alpha)[0]


def first_both(train_loss, valid_loss, params, alpha, *, xi):
    return torch.autograd.grad(train_loss(params, alpha) + valid_loss(params, alpha), alpha)[0]


def first_sign(train_loss, valid_loss, params, alpha, *, xi):
    return -torch.autograd.grad(valid_loss(params, alpha), alpha)[0]


def first_backward(train_loss, valid_loss, params, alpha, *, xi):
    valid_loss(params, alpha).backward()
    return alpha.grad


def first_zero_backward(train_loss, valid_loss, params, alpha, *, xi):
    """The answer is right, but the .grad of alpha and of the weights are not what they were."""
    alpha.grad = None
    valid_loss(params, alpha).backward()
    return alpha.grad


def first_steps_weights(train_loss, valid_loss, params, alpha, *, xi):
    result = torch.autograd.grad(valid_loss(params, alpha), alpha)[0]
    slopes = torch.autograd.grad(train_loss(params, alpha), list(params.values()))
    with torch.no_grad():
        for value, slope in zip(params.values(), slopes, strict=True):
            value -= xi * slope
    return result


def first_steps_then_looks(train_loss, valid_loss, params, alpha, *, xi):
    slopes = torch.autograd.grad(train_loss(params, alpha), list(params.values()))
    with torch.no_grad():
        for value, slope in zip(params.values(), slopes, strict=True):
            value -= xi * slope
    return torch.autograd.grad(valid_loss(params, alpha), alpha)[0]


def first_steps_alpha(train_loss, valid_loss, params, alpha, *, xi):
    result = torch.autograd.grad(valid_loss(params, alpha), alpha)[0]
    with torch.no_grad():
        alpha -= xi * result
    return result


def first_unrolled(train_loss, valid_loss, params, alpha, *, xi):
    after = move(params, weight_slopes(train_loss, params, alpha), -xi)
    return slope(valid_loss, after, alpha)


def first_stepped_alpha(train_loss, valid_loss, params, alpha, *, xi):
    return alpha - xi * slope(valid_loss, params, alpha)


def first_tuple(train_loss, valid_loss, params, alpha, *, xi):
    return torch.autograd.grad(valid_loss(params, alpha), alpha)


def first_in_weights(train_loss, valid_loss, params, alpha, *, xi):
    return torch.autograd.grad(valid_loss(params, alpha), next(iter(params.values())))[0]


def first_calls_library(train_loss, valid_loss, params, alpha, *, xi):
    return bilevel.first_order(train_loss, valid_loss, params, alpha, xi=xi)


def in_softmax(train_loss, valid_loss, params, alpha, *, xi):
    """The gradient in the weights of the mixture."""
    weights = alpha.detach().softmax(1).requires_grad_()
    return torch.autograd.grad(valid_loss(params, weights), weights)[0]


def at_zero(train_loss, valid_loss, params, alpha, *, xi):
    start = torch.zeros_like(alpha).requires_grad_()
    return torch.autograd.grad(valid_loss(params, start), start)[0]


def by_coarse_differences(train_loss, valid_loss, params, alpha, *, xi):
    found, step = torch.zeros_like(alpha), 0.1
    for place in range(alpha.numel()):
        move = torch.zeros_like(alpha).view(-1)
        move[place] = step
        move = move.view_as(alpha)
        found.view(-1)[place] = (
            valid_loss(params, alpha + move) - valid_loss(params, alpha - move)
        ).item() / (2 * step)
    return found


def freezes(train_loss, valid_loss, params, alpha, *, xi):
    """The weights do not ask for a gradient any more: the caller's next step fails."""
    for value in params.values():
        value.requires_grad_(False)
    return torch.autograd.grad(valid_loss(params, alpha), alpha)[0]


def zeros(train_loss, valid_loss, params, alpha, *, xi):
    return torch.zeros_like(alpha)


def replaces(train_loss, valid_loss, params, alpha, *, xi):
    """The caller's dictionary gets other tensors."""
    for name in params:
        params[name] = params[name].detach()
    return torch.autograd.grad(valid_loss(params, alpha), alpha)[0]


WRONG = [
    (first_on_train, "alpha follows the training loss"),
    (first_both, "the two losses are added"),
    (first_sign, "the sign is flipped"),
    (first_backward, "accumulated into .grad"),
    (first_zero_backward, "accumulated into .grad"),
    (first_steps_weights, "the weights are stepped"),
    (first_steps_then_looks, "at stepped weights"),
    (first_steps_alpha, "alpha is stepped"),
    (first_unrolled, "at stepped weights"),
    (exact_by_double_backward, "this is the second-order gradient"),
    (first_stepped_alpha, "the stepped alpha instead"),
    (first_tuple, "take its first entry"),
    (first_in_weights, "the gradient has shape"),
    (first_calls_library, "library's function is called"),
    (in_softmax, "the weights of the mixture instead of alpha"),
    (at_zero, "that of the validation loss at these weights"),
    (by_coarse_differences, "that of the validation loss at these weights"),
    (freezes, "no longer requires a gradient"),
    (replaces, "holds other tensors after the call"),
]
RIGHT = [first_by_leaf, first_by_backward]
POINTLESS = (zeros,)
PARTICULAR = {
    "the weights are stepped": {"weights and alpha stay as they are"},
    "at stepped weights": {
        "gradient of the validation loss",
        "the same for every xi",
        "weights and alpha stay as they are",
    },
}
EQUIVALENT = {
    "line 1: 0 -> -1": "torch.autograd.grad of one input gives a tuple with one entry: first and "
    "last are the same"
}
