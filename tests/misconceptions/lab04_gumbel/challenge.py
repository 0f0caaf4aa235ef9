"""Estimators for lab 04's challenge: those that must not reach the threshold, and those that do."""

import torch
from torch import Generator, Tensor


def _draw(logits: Tensor, rng: Generator, count: int) -> tuple[Tensor, Tensor]:
    p = logits.softmax(0)
    drawn = torch.multinomial(p, count, replacement=True, generator=rng)
    return torch.nn.functional.one_hot(drawn, len(p)).to(p), p


def _noise(shape: tuple[int, ...], rng: Generator) -> Tensor:
    return -torch.empty(shape).exponential_(generator=rng).log()


def plain_reinforce(f, logits, rng, evaluations):
    z, p = _draw(logits, rng, evaluations)
    return (f(z)[:, None] * (z - p)).mean(0)


def nothing(f, logits, rng, evaluations):
    return torch.zeros_like(logits)


def shrunken_reinforce(f, logits, rng, evaluations):
    return 0.4 * plain_reinforce(f, logits, rng, evaluations)


def mean_of_half_as_baseline(f, logits, rng, evaluations):
    """Half of the evaluations are spent on a baseline alone."""
    z, p = _draw(logits, rng, evaluations)
    costs, half = f(z), evaluations // 2
    return ((costs[half:] - costs[:half].mean())[:, None] * (z[half:] - p)).mean(0)


def relaxed(tau):
    def estimate(f, logits, rng, evaluations):
        at = logits.expand(evaluations, -1).clone().requires_grad_()
        y = ((at + _noise(at.shape, rng)) / tau).softmax(-1)
        return torch.autograd.grad(f(y).sum(), at)[0].mean(0)

    return estimate


def plain_straight_through(tau):
    def estimate(f, logits, rng, evaluations):
        at = logits.expand(evaluations, -1).clone().requires_grad_()
        y = ((at + _noise(at.shape, rng)) / tau).softmax(-1)
        hard = torch.nn.functional.one_hot(y.argmax(-1), len(logits)) + y - y.detach()
        return torch.autograd.grad(f(hard).sum(), at)[0].mean(0)

    return estimate


def too_many(f, logits, rng, evaluations):
    costs = f(torch.eye(len(logits)))
    p = logits.softmax(0)
    return p * (costs - p @ costs)


def leave_one_out(f, logits, rng, evaluations):
    """Right: the baseline of each draw is the mean of the others (Kool et al. 2019)."""
    z, p = _draw(logits, rng, evaluations)
    costs = f(z)
    others = (costs.sum() - costs) / (evaluations - 1)
    return ((costs - others)[:, None] * (z - p)).mean(0)


def sum_and_sample(f, logits, rng, evaluations):
    """Right: the likeliest choices exactly, the rest by draws (Liu et al. 2019)."""
    p = logits.softmax(0)
    top = p.topk(evaluations - 3).indices
    rest = p.clone()
    rest[top] = 0
    drawn = torch.multinomial(rest, 3, replacement=False, generator=rng)
    eye = torch.eye(len(p))
    costs = f(eye[torch.cat([top, drawn])])
    level = (p[top] @ costs[: len(top)]) / p[top].sum()
    exact = ((p[top] * (costs[: len(top)] - level))[:, None] * (eye[top] - p)).sum(0)
    sampled = ((costs[len(top) :] - level)[:, None] * (eye[drawn] - p)).mean(0)
    return exact + rest.sum() * sampled


def likeliest_only(f, logits, rng, evaluations):
    """Right by the criterion: exact on the likeliest choices, the rest held at their mean."""
    p = logits.softmax(0)
    top = p.topk(evaluations).indices
    costs = f(torch.eye(len(p))[top])
    level = (p[top] @ costs) / p[top].sum()
    filled = torch.full_like(p, float(level))
    filled[top] = costs
    return p * (filled - p @ filled)


BELOW = {
    "plain REINFORCE": plain_reinforce,
    "REINFORCE times 0.4": shrunken_reinforce,
    "half the draws as a baseline": mean_of_half_as_baseline,
    "relaxed, tau 0.1": relaxed(0.1),
    "relaxed, tau 0.5": relaxed(0.5),
    "relaxed, tau 1": relaxed(1.0),
    "straight-through, tau 0.1": plain_straight_through(0.1),
    "straight-through, tau 0.5": plain_straight_through(0.5),
    "straight-through, tau 1": plain_straight_through(1.0),
    "straight-through, tau 3": plain_straight_through(3.0),
    "zero": nothing,
}
REACH = {
    "leave-one-out baseline": leave_one_out,
    "sum and sample": sum_and_sample,
    "likeliest only": likeliest_only,
}
