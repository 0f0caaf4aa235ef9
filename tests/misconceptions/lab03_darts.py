"""Lab 03: plausible wrong answers with the words that the check must answer, and other right ones.

WRONG: exercise -> pairs (answer, words). RIGHT: exercise -> answers that must get all points.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course_lib.nas import bilevel, supernet
from course_lib.nas import derive as derivation

# --- mixed_op --------------------------------------------------------------------------------


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


MIXED_WRONG = [
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
]
MIXED_RIGHT = [mixed_by_stack, mixed_by_loop]

# --- first_order -----------------------------------------------------------------------------


def _slope(loss, params, alpha):
    """Right gradient in alpha at any weights, on a leaf of its own."""
    leaf = alpha.detach().clone().requires_grad_()
    return torch.autograd.grad(loss({n: w.detach() for n, w in params.items()}, leaf), leaf)[0]


def _weight_slopes(loss, params, alpha):
    leaves = {n: w.detach().clone().requires_grad_() for n, w in params.items()}
    found = torch.autograd.grad(loss(leaves, alpha.detach()), list(leaves.values()))
    return dict(zip(leaves, found, strict=True))


def _move(params, direction, length):
    return {n: w.detach() + length * direction[n] for n, w in params.items()}


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
    after = _move(params, _weight_slopes(train_loss, params, alpha), -xi)
    return _slope(valid_loss, after, alpha)


def first_stepped_alpha(train_loss, valid_loss, params, alpha, *, xi):
    return alpha - xi * _slope(valid_loss, params, alpha)


def first_tuple(train_loss, valid_loss, params, alpha, *, xi):
    return torch.autograd.grad(valid_loss(params, alpha), alpha)


def first_in_weights(train_loss, valid_loss, params, alpha, *, xi):
    return torch.autograd.grad(valid_loss(params, alpha), next(iter(params.values())))[0]


def exact_by_double_backward(train_loss, valid_loss, params, alpha, *, xi):
    """Right for `second_order`: backward through the backward pass."""
    slopes = torch.autograd.grad(
        train_loss(params, alpha), list(params.values()), create_graph=True
    )
    after = {n: w - xi * s for (n, w), s in zip(params.items(), slopes, strict=True)}
    return torch.autograd.grad(valid_loss(after, alpha), alpha)[0]


def first_calls_library(train_loss, valid_loss, params, alpha, *, xi):
    return bilevel.first_order(train_loss, valid_loss, params, alpha, xi=xi)


FIRST_WRONG = [
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
]
FIRST_RIGHT = [first_by_leaf, first_by_backward]

# --- second_order ----------------------------------------------------------------------------


def _second(
    *,
    step: Callable[..., Any] = lambda train, valid, params, alpha: _weight_slopes(
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
        at = {"before": params, "after": _move(params, slopes, step_sign * xi)}
        direct = _slope(loss[direct_loss], at[direct_at], alpha)
        v = _weight_slopes(loss[vector_loss], at[vector_at], alpha)
        length = math.sqrt(sum(float(part.square().sum()) for part in v.values()))
        if length == 0:
            return zero(direct)
        v = {name: scale(length) * part for name, part in v.items()}
        r = small(length)
        ahead, behind = (
            _slope(loss[difference_loss], _move(at[around], v, side * r), alpha) for side in sides
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
    for move in (r, -2 * r):
        with torch.no_grad():
            for w, part in zip(weights, v, strict=True):
                w.add_(move * part)
        found.append(torch.autograd.grad(train_loss(params, alpha), alpha)[0])
    with torch.no_grad():
        for w, part in zip(weights, v, strict=True):
            w.add_(r * part)
    return direct - xi * (found[0] - found[1]) / (2 * r)


def second_not_restored(train_loss, valid_loss, params, alpha, *, xi):
    weights = list(params.values())
    v = list(
        _weight_slopes(
            valid_loss, _move(params, _weight_slopes(train_loss, params, alpha), -xi), alpha
        ).values()
    )
    direct = _slope(
        valid_loss, _move(params, _weight_slopes(train_loss, params, alpha), -xi), alpha
    )
    length = torch.cat([part.flatten() for part in v]).norm()
    if length == 0:
        return direct
    r, found = 0.01 / length, []
    for move in (r, -2 * r):
        with torch.no_grad():
            for w, part in zip(weights, v, strict=True):
                w.add_(move * part)
        found.append(_slope(train_loss, params, alpha))
    return direct - xi * (found[0] - found[1]) / (2 * r)


def second_keeps_the_step(train_loss, valid_loss, params, alpha, *, xi):
    """The weights are stepped in place and stay so."""
    slopes = _weight_slopes(train_loss, params, alpha)
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
    return _slope(valid_loss, params, alpha)


def second_calls_library(train_loss, valid_loss, params, alpha, *, xi):
    return bilevel.second_order(train_loss, valid_loss, params, alpha, xi=xi)


def second_calls_exact(train_loss, valid_loss, params, alpha, *, xi):
    return bilevel.exact_second_order(train_loss, valid_loss, params, alpha, xi=xi)


SECOND_WRONG = [
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
        _second(step=lambda train, valid, params, alpha: _weight_slopes(valid, params, alpha)),
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
]
SECOND_RIGHT = [
    _second(),
    second_in_place,
    exact_by_double_backward,
    _second(small=lambda length: 0.003 / length),
]

# --- derive ----------------------------------------------------------------------------------


def derive_with_numpy(alpha, edges, operations, *, keep=None):
    """Right: numpy, tuples, any order."""
    values = alpha.detach().numpy()
    weights = np.exp(values - values.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    if keep is None:
        best = weights.argmax(1)
        return [(s, t, operations[k]) for (s, t), k in zip(edges, best, strict=True)][::-1]
    others = [k for k, name in enumerate(operations) if name != "none"]
    found = []
    for node in {t for _, t in edges}:
        rows = np.array([e for e, (_, t) in enumerate(edges) if t == node])
        strength = weights[rows][:, others].max(1)
        for e in rows[np.argsort(-strength)[:keep]]:
            k = others[int(weights[e][others].argmax())]
            found.append((edges[e][0], node, operations[k]))
    return found


def _derive(
    *,
    table: Callable[..., Any] = lambda alpha, operations: alpha.softmax(1),
    none: bool = False,
    none_without_keep: bool = True,
    strength: Callable[..., Any] | None = None,
    end: int = 1,
    choose: Callable[..., Any] = lambda ranked, keep: ranked[:keep],
    sign: float = 1.0,
) -> Callable[..., Any]:
    """A right derivation unless a part is exchanged."""

    def derive(alpha, edges, operations, *, keep=None):
        weights = table(alpha, operations)
        rows = []
        for (source, target), row in zip(edges, weights.tolist(), strict=True):
            free = none if keep else none_without_keep
            allowed = {
                name: sign * w
                for name, w in zip(operations, row, strict=True)
                if free or name != "none"
            }
            best = max(allowed, key=lambda name, allowed=allowed: allowed[name])
            force = strength(allowed, row) if strength else allowed[best]
            rows.append((force, (source, target, best)))
        if keep is None:
            return [triple for _, triple in rows]
        kept = []
        for node in sorted({triple[end] for _, triple in rows}):
            mine = sorted((row for row in rows if row[1][end] == node), reverse=True)
            kept += [triple for _, triple in choose(mine, keep)]
        return kept

    return derive


def derive_tied(alpha, edges, operations, *, keep=None):
    """The strongest edges of the whole cell."""
    everything = _derive(choose=lambda ranked, keep: ranked)(alpha, edges, operations, keep=keep)
    if keep is None:
        return everything
    weights = alpha.softmax(1)
    force = {
        triple: float(weights[edges.index(triple[:2]), operations.index(triple[2])])
        for triple in everything
    }
    nodes = len({target for _, target in edges})
    return sorted(everything, key=lambda triple: -force[triple])[: keep * nodes]


def derive_shares_an_edge(alpha, edges, operations, *, keep=None):
    if keep is None:
        return _derive()(alpha, edges, operations)
    weights, found = alpha.softmax(1), []
    for node in {t for _, t in edges}:
        ranked = sorted(
            (
                (float(weights[e, k]), (s, t, name))
                for e, (s, t) in enumerate(edges)
                for k, name in enumerate(operations)
                if t == node and name != "none"
            ),
            reverse=True,
        )
        found += [triple for _, triple in ranked[:keep]]
    return found


def derive_names_indices(alpha, edges, operations, *, keep=None):
    right = derive_with_numpy(alpha, edges, operations, keep=keep)
    return [(s, t, operations.index(name)) for s, t, name in right]


def _without_none(alpha, operations):
    shut = alpha.clone()
    if "none" in operations:
        shut[:, operations.index("none")] = -torch.inf
    return shut.softmax(1)


def _alphas(alpha, operations):
    return alpha


def derive_mixes_forms(alpha, edges, operations, *, keep=None):
    """The form with `keep` forgets the softmax, the other one is right."""
    return _derive(table=_alphas)(alpha, edges, operations, keep=keep)


def derive_renormalises(alpha, edges, operations, *, keep=None):
    table = _without_none if keep else lambda alpha, operations: alpha.softmax(1)
    return _derive(table=table)(alpha, edges, operations, keep=keep)


def derive_forgets_return(alpha, edges, operations, *, keep=None):
    derive_with_numpy(alpha, edges, operations, keep=keep)


def derive_calls_library(alpha, edges, operations, *, keep=None):
    class Space:
        pass

    space = Space()
    space.edges, space.operations = len(edges), operations
    return derivation.derive(space, alpha)


DERIVE_WRONG = [
    (_derive(none=True), "`none` is kept"),
    (_derive(none_without_keep=False), "left out where it is allowed"),
    (_derive(strength=lambda allowed, row: max(row)), "ranked with the weight of `none`"),
    (derive_renormalises, "the softmax leaves `none` out"),
    (derive_mixes_forms, "compared by alphas instead of weights"),
    (_derive(table=lambda alpha, operations: alpha.softmax(0)), "softmax over the wrong axis"),
    (_derive(strength=lambda allowed, row: sum(allowed.values())), "sum of their weights"),
    (derive_tied, "nodes compete for edges"),
    (_derive(end=0), "grouped by where they come from"),
    (_derive(choose=lambda ranked, keep: ranked[-keep:]), "the weakest edges are kept"),
    (_derive(sign=-1.0), "kept"),
    (_derive(choose=lambda ranked, keep: ranked), "every edge is kept"),
    (derive_shares_an_edge, "may share an edge"),
    (_derive(choose=lambda ranked, keep: ranked[:1]), "kept"),
    (derive_names_indices, "expected one of the names"),
    (derive_forgets_return, "`return` missing"),
    (derive_calls_library, "library's function is called"),
]
DERIVE_RIGHT = [derive_with_numpy, _derive()]

# --- discretization --------------------------------------------------------------------------


def _discrete(
    *,
    entropy: Callable[..., Any] = lambda alpha: torch.special.entr(alpha.softmax(1)).sum(1),
    mixture: Callable[..., Any] = lambda alpha: alpha.softmax(1),
    path: Callable[..., Any] = lambda alpha: F.one_hot(alpha.argmax(1), alpha.shape[1]),
    gap: Callable[..., Any] = lambda mixture, path: mixture - path,
) -> Callable[..., Any]:
    """A right answer unless a part is exchanged."""

    def discretization(accuracy, alpha):
        return entropy(alpha), gap(accuracy(mixture(alpha)), accuracy(path(alpha)))

    return discretization


def discrete_with_numpy(accuracy, alpha):
    """Right: row by row, in double precision, a one-hot matrix by hand."""
    path, spread = torch.zeros_like(alpha), []
    for e, row in enumerate(alpha.detach().numpy()):
        p = np.exp(row - row.max())
        p = p / p.sum()
        spread.append(-sum(x * math.log(x) for x in p.tolist() if x > 0))
        path[e, int(row.argmax())] = 1.0
    mixture = F.softmax(alpha, dim=-1)
    return torch.tensor(spread), np.float64(accuracy(mixture) - accuracy(path))


def discrete_by_log_softmax(accuracy, alpha):
    """Right: log_softmax stays finite, the gap as a tensor."""
    log_p = alpha.log_softmax(1)
    path = (alpha == alpha.amax(1, keepdim=True)).to(alpha.dtype)
    path = path / path.sum(1, keepdim=True)
    gap = accuracy(log_p.exp()) - accuracy(path)
    return -(log_p.exp() * log_p).sum(1), torch.tensor(gap)


def _plain(alpha):
    p = alpha.softmax(1)
    return -(p * p.log()).sum(1)


def _column(alpha):
    return torch.zeros_like(alpha).scatter(0, alpha.softmax(1).argmax(0, keepdim=True), 1.0)


def discrete_calls_library(accuracy, alpha):
    entropies = derivation.entropy(alpha.softmax(1))
    return entropies, _discrete()(accuracy, alpha)[1]


DISCRETE_WRONG = [
    (
        _discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).sum(1) / math.log(2)),
        "bits instead of nats",
    ),
    (_discrete(entropy=lambda a: -torch.special.entr(a.softmax(1)).sum(1)), "sign of the entropy"),
    (_discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).mean(1)), "the mean over"),
    (
        _discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).sum(1) / math.log(a.shape[1])),
        "divided by that of an even mixture",
    ),
    (_discrete(entropy=lambda a: torch.special.entr(a.softmax(0)).sum(1)), "the wrong axis"),
    (_discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).sum()), "one per edge"),
    (_discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).sum(1).exp()), "exponential"),
    (_discrete(entropy=lambda a: -(a.softmax(1) * a).sum(1)), "taken for log-probabilities"),
    (_discrete(entropy=_plain), "0 log 0 is nan"),
    (_discrete(gap=lambda mixture, path: path - mixture), "path minus mixture"),
    (_discrete(gap=lambda mixture, path: abs(mixture - path)), "sign of the gap is lost"),
    (_discrete(gap=lambda mixture, path: max(0.0, mixture - path)), "sign of the gap is lost"),
    (_discrete(gap=lambda mixture, path: (mixture - path) / mixture), "divided by the mixture"),
    (_discrete(gap=lambda mixture, path: mixture), "only one of the two"),
    (_discrete(mixture=lambda a: a), "asked with alphas instead of weights"),
    (_discrete(mixture=lambda a: a.softmax(0)), "the wrong axis"),
    (
        _discrete(path=lambda a: a.softmax(1) * F.one_hot(a.argmax(1), a.shape[1])),
        "keeps the weight of the mixture",
    ),
    (_discrete(path=_column), "one edge per operation"),
    (_discrete(path=lambda a: a.argmax(1)), "accuracy expects weights"),
    (lambda accuracy, alpha: accuracy(alpha.softmax(1)), "not a pair"),
    (discrete_calls_library, "library's function is called"),
]
DISCRETE_RIGHT = [_discrete(), discrete_with_numpy, discrete_by_log_softmax]

WRONG: dict[str, list[tuple[Callable[..., Any], str]]] = {
    "mixed_op": MIXED_WRONG,
    "first_order": FIRST_WRONG,
    "second_order": SECOND_WRONG,
    "derive": DERIVE_WRONG,
    "discretization": DISCRETE_WRONG,
}
RIGHT: dict[str, list[Callable[..., Any]]] = {
    "mixed_op": MIXED_RIGHT,
    "first_order": FIRST_RIGHT,
    "second_order": SECOND_RIGHT,
    "derive": DERIVE_RIGHT,
    "discretization": DISCRETE_RIGHT,
}
