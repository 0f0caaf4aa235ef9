"""Answers to `hypergradient`."""

import torch
from torch.func import grad, jvp

from course_lib.meta import hypergradient as library


def unrolled(theta, train_loss, valid_loss, rates):
    """Right: autograd back through all steps."""
    rates = rates.detach().clone().requires_grad_()
    w = theta
    for t in range(len(rates)):
        w = w - rates[t] * grad(train_loss)(w, t)
    return torch.autograd.grad(valid_loss(w), rates)[0]


def as_a_function(theta, train_loss, valid_loss, rates):
    """Right: the gradient of a function of the rates."""

    def end(rates):
        w = theta
        for t in range(len(rates)):
            w = w - rates[t] * grad(train_loss)(w, t)
        return valid_loss(w)

    return grad(end)(rates)


def backwards(theta, train_loss, valid_loss, rates):
    """Right: the recursion by hand."""
    visited = [theta]
    for t, rate in enumerate(rates):
        visited.append(visited[-1] - rate * grad(train_loss)(visited[-1], t))
    slope, found = grad(valid_loss)(visited[-1]), []
    for t in reversed(range(len(rates))):
        leaf = visited[t].detach().requires_grad_()
        (gradient,) = torch.autograd.grad(train_loss(leaf, t), leaf, create_graph=True)
        along = (gradient * slope).sum()
        found.insert(0, -along.detach())
        slope = slope - rates[t] * torch.autograd.grad(along, leaf)[0]
    return torch.stack(found)


def forwards(theta, train_loss, valid_loss, rates):
    """Right: the derivative of the weights in every rate, carried along by jvp."""
    w, moved = theta, []
    for t, rate in enumerate(rates):
        slope = grad(train_loss)

        def gradient(w, t=t, slope=slope):
            return slope(w, t)

        moved = [m - rate * jvp(gradient, (w,), (m,))[1] for m in moved]
        moved.append(-gradient(w))
        w = w - rate * gradient(w)
    end = grad(valid_loss)(w)
    return torch.stack([(end * m).sum() for m in moved])


def by_differences(theta, train_loss, valid_loss, rates, h=1e-5):
    """Right in double precision: central differences."""

    def end(rates):
        w = theta
        for t in range(len(rates)):
            w = w - rates[t] * grad(train_loss)(w, t)
        return valid_loss(w)

    steps = h * torch.eye(len(rates), dtype=rates.dtype)
    return torch.stack([(end(rates + s) - end(rates - s)) / (2 * h) for s in steps])


def _recursion(
    slopes=lambda train, visited, t: grad(train)(visited[t], t),
    begin=lambda train, valid, visited: grad(valid)(visited[-1]),
    carry=lambda train, visited, t, slope, rates: rates[t] * product(train, visited[t], t, slope),
    end=lambda found: found,
    sign=-1.0,
):
    """A right recursion unless a part is exchanged."""

    def hypergradient(theta, train_loss, valid_loss, rates):
        visited = [theta]
        for t, rate in enumerate(rates):
            visited.append(visited[-1] - rate * grad(train_loss)(visited[-1], t))
        slope = begin(train_loss, valid_loss, visited)
        found = [None] * len(rates)
        for t in reversed(range(len(rates))):
            found[t] = sign * (slopes(train_loss, visited, t) * slope).sum()
            slope = slope - carry(train_loss, visited, t, slope, rates)
        return end(torch.stack(found))

    return hypergradient


def product(train, w, t, slope):
    return grad(lambda w: (grad(train)(w, t) * slope).sum())(w)


def no_graph(theta, train_loss, valid_loss, rates):
    rates = rates.clone().requires_grad_()
    w = theta.clone().requires_grad_()
    for t, rate in enumerate(rates):
        (slope,) = torch.autograd.grad(train_loss(w, t), w)
        w = w - rate * slope
    return torch.autograd.grad(valid_loss(w), rates)[0]


def detached_every_step(theta, train_loss, valid_loss, rates):
    """w is a new leaf in every step: all but the last rate are forgotten."""
    rates = rates.clone().requires_grad_()
    w = theta
    for t, rate in enumerate(rates):
        w = w.detach()
        w = w - rate * grad(train_loss)(w, t)
    return torch.autograd.grad(valid_loss(w), rates)[0]


def greedy(theta, train_loss, valid_loss, rates):
    found, w = [], theta
    for t, rate in enumerate(rates):
        rate = rate.detach().requires_grad_()
        after = w - rate * grad(train_loss)(w, t)
        found.append(torch.autograd.grad(valid_loss(after), rate)[0])
        w = after.detach()
    return torch.stack(found)


def one_batch(theta, train_loss, valid_loss, rates):
    return unrolled(theta, lambda w, t: train_loss(w, 0), valid_loss, rates)


