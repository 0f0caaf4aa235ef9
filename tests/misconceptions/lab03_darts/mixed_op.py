"""Answers to `mixed_op`."""

import torch

from course_lib.nas import supernet


def mixed_by_stack(operations, x, weights):
    """Right: all outputs in one tensor."""
    return torch.einsum("k,knchw->nchw", weights, torch.stack([op(x) for op in operations]))


def mixed_by_loop(operations, x, weights):
    """Right: index by index, into a tensor of zeros."""
    total = torch.zeros_like(x)
    for k in range(len(operations)):
        total = total + operations[k](x) * weights[k]
    return total


def mixed_softmax(operations, x, weights):
    return mixed_by_stack(operations, x, weights.softmax(0))


def mixed_mean(operations, x, weights):
    return torch.stack([w * op(x) for w, op in zip(weights, operations, strict=True)]).mean(0)


def mixed_unweighted(operations, x, weights):
    return sum(op(x) for op in operations)


def mixed_average(operations, x, weights):
    return torch.stack([op(x) for op in operations]).mean(0)


def mixed_item(operations, x, weights):
    return sum(w.item() * op(x) for w, op in zip(weights, operations, strict=True))


def mixed_detached(operations, x, weights):
    return mixed_by_stack(operations, x, weights.detach())


def mixed_no_grad(operations, x, weights):
    with torch.no_grad():
        return mixed_by_stack(operations, x, weights)


def mixed_cut_operations(operations, x, weights):
    return sum(w * op(x).detach() for w, op in zip(weights, operations, strict=True))


def mixed_strongest(operations, x, weights):
    return operations[weights.argmax()](x)


def mixed_sampled(operations, x, weights):
    k = int(weights.argmax())
    return weights[k] * operations[k](x)


def mixed_leaves_out(operations, x, weights):
    pairs = zip(weights, operations, strict=True)
    return sum(w * op(x) for w, op in pairs if w != 0)


def mixed_scaled_input(operations, x, weights):
    return sum(op(w * x) for w, op in zip(weights, operations, strict=True))


def mixed_chain(operations, x, weights):
    for w, op in zip(weights, operations, strict=True):
        x = w * op(x)
    return x


def mixed_normalised(operations, x, weights):
    return mixed_by_stack(operations, x, weights) / weights.sum()


def mixed_reversed(operations, x, weights):
    return mixed_by_stack(operations[::-1], x, weights)


def mixed_concatenated(operations, x, weights):
    return torch.cat([w * op(x) for w, op in zip(weights, operations, strict=True)], 1)


def mixed_forgets_return(operations, x, weights):
    mixed_by_stack(operations, x, weights)


def mixed_calls_library(operations, x, weights):
    return supernet.mixed_op(operations, x, weights)


def in_place(operations, x, weights):
    """The first output is written into: x itself, where that operation gives its input back."""
    total = operations[0](x.detach())
    total *= weights[0].detach()
    for k in range(1, len(operations)):
        total = total + weights[k] * operations[k](x)
    return total


def left_in_batch_one(operations, x, weights):
    return sum(w * op(x).squeeze(0) for w, op in zip(weights, operations, strict=True))


WRONG = [
    (mixed_softmax, "a second softmax"),
    (mixed_mean, "the mean instead of the sum"),
    (mixed_unweighted, "the weights are not used"),
    (mixed_average, "the weights are not used"),
    (mixed_item, "the gradient does not reach the weights"),
    (mixed_detached, "the gradient does not reach the weights"),
    (mixed_no_grad, "the gradient does not reach the weights"),
    (mixed_cut_operations, "the gradient does not reach the operations"),
    (mixed_strongest, "only the strongest operation"),
    (mixed_sampled, "only the strongest operation"),
    (mixed_leaves_out, "operations of weight 0 are left out"),
    (mixed_scaled_input, "what goes in, not what comes out"),
    (mixed_chain, "one after the other"),
    (mixed_normalised, "divided by their sum"),
    (mixed_reversed, "paired in another order"),
    (mixed_concatenated, "the mixture has shape"),
    (mixed_forgets_return, "`return` missing"),
    (mixed_calls_library, "library's function is called"),
    (in_place, "failed"),
    (left_in_batch_one, "the mixture has shape"),
]
RIGHT = [mixed_by_stack, mixed_by_loop]
POINTLESS = (lambda operations, x, weights: torch.zeros_like(x), lambda operations, x, weights: x)
PARTICULAR = {
    "weight 0 are left out": {"the gradient reaches every weight"},
    "reach the operations": {"the gradient reaches the operations"},
}
EQUIVALENT = {
    "line 1: zip(weights, operations, strict=True) -> zip(weights, operations)": "the lists are of "
    "equal length, so that `strict` has nothing to refuse"
}
