"""Steps that answers to `first_order` and `second_order` are written with."""

import torch


def slope(loss, params, alpha):
    """Right gradient in alpha at any weights, on a leaf of its own."""
    leaf = alpha.detach().clone().requires_grad_()
    return torch.autograd.grad(loss({n: w.detach() for n, w in params.items()}, leaf), leaf)[0]


def weight_slopes(loss, params, alpha):
    leaves = {n: w.detach().clone().requires_grad_() for n, w in params.items()}
    found = torch.autograd.grad(loss(leaves, alpha.detach()), list(leaves.values()))
    return dict(zip(leaves, found, strict=True))


def move(params, direction, length):
    return {n: w.detach() + length * direction[n] for n, w in params.items()}


def exact_by_double_backward(train_loss, valid_loss, params, alpha, *, xi):
    """Right for `second_order`: backward through the backward pass."""
    slopes = torch.autograd.grad(
        train_loss(params, alpha), list(params.values()), create_graph=True
    )
    after = {n: w - xi * s for (n, w), s in zip(params.items(), slopes, strict=True)}
    return torch.autograd.grad(valid_loss(after, alpha), alpha)[0]