def next_batch(theta, train_loss, valid_loss, rates):
    return unrolled(theta, lambda w, t: train_loss(w, t + 1), valid_loss, rates)


def training_loss(theta, train_loss, valid_loss, rates):
    return unrolled(theta, train_loss, lambda w: train_loss(w, len(rates) - 1), rates)


def first_rate(theta, train_loss, valid_loss, rates):
    """All steps use the same rate."""
    return unrolled(theta, train_loss, valid_loss, rates[:1].expand(len(rates)))


def reversed_order(theta, train_loss, valid_loss, rates):
    return backwards(theta, train_loss, valid_loss, rates).flip(0)


def log_rates(theta, train_loss, valid_loss, rates):
    return unrolled(theta, train_loss, valid_loss, rates) * rates


def steps_in_place(theta, train_loss, valid_loss, rates):
    found = backwards(theta.clone(), train_loss, valid_loss, rates)
    for t, rate in enumerate(rates):
        theta -= rate * grad(train_loss)(theta, t)
    return found


def wants_gradients(theta, train_loss, valid_loss, rates):
    rates.requires_grad_()
    w = theta
    for t in range(len(rates)):
        w = w - rates[t] * grad(train_loss)(w, t)
    return torch.autograd.grad(valid_loss(w), rates)[0]


def with_graph(theta, train_loss, valid_loss, rates):
    rates = rates.clone().requires_grad_()
    w = theta
    for t in range(len(rates)):
        w = w - rates[t] * grad(train_loss)(w, t)
    return torch.autograd.grad(valid_loss(w), rates, create_graph=True)[0]


def listed(theta, train_loss, valid_loss, rates):
    return unrolled(theta, train_loss, valid_loss, rates).tolist()


def calls_library(theta, train_loss, valid_loss, rates):
    return library.hypergradient(theta, train_loss, valid_loss, rates)


SIGN = "the sign is wrong"
LAST = "only the last step has a derivative"
HESSIAN = "the second derivatives are missing"
STEP = "a gradient, a Hessian or a rate is that of another step"
TRAIN = "the training loss takes the place"
GREEDY = "each rate is judged by the loss directly after its step"
MEAN = "averaged or summed over the steps"
CHANGED = "the function changes its arguments"
WRONG = [
    (_recursion(sign=1.0), SIGN),
    (detached_every_step, LAST),
    (no_graph, HESSIAN),
    (_recursion(carry=lambda train, visited, t, slope, rates: 0.0), HESSIAN),
    (_recursion(slopes=lambda train, visited, t: grad(train)(visited[t + 1], t)), "✘"),
    (_recursion(carry=lambda tr, ws, t, s, rates: rates[t - 1] * product(tr, ws[t], t, s)), "✘"),
    (
        _recursion(
            slopes=lambda train, visited, t: grad(train)(visited[t + 1], t),
            carry=lambda tr, ws, t, s, rates: rates[t] * product(tr, ws[t + 1], t, s),
        ),
        STEP,
    ),
    (training_loss, TRAIN),
    (greedy, GREEDY),
    (_recursion(end=lambda found: found / len(found)), MEAN),
    (_recursion(end=lambda found: found.mean()), "the hypergradient has shape ()"),
    (_recursion(carry=lambda tr, ws, t, s, rates: product(tr, ws[t], t, s)), "✘ several steps"),
    (
        _recursion(carry=lambda tr, ws, t, s, rates: -rates[t] * product(tr, ws[t], t, s)),
        "✘ several steps",
    ),
    (
        _recursion(carry=lambda tr, ws, t, s, rates: rates[t] * product(tr, ws[-1], t, s)),
        "✘ several steps where the curvature changes",
    ),
    (
        _recursion(begin=lambda train, valid, ws: grad(valid)(ws[0])),
        "✘ a single step",
    ),
    (one_batch, STEP),
    (next_batch, "train_loss(theta, t): t is 1, expected 0 to 0"),
    (first_rate, "✘ several steps on quadratics"),
    (reversed_order, "that is the last step's first"),
    (log_rates, "✘ a single step"),
    (steps_in_place, CHANGED),
    (wants_gradients, "requires_grad is another one"),
    (with_graph, "required no gradient, and the answer does"),
    (listed, "of type list, expected a tensor"),
    (_recursion(end=lambda found: None), "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [unrolled, as_a_function, backwards, forwards, by_differences]
POINTLESS = (lambda theta, train_loss, valid_loss, rates: torch.zeros_like(rates),)
EQUIVALENT = {
    "line 4: 0 -> -1": "torch.autograd.grad of one input gives a tuple with one entry: first and "
    "last are the same"
}
PARTICULAR = {
    HESSIAN: {
        "several steps on quadratics",
        "several steps where the curvature changes",
        "a network, beside differences",
    },
    "required no gradient, and": {"theta and rates stay as they are"},
}
