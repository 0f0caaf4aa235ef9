"""Answers to `reptile_step`."""

import copy

import torch
from torch.func import grad

from course_lib.meta import maml


def by_ends(theta, task_losses, *, lr, steps, step_size):
    """Right: all ends, then their mean."""
    ends = []
    for loss in task_losses:
        phi = theta
        for _ in range(steps):
            slopes = grad(loss)(phi)
            phi = {name: value - lr * slopes[name] for name, value in phi.items()}
        ends.append(phi)
    means = {name: torch.stack([phi[name] for phi in ends]).mean(0) for name in theta}
    return {name: value + step_size * (means[name] - value) for name, value in theta.items()}


def by_sgd(theta, task_losses, *, lr, steps, step_size):
    """Right: torch.optim on copies, backward into their own .grad."""
    moved = {name: torch.zeros_like(value) for name, value in theta.items()}
    for loss in task_losses:
        phi = {name: value.clone().requires_grad_() for name, value in theta.items()}
        optimizer = torch.optim.SGD(phi.values(), lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            loss(phi).backward()
            optimizer.step()
        for name in theta:
            moved[name] += (phi[name].detach() - theta[name]) / len(task_losses)
    return {name: value + step_size * moved[name] for name, value in theta.items()}


def by_slopes(theta, task_losses, *, lr, steps, step_size):
    """Right: the sum of the gradients that were met, times lr."""
    total = {name: torch.zeros_like(value) for name, value in theta.items()}
    for loss in task_losses:
        phi = copy.deepcopy(theta)
        for _ in range(steps):
            leaves = {name: value.detach().requires_grad_() for name, value in phi.items()}
            slopes = torch.autograd.grad(loss(leaves), list(leaves.values()))
            for (name, value), slope in zip(leaves.items(), slopes, strict=True):
                phi[name] = value.detach() - lr * slope
                total[name] = total[name] + slope
    share = step_size * lr / len(task_losses)
    return {name: value - share * total[name] for name, value in theta.items()}


def _step(
    begin=lambda theta, last: theta,
    slopes=lambda loss, phi, theta: grad(loss)(phi),
    after=lambda value, slope, lr: value - lr * slope,
    rounds=lambda steps: range(steps),
    move=lambda value, ends, step_size, lr: value + step_size * (ends.mean(0) - value),
    answer=lambda theta: theta,
):
    """A right step unless a part is exchanged."""

    def reptile_step(theta, task_losses, *, lr, steps, step_size):
        ends, phi = [], theta
        for loss in task_losses:
            phi = begin(theta, phi)
            for _ in rounds(steps):
                found = slopes(loss, phi, theta)
                phi = {name: after(value, found[name], lr) for name, value in phi.items()}
            ends.append(phi)
        return answer(
            {
                name: move(value, torch.stack([phi[name] for phi in ends]), step_size, lr)
                for name, value in theta.items()
            }
        )

    return reptile_step


def one_after_the_other(theta, task_losses, *, lr, steps, step_size):
    """theta moves after every task: the serial algorithm, not the batch's."""
    for loss in task_losses:
        theta = by_ends(theta, [loss], lr=lr, steps=steps, step_size=step_size)
    return theta


def in_place(theta, task_losses, *, lr, steps, step_size):
    found = by_ends(theta, task_losses, lr=lr, steps=steps, step_size=step_size)
    for name, value in theta.items():
        value.copy_(found[name])
    return theta


def into_callers_dict(theta, task_losses, *, lr, steps, step_size):
    theta.update(by_ends(theta, task_losses, lr=lr, steps=steps, step_size=step_size))
    return theta


def wants_gradients(theta, task_losses, *, lr, steps, step_size):
    """Right numbers, and theta requires a gradient afterwards."""
    for value in theta.values():
        value.requires_grad_()
    found = by_ends(theta, task_losses, lr=lr, steps=steps, step_size=step_size)
    return {name: value.detach() for name, value in found.items()}


def with_graph(theta, task_losses, *, lr, steps, step_size):
    leaves = {name: value.detach().clone().requires_grad_() for name, value in theta.items()}
    return by_ends(leaves, task_losses, lr=lr, steps=steps, step_size=step_size)


def the_same_copy(theta, task_losses, *, lr, steps, step_size):
    """One copy for all tasks, changed in place: .clone() is missing."""
    phi = {name: value.clone() for name, value in theta.items()}
    moved = {name: torch.zeros_like(value) for name, value in theta.items()}
    for loss in task_losses:
        for _ in range(steps):
            slopes = grad(loss)(phi)
            for name in phi:
                phi[name] = phi[name] - lr * slopes[name]
        for name in theta:
            moved[name] += (phi[name] - theta[name]) / len(task_losses)
    return {name: value + step_size * moved[name] for name, value in theta.items()}


def by_sgd_forgets_zero_grad(theta, task_losses, *, lr, steps, step_size):
    moved = {name: torch.zeros_like(value) for name, value in theta.items()}
    for loss in task_losses:
        phi = {name: value.clone().requires_grad_() for name, value in theta.items()}
        optimizer = torch.optim.SGD(phi.values(), lr=lr)
        for _ in range(steps):
            loss(phi).backward()
            optimizer.step()
        for name in theta:
            moved[name] += (phi[name].detach() - theta[name]) / len(task_losses)
    return {name: value + step_size * moved[name] for name, value in theta.items()}


def empties(theta, task_losses, *, lr, steps, step_size):
    found = by_ends(theta, list(task_losses), lr=lr, steps=steps, step_size=step_size)
    task_losses.clear()
    return found


def calls_library(theta, task_losses, *, lr, steps, step_size):
    from course_lib.meta import reptile

    return reptile.reptile_step(theta, task_losses, lr=lr, steps=steps, step_size=step_size)


def calls_inner_loop(theta, task_losses, *, lr, steps, step_size):
    """Right: exercise 2's loop, here the library's, does the steps."""
    ends = [maml.inner_loop(theta, loss, lr=lr, steps=steps) for loss in task_losses]
    return {
        name: value + step_size * sum(phi[name] - value for phi in ends) / len(ends)
        for name, value in theta.items()
    }


AWAY = "the step leads away from where the tasks end"
ONE_STEP = "only one inner step is taken"
AT_THETA = "always taken at theta"
SUM = "the differences are summed instead of averaged"
NEXT = "the next task starts where the last one ended"
TWICE = "the rate lr comes in twice, or is divided out"
GRAPH = "the answer carries a graph"
CHANGED = "the function changes its arguments"
ONE = "✘ one task: towards where its steps end"
SEVERAL = "✘ several tasks: the mean of where they end"
WRONG = [
    (_step(move=lambda v, ends, size, lr: v - size * (ends.mean(0) - v)), AWAY),
    (_step(rounds=lambda steps: range(1)), ONE_STEP),
    (_step(slopes=lambda loss, phi, theta: grad(loss)(theta)), AT_THETA),
    (_step(move=lambda v, ends, size, lr: v + size * (ends - v).sum(0)), SUM),
    (_step(begin=lambda theta, last: last), NEXT),
    (the_same_copy, NEXT),
    (_step(move=lambda v, ends, size, lr: v + size / lr * (ends.mean(0) - v) if lr else v), TWICE),
    (_step(move=lambda v, ends, size, lr: v + size * lr * (ends.mean(0) - v)), TWICE),
    (with_graph, GRAPH),
    (in_place, CHANGED),
    (into_callers_dict, CHANGED),
    (wants_gradients, "requires_grad is another one"),
    (empties, CHANGED),
    (one_after_the_other, SEVERAL),
    (_step(move=lambda v, ends, size, lr: v + size * (ends[-1] - v)), SEVERAL),
    (_step(move=lambda v, ends, size, lr: v + size * (ends.median(0)[0] - v)), SEVERAL),
    (_step(move=lambda v, ends, size, lr: v + min(size, 1) * (ends.mean(0) - v)), "size = 1.5"),
    (_step(move=lambda v, ends, size, lr: ends.mean(0)), ONE),
    (_step(move=lambda v, ends, size, lr: size * ends.mean(0)), ONE),
    (_step(move=lambda v, ends, size, lr: size * (ends.mean(0) - v)), ONE),
    (_step(move=lambda v, ends, size, lr: size * v + (1 - size) * ends.mean(0)), "step_size = 1"),
    (_step(move=lambda v, ends, size, lr: ends.mean(0) + size * (ends.mean(0) - v)), ONE),
    (_step(after=lambda v, slope, lr: v + lr * slope), "✘"),
    (_step(rounds=lambda steps: range(steps - 1)), ONE),
    (_step(rounds=lambda steps: range(steps + 1)), ONE),
    (by_sgd_forgets_zero_grad, ONE),
    (_step(answer=lambda theta: None), "`return` missing"),
    (_step(answer=lambda theta: list(theta.values())), "expected a dictionary like theta"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_ends, by_sgd, by_slopes, calls_inner_loop]
POINTLESS = (lambda theta, task_losses, *, lr, steps, step_size: dict(theta),)
PARTICULAR = {
    NEXT: {
        "several tasks: the mean of where they end",
        "step_size says how far",
        "a network, beside torch.optim.SGD",
    },
    GRAPH: {"theta stays, and no graph is left"},
}
