"""Rewards, limits and fronts, each against what their definition says by loops."""

import math

import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware.latency_search import (
    best_within,
    device_front,
    latency_reward,
    within,
    worst_latency,
)


def points(n: int = 60, devices: int = 3, seed: int = 0):
    """Accuracies and latencies with many ties."""
    rng = make_rng(seed)
    accuracy = torch.randint(1, 6, (n,), generator=rng) / 6
    return accuracy, torch.randint(1, 6, (n, devices), generator=rng).float()


def test_reward_is_the_formula_number_by_number():
    accuracy, latency = points(devices=1)
    said = latency_reward(accuracy, latency[:, 0], target=2.5, exponent=-0.3)
    for a, t, r in zip(accuracy, latency[:, 0], said, strict=True):
        assert math.isclose(r, float(a) * math.exp(-0.3 * math.log(float(t) / 2.5)), rel_tol=1e-6)


def test_at_the_target_the_reward_is_the_accuracy():
    accuracy = torch.tensor([0.2, 0.9])
    assert torch.equal(latency_reward(accuracy, torch.full((2,), 7.0), target=7.0), accuracy)


def test_reward_falls_with_latency_and_does_not_know_the_unit():
    accuracy, latency = torch.full((5,), 0.8), torch.linspace(1, 9, 5)
    said = latency_reward(accuracy, latency, target=3.0)
    assert (said.diff() < 0).all()
    assert torch.allclose(said, latency_reward(accuracy, 1000 * latency, target=3000.0))
    twice = latency_reward(accuracy, 2 * latency, target=3.0) / said
    assert torch.allclose(twice, torch.tensor(0.95), atol=0.004)  # the paper: 5 %


def test_seconds_against_milliseconds_is_said():
    latency = torch.tensor([0.002, 0.003])
    with pytest.raises(ValueError, match="in one unit"):
        latency_reward(torch.ones(2), latency, target=2.5)
    with pytest.raises(ValueError, match="in one unit"):
        within(latency[:, None], torch.tensor([2.5]))
    with pytest.raises(ValueError, match="must be positive"):
        latency_reward(torch.ones(2), torch.tensor([0.0, 1.0]), target=2.5)
    with pytest.raises(ValueError, match="one latency per accuracy"):
        latency_reward(torch.ones(2), torch.ones(2, 1), target=2.5)


def test_within_means_every_device():
    _, latency = points()
    limits = torch.tensor([2.0, 4.0, 3.0])
    kept = [all(t <= limit for t, limit in zip(row, limits, strict=True)) for row in latency]
    assert within(latency, limits).tolist() == kept
    assert (worst_latency(latency, limits) <= 1).tolist() == kept
    with pytest.raises(ValueError, match="one limit per device"):
        within(latency, limits[:2])


def test_worst_latency_is_a_share_of_the_limit():
    said = worst_latency(torch.tensor([[1.0, 9.0], [4.0, 3.0]]), torch.tensor([2.0, 10.0]))
    assert torch.allclose(said, torch.tensor([0.9, 2.0]))


def test_front_by_its_definition():
    accuracy, latency = points()

    def beats(i, j):
        one, other = (-accuracy[i], *latency[i]), (-accuracy[j], *latency[j])
        pairs = list(zip(one, other, strict=True))
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

    indices = range(len(accuracy))
    front = [not any(beats(i, j) for i in indices) for j in indices]
    assert device_front(accuracy, latency).tolist() == front
    assert 0 < sum(front) < len(front)


def test_equal_points_all_stay_and_order_does_not_matter():
    accuracy, latency = points(400)
    front = device_front(accuracy, latency)
    order = torch.randperm(400, generator=make_rng(1))
    assert torch.equal(device_front(accuracy[order], latency[order]), front[order])
    twice = device_front(accuracy.repeat(2), latency.repeat(2, 1))
    assert torch.equal(twice, front.repeat(2))


def test_nan_has_no_place():
    with pytest.raises(ValueError, match="NaN"):
        device_front(torch.tensor([torch.nan]), torch.ones(1, 2))
    with pytest.raises(ValueError, match="accuracies"):
        device_front(torch.ones(3), torch.ones(2, 2))


def test_each_device_gets_its_own_best():
    accuracy, latency = torch.rand(60, generator=make_rng(2)), points()[1]
    limits = torch.tensor([1.0, 3.0, 5.0])
    for device, chosen in enumerate(best_within(accuracy, latency, limits).tolist()):
        fitting = [i for i in range(60) if latency[i, device] <= limits[device]]
        assert chosen == max(fitting, key=lambda i: accuracy[i])


def test_a_limit_that_nobody_keeps_is_named_with_the_fastest():
    accuracy, latency = points()
    with pytest.raises(ValueError, match=r"limit 0\.5 of device 1: the fastest takes 1"):
        best_within(accuracy, latency, torch.tensor([2.0, 0.5, 3.0]))
