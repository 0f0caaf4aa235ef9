"""Answers to `inner_loop`."""

import copy

import torch
from torch.func import grad

from course_lib.meta import maml


def by_func(theta, support_loss, *, lr, steps):
    """Right: torch.func.grad."""
    phi = theta
    for _ in range(steps):
        slopes = grad(support_loss)(phi)
        phi = {name: value - lr * slopes[name] for name, value in phi.items()}
    return phi


def by_autograd(theta, support_loss, *, lr, steps):
    """Right: double backward, clones that stay in the graph, gradients one by one."""
    phi = {name: value.clone() for name, value in theta.items()}
    for _ in range(steps):
        loss = support_loss(phi)
        slopes = {
            name: torch.autograd.grad(
                loss, value, create_graph=True, allow_unused=True, retain_graph=True
            )[0]
            for name, value in phi.items()
        }
        phi = {n: v if slopes[n] is None else v.sub(slopes[n], alpha=lr) for n, v in phi.items()}
    return phi


def by_recursion(theta, support_loss, *, lr, steps):
    """Right: the rest of the steps from where the first one ends."""
    if steps == 0:
        return theta
    slopes = torch.autograd.grad(
        support_loss(theta), list(theta.values()), create_graph=True, materialize_grads=True
    )
    after = {n: v - lr * s for (n, v), s in zip(theta.items(), slopes, strict=True)}
    return by_recursion(after, support_loss, lr=lr, steps=steps - 1)


def by_rows(theta, support_loss, *, lr, steps):
    """Right: all parameters in a row."""
    shapes = {name: value.shape for name, value in theta.items()}
    row = torch.cat([value.flatten() for value in theta.values()])

    def unpacked(row):
        parts = row.split([shape.numel() for shape in shapes.values()])
        return {n: p.view(s) for p, (n, s) in zip(parts, shapes.items(), strict=True)}

    for _ in range(steps):
        (slope,) = torch.autograd.grad(support_loss(unpacked(row)), row, create_graph=True)
        row = row - lr * slope
    return unpacked(row)


def _loop(
    begin=lambda theta: theta,
    slopes=lambda loss, phi, theta, k, steps: grad(loss)(phi),
    after=lambda phi, slopes, lr: {n: v - lr * slopes[n] for n, v in phi.items()},
    rounds=lambda steps: range(steps),
    end=lambda phi: phi,
):
    """A right loop unless a part is exchanged."""

    def inner_loop(theta, support_loss, *, lr, steps):
        phi = begin(theta)
        for k in rounds(steps):
            phi = after(phi, slopes(support_loss, phi, theta, k, steps), lr)
        return end(phi)

    return inner_loop


def tuple_of(loss, phi, graph):
    found = torch.autograd.grad(
        loss(phi), list(phi.values()), create_graph=graph, materialize_grads=True
    )
    return dict(zip(phi, found, strict=True))


def unused_forgotten(loss, phi, theta, k, steps):
    found = torch.autograd.grad(loss(phi), list(phi.values()), create_graph=True)
    return dict(zip(phi, found, strict=True))


def fresh(theta):
    return {name: value.detach().clone().requires_grad_() for name, value in theta.items()}


def in_place(theta, support_loss, *, lr, steps):
    for _ in range(steps):
        slopes = tuple_of(support_loss, theta, True)
        with torch.no_grad():
            for name, value in theta.items():
                value -= lr * slopes[name]
    return theta


def in_callers_dict(theta, support_loss, *, lr, steps):
    for _ in range(steps):
        slopes = grad(support_loss)(theta)
        for name in theta:
            theta[name] = theta[name] - lr * slopes[name]
    return theta


def one_name_after_the_other(theta, support_loss, *, lr, steps):
    """The second parameter's gradient is taken where the first one has moved already."""
    phi = dict(theta)
    for _ in range(steps):
        for name in phi:
            phi[name] = phi[name] - lr * grad(support_loss)(phi)[name]
    return phi


def backward(theta, support_loss, *, lr, steps):
    phi = theta
    for _ in range(steps):
        for value in phi.values():
            value.retain_grad()
            value.grad = None
        support_loss(phi).backward()
        phi = {name: value - lr * value.grad for name, value in phi.items()}
    return phi


def backward_with_graph(theta, support_loss, *, lr, steps):
    phi = {name: value.clone() for name, value in theta.items()}
    for _ in range(steps):
        for value in phi.values():
            value.retain_grad()
        support_loss(phi).backward(create_graph=True)
        phi = {name: v if v.grad is None else v - lr * v.grad for name, v in phi.items()}
    return phi


