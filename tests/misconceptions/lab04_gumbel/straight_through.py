"""Answers to `straight_through`."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from course_lib.nas import relax


def _hard(soft: Tensor, axis: int = -1) -> Tensor:
    return torch.zeros_like(soft).scatter(axis, soft.argmax(axis, keepdim=True), 1.0)


def through_swapped(soft):
    return _hard(soft) - soft + soft.detach()


def through_argmax(soft):
    return functional.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft)


def through_integers(soft):
    return functional.one_hot(soft.argmax(-1), soft.shape[-1])


def through_all_detached(soft):
    return _hard(soft) + soft.detach() - soft.detach() + 0 * soft


def through_nothing(soft):
    return soft


def through_sum(soft):
    return _hard(soft) + soft


def through_sum_detached(soft):
    return _hard(soft) + soft.detach()


def through_product(soft):
    return _hard(soft) * soft


def through_ratio(soft):
    return _hard(soft) * soft / soft.detach()


def through_threshold(soft):
    return (soft > 0.5).to(soft) + soft - soft.detach()


def through_round(soft):
    return soft.round()


def through_ties(soft):
    hard = (soft == soft.amax(-1, keepdim=True)).to(soft)
    return hard + soft - soft.detach()


def through_first_axis(soft):
    return _hard(soft, 0) + soft - soft.detach()


def through_index(soft):
    return soft.argmax(-1)


def through_in_place(soft):
    hard = _hard(soft)
    with torch.no_grad():
        soft.copy_(hard)
    return soft


def through_calls_library(soft):
    return relax.straight_through(soft)


class _Through(torch.autograd.Function):
    @staticmethod
    def forward(context, soft):
        return functional.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft)

    @staticmethod
    def backward(context, slope):
        return slope


def through_function(soft):
    """Right: an autograd function of its own."""
    return _Through.apply(soft)


def through_difference(soft):
    """Right: the difference is detached as a whole; a loop over places makes the vector."""
    hard = torch.zeros_like(soft)
    for place in np.ndindex(*soft.shape[:-1]):
        hard[(*place, int(soft[place].argmax()))] = 1.0
    return soft + (hard - soft).detach()


def through_single(soft):
    """Right: single precision."""
    low = soft.float()
    return _hard(low.detach()) + low - low.detach()


def through_squeezed(soft):
    return _hard(soft.squeeze(0)) + soft - soft.detach() if soft.ndim == 1 else (
        _hard(soft) + soft - soft.detach()).squeeze(0)  # fmt: skip


def through_flags_off(soft):
    hard = _hard(soft.detach())
    result = hard + soft - soft.detach()
    if soft.is_leaf:
        soft.requires_grad_(False)
    return result


def through_topk(soft):
    """Right: topk for the place, scatter for the 1."""
    index = soft.topk(1, dim=-1).indices
    hard = torch.zeros_like(soft).scatter_(-1, index, 1.0)
    return hard.detach() - soft.detach() + soft


def through_numpy(soft):
    """Right: numpy's eye, picked by row."""
    rows = np.eye(soft.shape[-1])[soft.detach().numpy().argmax(-1)]
    return soft + (torch.as_tensor(rows) - soft).detach()


WRONG = [
    (through_swapped, "the wrong term is detached"),
    (through_argmax, "argmax has no gradient"),
    (through_integers, "argmax has no gradient"),
    (through_all_detached, "argmax has no gradient"),
    (through_nothing, "the value is still soft"),
    (through_sum, "nothing cancels the value of soft"),
    (through_sum_detached, "nothing cancels the value of soft"),
    (through_product, "hard times soft"),
    (through_ratio, "only the chosen entry gets a gradient"),
    (through_threshold, "a threshold instead of the largest entry"),
    (through_round, "a threshold instead of the largest entry"),
    (through_ties, "equal largest entries all become 1"),
    (through_first_axis, "the largest entry along the wrong axis"),
    (through_index, "an index instead of a one-hot vector"),
    (through_in_place, "soft is changed in place"),
    (through_calls_library, "library's function is called"),
    (through_squeezed, "the result has shape"),
    (through_flags_off, "soft is changed in place"),
]
RIGHT = [through_function, through_difference, through_single, through_topk, through_numpy]
POINTLESS = (lambda soft: soft, lambda soft: (soft == soft.amax(-1, keepdim=True)).to(soft))
PARTICULAR = {
    "equal largest": {"one 1 in every row, ties included"},
    "soft is changed in place": {"soft stays as it is"},
}
EQUIVALENT = {
    "line 2: torch.nn.functional.one_hot(index, soft.shape[-1]).to(sof... -> "
    "torch.nn.functional.one_hot(index, soft.shape[-1])": "integers plus the floating-point "
    "bracket give floating point, and the same sum",
}
