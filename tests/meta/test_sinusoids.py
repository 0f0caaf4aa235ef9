"""MAML's sinusoids, and the network that learns them."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn

from course_lib.core import make_rng
from course_lib.meta.sinusoids import regressor, sinusoid_tasks


def test_every_task_is_a_sinusoid_of_the_papers_range():
    """a sin(x - p) is linear in (sin x, cos x): least squares finds both from ten points."""
    tasks = sinusoid_tasks(make_rng(0), tasks=2000, shots=4, queries=6)
    x, y = (
        torch.cat([tasks.support_x, tasks.query_x], 1),
        torch.cat([tasks.support_y, tasks.query_y], 1),
    )
    solved = torch.linalg.lstsq(torch.cat([x.sin(), x.cos()], 2).double(), y.double()).solution
    sine, cosine = solved[:, 0, 0], solved[:, 1, 0]
    amplitude, phase = torch.hypot(sine, cosine), torch.atan2(-cosine, sine)
    for values, low, high in ((amplitude, 0.1, 5), (phase, 0, math.pi), (x, -5, 5)):
        assert low - 1e-3 <= values.min() < low + 0.02 * (high - low)
        assert high + 1e-3 >= values.max() > high - 0.02 * (high - low)


def test_the_zero_answer_costs_what_an_integral_says():
    """E[a^2] E[sin^2(x - p)], where p runs through a whole period of the square: 1/2."""
    mean_square = (5**3 - 0.1**3) / 3 / 4.9
    y = sinusoid_tasks(make_rng(1), tasks=200_000, shots=1, queries=1).query_y
    assert y.square().mean().item() == pytest.approx(mean_square / 2, rel=0.01)


def test_tasks_have_the_sizes_asked_for_and_are_drawn_from_the_rng():
    one, same, other = (sinusoid_tasks(make_rng(seed), shots=3, queries=7) for seed in (0, 0, 1))
    assert [tuple(part.shape) for part in one] == [(25, 3, 1)] * 2 + [(25, 7, 1)] * 2
    assert torch.equal(one.query_y, same.query_y)
    assert not torch.equal(one.query_y, other.query_y)


@pytest.mark.parametrize("name", ["tasks", "shots", "queries"])
def test_nothing_to_learn_from_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        sinusoid_tasks(make_rng(0), **{name: 0})


@pytest.mark.parametrize("hidden", [(), (5,), (40, 40)])
def test_the_network_is_torchs_own(hidden):
    theta, predict = regressor(make_rng(0), hidden=hidden)
    widths, layers = (1, *hidden, 1), []
    names = [*(f"layer{number + 1}" for number in range(len(hidden))), "head"]
    for name, (width, then) in zip(names, pairwise(widths), strict=True):
        linear = nn.Linear(width, then)
        for part, ours in (("weight", theta[f"{name}.weight"].T), ("bias", theta[f"{name}.bias"])):
            theirs = getattr(linear, part)
            assert ours.shape == theirs.shape
            assert ours.abs().max() <= width**-0.5
            theirs.data.copy_(ours)
        layers += [linear, nn.ReLU()]
    x = torch.linspace(-5, 5, 9)[:, None]
    torch.testing.assert_close(predict(theta, x), nn.Sequential(*layers[:-1])(x))