def by_sgd(theta, support_loss, *, lr, steps):
    """torch.optim works on copies."""
    phi = fresh(theta)
    optimizer = torch.optim.SGD(phi.values(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        support_loss(phi).backward()
        optimizer.step()
    return phi


def straight(theta, support_loss, *, lr, steps):
    """First order, by a detached difference."""
    phi = by_sgd(theta, support_loss, lr=lr, steps=steps)
    return {n: v + (phi[n] - v).detach() for n, v in theta.items()}


def normalised(phi, slopes, lr):
    length = torch.cat([s.flatten() for s in slopes.values()]).norm()
    return {n: v - lr * slopes[n] / length for n, v in phi.items()}


def momentum(theta, support_loss, *, lr, steps):
    phi, speed = theta, None
    for _ in range(steps):
        slopes = grad(support_loss)(phi)
        speed = slopes if speed is None else {n: 0.9 * speed[n] + slopes[n] for n in slopes}
        phi = {n: v - lr * speed[n] for n, v in phi.items()}
    return phi


def half_in_place(theta, support_loss, *, lr, steps):
    """phi's clones are changed in place: the graph of the loss is spoilt."""
    phi = {name: value.clone() for name, value in theta.items()}
    for _ in range(steps):
        slopes = tuple_of(support_loss, phi, True)
        for name, value in phi.items():
            value -= lr * slopes[name]
    return phi


def calls_library(theta, support_loss, *, lr, steps):
    return maml.inner_loop(theta, support_loss, lr=lr, steps=steps)


UPHILL = "the steps go uphill"
ONE_STEP = "only one step is taken"
AT_THETA = "always taken at theta"
FIRST_ORDER = "this is first order"
ONE_OF_THEM = "only one of the steps is differentiated"
COPY = "a copy of theta cuts the graph"
CHANGED = "the function changes its arguments"
WRONG = [
    (_loop(after=lambda phi, s, lr: {n: v + lr * s[n] for n, v in phi.items()}), UPHILL),
    (_loop(rounds=lambda steps: range(1)), ONE_STEP),
    (_loop(slopes=lambda loss, phi, theta, k, steps: grad(loss)(theta)), AT_THETA),
    (_loop(slopes=lambda loss, phi, theta, k, steps: tuple_of(loss, phi, False)), FIRST_ORDER),
    (
        _loop(after=lambda phi, s, lr: {n: v - lr * s[n].detach() for n, v in phi.items()}),
        FIRST_ORDER,
    ),
    (straight, FIRST_ORDER),
    *(
        (_loop(slopes=lambda f, p, th, k, n, kept=kept: tuple_of(f, p, kept(k, n))), ONE_OF_THEM)
        for kept in (lambda k, n: k == 0, lambda k, n: k == n - 1, lambda k, n: k < n - 1)
    ),
    (_loop(begin=fresh), COPY),
    (_loop(begin=copy.deepcopy), COPY),
    (_loop(end=fresh), COPY),
    (_loop(after=lambda phi, s, lr: fresh({n: v - lr * s[n] for n, v in phi.items()})), COPY),
    (_loop(end=lambda phi: {n: v.detach() for n, v in phi.items()}), COPY),
    (by_sgd, COPY),
    (in_callers_dict, CHANGED),
    (in_place, CHANGED),
    (one_name_after_the_other, "phi is [..., "),
    (backward, "accumulated into .grad"),
    (backward_with_graph, "accumulated into .grad"),
    (half_in_place, "at the gradient of phi, Python says"),
    (_loop(slopes=unused_forgotten), "⚠ what the loss does not use stays"),
    (_loop(after=normalised), "✘ one step, by hand"),
    (_loop(after=lambda p, s, lr: {n: p[n] - lr * s[n].clamp(-10, 10) for n in p}), "3, steps = 4"),
    (momentum, "✘ each step from where the last one ended"),
    (_loop(rounds=lambda steps: range(steps - 1)), "✘ one step, by hand"),
    (_loop(rounds=lambda steps: range(steps + 1)), "✘ one step, by hand"),
    (_loop(end=lambda phi: None), "`return` missing"),
    (_loop(end=lambda phi: list(phi.values())), "expected a dictionary like theta"),
    (_loop(end=lambda phi: {"weight": phi["weight"]} if "weight" in phi else {}), "expected those"),
    (lambda theta, loss, *, lr, steps: grad(loss)(theta), "✘ one step, by hand"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_func, by_autograd, by_recursion, by_rows]
POINTLESS = (lambda theta, support_loss, *, lr, steps: dict(theta),)
PARTICULAR = {
    CHANGED: {"theta stays as it is"},
    FIRST_ORDER: {"differentiated through every step", "a network, beside differences"},
    AT_THETA: {
        "each step from where the last one ended",
        "differentiated through every step",
        "a network, beside differences",
        "what the loss does not use stays",
    },
}
